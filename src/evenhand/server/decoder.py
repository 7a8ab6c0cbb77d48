"""Make the decoder of images by the settings."""

from evenhand.content.decoding import Decoder
from evenhand.settings import Settings


def build_decoder(settings: Settings) -> Decoder:
    """Return a decoder with the limits that `settings` name.

    Raises:
        ConfigurationError: `image.not_installed`.
    """
    return Decoder(workers=settings.decode_workers, max_bytes=settings.max_image_bytes, seconds=settings.decode_seconds)

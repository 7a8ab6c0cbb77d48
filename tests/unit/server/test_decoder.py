import pytest

from evenhand.core.content import ImageFile
from evenhand.core.errors import TooLargeError
from evenhand.server.decoder import build_decoder
from evenhand.settings import Settings


def test_the_limits_are_those_of_the_settings():
    with build_decoder(Settings(max_image_bytes=3)) as decoder, pytest.raises(TooLargeError) as caught:
        decoder.decode(ImageFile(b"1234"))
    assert caught.value.code == "image.too_large"

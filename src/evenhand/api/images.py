"""Images as clients send them in JSON: base64, `data:` URLs, and addresses where the operator lets them be fetched."""

import binascii
import re
from collections.abc import Callable
from typing import Final

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError

#: Fetches the image at an address; the field is named in errors.
Fetch = Callable[..., ImageFile]

_DATA_URL: Final = re.compile(
    r"data:([\w.+-]+/[\w.+-]+|)((?:;[\w.+-]+=[\w.+-]+)*)(;base64)?,", re.ASCII | re.IGNORECASE
)


def image_from_base64(data: str, *, field: str, media_type: str = "") -> ImageFile:
    """Return the image that `data` holds.

    Raises:
        InputError: `image.base64`.
    """
    try:
        # Line ends are common in base64; anything else that is foreign is a mistake, and not to be skipped.
        return ImageFile(binascii.a2b_base64("".join(data.split()).encode("ascii"), strict_mode=True), media_type)
    except (ValueError, UnicodeEncodeError):
        raise InputError(
            "image.base64",
            "The image is not base64.",
            field=field,
            remedy="Send the whole file in base64, or a `data:` URL.",
        ) from None


def image_from_url(url: str, *, field: str, fetch: Fetch | None) -> ImageFile:
    """Return the image that a `data:` URL holds, or the one at an address.

    Args:
        url: The URL.
        field: Where the caller gave it.
        fetch: Fetches from an address; none where the operator does not allow it.

    Raises:
        InputError: `image.base64`, `image.data_url`, `image.url_refused`, or as `content.fetch.Fetcher.fetch`.
        TooLargeError: As there.
    """
    if url[:5].lower() == "data:":
        head = _DATA_URL.match(url)
        if head is None or not head[3]:
            raise InputError(
                "image.data_url",
                "The `data:` URL is not one of base64.",
                field=field,
                remedy="Send `data:image/png;base64,` and the file.",
            )
        return image_from_base64(url[head.end() :], field=field, media_type=head[1].lower())
    if fetch is None:
        raise InputError(
            "image.url_refused",
            "This server does not fetch images from addresses.",
            field=field,
            remedy="Send the image itself in base64, or ask the operator to set image_urls to `fetch`.",
        )
    return fetch(url, field=field)

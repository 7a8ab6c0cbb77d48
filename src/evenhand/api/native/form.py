"""A form with files, as browsers and `curl -F` send it: the same fields as in JSON, and `images` as files."""

from typing import Final

from starlette.requests import Request

from evenhand.api.body import convert_fields
from evenhand.api.native.schema import ScreenOne
from evenhand.core.content import ImageFile
from evenhand.service.form import read_multipart

#: Fields that may come several times.
_SEVERAL: Final = ("context", "languages")


async def read_form(request: Request) -> tuple[ScreenOne, tuple[ImageFile, ...]]:
    """Return what the form asks for, and its images.

    Raises:
        InputError: As `service.form.read_multipart`, `field.missing` or `field.invalid`.
        TooLargeError: The body is over the server's limit.
    """
    fields, images = await read_multipart(request)
    values = {name: found if name in _SEVERAL or len(found) > 1 else found[0] for name, found in fields.items()}
    if images:
        values.setdefault("text", "")
    return convert_fields(values, ScreenOne), images

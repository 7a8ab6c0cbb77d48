"""Forms with files, read into memory: no picture touches the disk, since nothing is kept that nobody asked to keep."""

from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError

#: The field whose files are images.
IMAGES: Final = "images"
_MOST_PARTS: Final = 100
_LARGEST_FIELD: Final = 1_048_576


class _InMemory(MultiPartParser):
    spool_max_size = 2**31


def is_multipart(request: Request) -> bool:
    """Return whether the body is a form with files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def read_multipart(request: Request) -> tuple[dict[str, list[str]], tuple[ImageFile, ...]]:
    """Return the fields of a form, each with everything given for it, and its images.

    A file field in which nothing was chosen is no image.

    Raises:
        InputError: `form.invalid`, `field.unknown` for a file in another field, or `body.incomplete`.
        TooLargeError: The body is over the server's limit.
    """
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=_MOST_PARTS,
        max_fields=_MOST_PARTS,
        max_part_size=_LARGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InputError(
            "form.invalid", f"The form cannot be read: {error.message}", remedy="Send it as `curl -F` does."
        ) from None
    except ClientDisconnect:
        raise InputError("body.incomplete", "The connection ended before the whole body had arrived.") from None
    try:
        return await _read(form)
    finally:
        await form.close()


async def _read(form: FormData) -> tuple[dict[str, list[str]], tuple[ImageFile, ...]]:
    fields: dict[str, list[str]] = {}
    images = []
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            fields.setdefault(name, []).append(value)
        elif name != IMAGES:
            raise InputError("field.unknown", "No file belongs here.", field=name[:200], remedy="Send it as images.")
        elif value.filename or value.size:
            images.append(ImageFile(await value.read(), value.content_type or ""))
    return fields, tuple(images)

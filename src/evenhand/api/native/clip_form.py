"""A form with a clip, written to disk as it comes in: a clip may be larger than memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request

from evenhand.api.body import convert_fields
from evenhand.api.native.job_schema import JobForm
from evenhand.core.content import ClipFile
from evenhand.core.errors import InputError
from evenhand.jobs.spool import Incoming
from evenhand.service.form import read_form

#: Fields that may come several times.
_SEVERAL: Final = ("languages",)
_MOST_FIELDS: Final = 50
_LARGEST_FIELD: Final = 65_536


async def read_clip_form(request: Request, incoming: Incoming) -> tuple[JobForm, ClipFile | None]:
    """Return what the form asks for, and its clip, which is then in `incoming`; none if it has none.

    Raises:
        InputError: `form.invalid`, `field.unknown`, `field.missing`, `field.invalid` or `body.incomplete`.
        TooLargeError: `clip.too_large`, or the body is over the server's limit.
        StoreError: `spool.full` or `spool.unavailable`.
    """

    async def open_clip(_: Mapping[str, Sequence[str]]) -> Incoming:
        return incoming

    form = await read_form(
        request,
        open_clip=open_clip,
        takes_images=False,
        most_files=1,
        most_fields=_MOST_FIELDS,
        largest_field=_LARGEST_FIELD,
    )
    values: dict[str, Any] = {}
    for name, found in form.fields.items():
        if name not in _SEVERAL and len(found) > 1:
            raise InputError("field.invalid", "This field is there twice.", field=name[:200], remedy="Send it once.")
        values[name] = found if name in _SEVERAL else found[0]
    clip = ClipFile(incoming.path, form.clip.media_type) if form.clip and form.clip.size else None
    return convert_fields(values, JobForm), clip

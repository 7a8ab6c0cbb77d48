"""A form with a clip, written to disk as it comes in: a clip may be larger than memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request

from evenhand.api.body import convert_fields
from evenhand.api.native.job_schema import JobForm
from evenhand.api.native.schema import Metadata
from evenhand.core.content import ClipFile
from evenhand.core.errors import InputError
from evenhand.core.facts import FactValue
from evenhand.jobs.spool import Incoming
from evenhand.service.form import read_form

#: Fields that may come several times.
_SEVERAL: Final = ("languages",)
#: In a form, a field that is JSON.
_METADATA: Final = "metadata"
_MOST_FIELDS: Final = 50
_LARGEST_FIELD: Final = 65_536


async def read_clip_form(request: Request, incoming: Incoming) -> tuple[JobForm, ClipFile | None]:
    """Return what the form asks for, and its clip, which is then in `incoming`; none if it has none.

    Raises:
        InputError: `form.invalid`, `field.unknown`, `field.missing`, `field.invalid`, `metadata.invalid` or
            `body.incomplete`.
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
    said = values.pop(_METADATA, None)
    asked = convert_fields(values, JobForm)
    return (asked if said is None else msgspec.structs.replace(asked, metadata=_metadata(said))), clip


def _metadata(text: str) -> dict[str, FactValue]:
    """Return what is in the field `metadata`. It is JSON, so that a number is told from a text that looks like one."""
    try:
        return msgspec.json.decode(text, type=Metadata)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InputError(
            "metadata.invalid",
            "The field is no JSON object of texts, numbers and booleans.",
            field=_METADATA,
            remedy='Send it as JSON, as `curl -F \'metadata={"board": "market"}\'` does.',
        ) from None

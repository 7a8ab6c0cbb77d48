"""Read the page's form: a text with images into memory, a clip onto the disk once its key was checked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from evenhand.core.errors import InputError, TooLargeError
from evenhand.service import form as service_form
from evenhand.service.form import Form, OpenClip, Sink, is_multipart

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FIELDS_AT_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form may have beside its clip: the address that takes clips takes no other large or slow bodies.

    Args:
        most_bytes: How many bytes.
        seconds: How long it may take to arrive, until a clip begins.
    """

    most_bytes: int
    seconds: float


async def read_form(request: Request, *, limits: FormLimits, open_clip: OpenClip | None = None) -> Form:
    """Return what is in the form that `request` carries, its fields as they were typed.

    Args:
        request: Carries it.
        limits: What it may have beside its clip.
        open_clip: Says where a clip goes; none: the form has no clip.

    Raises:
        InputError: `form.type`, `form.encoding`, `form.invalid`, `body.incomplete`, `body.timeout`, or as
            `service.form.read_form`.
        TooLargeError: The body is over the server's limit.
        EvenhandError: As `open_clip`, and as what it returns.
    """
    try:
        async with asyncio.timeout(limits.seconds) as deadline:
            form = await _read(request, limits, _without_end(deadline, open_clip) if open_clip else None)
    except TimeoutError:
        raise InputError("body.timeout", "The form took too long to arrive.", remedy="Send it at once.") from None
    return replace(form, fields={name: [*map(_typed, values)] for name, values in form.fields.items()})


def field_in(fields: Mapping[str, Sequence[str]], name: str) -> str:
    """Return what was given last for a field; empty where there is nothing."""
    return fields.get(name, ("",))[-1]


def key_in(fields: Mapping[str, Sequence[str]]) -> str | None:
    """Return the key that a form was sent with."""
    return field_in(fields, "key").strip() or None


def _without_end(deadline: asyncio.Timeout, open_clip: OpenClip) -> OpenClip:
    """Return `open_clip`, after which the server's limit for clips is the only one."""

    async def opened(fields: Mapping[str, Sequence[str]]) -> Sink:
        sink = await open_clip(fields)
        deadline.reschedule(None)
        return sink

    return opened


async def _read(request: Request, limits: FormLimits, open_clip: OpenClip | None) -> Form:
    if is_multipart(request):
        return await service_form.read_form(request, open_clip=open_clip, most_bytes=limits.most_bytes)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise InputError("form.type", "This is not a form.", remedy=f"Send it as {_FORM_TYPE}.")
    body = await _read_body(request, limits.most_bytes)
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_AT_MOST, errors="strict", separator="&"
        )
    except UnicodeDecodeError:
        raise InputError("form.encoding", "The form is not valid UTF-8.", remedy="Encode it as UTF-8.") from None
    except ValueError:
        raise InputError("form.invalid", "The form has too many fields.", remedy="Send key and text.") from None
    return Form(fields)


async def _read_body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                raise TooLargeError(
                    "body.too_large", f"The request body is over {most_bytes} bytes.", remedy="Send a shorter text."
                )
    except ClientDisconnect:
        raise InputError("body.incomplete", "The connection ended before the whole body had arrived.") from None
    return bytes(body)


def _typed(value: str) -> str:
    """Return a field as it was typed: browsers send every line end as CR LF, which nobody typed."""
    return value.replace("\r\n", "\n")

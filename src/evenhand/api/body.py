"""Read a JSON body into a typed struct, or say which field is wrong; write a JSON answer."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from evenhand.core.errors import InputError

T = TypeVar("T")

_PATH = re.compile(r" - at `\$?\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")
_SURROGATE_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


#: Longest piece of the caller's own words that an error repeats.
_QUOTED = 200


async def read_json(request: Request, kind: type[T]) -> T:
    """Return the request's body as a `kind`.

    Raises:
        InputError: `body.incomplete`, `json.invalid`, `json.encoding`, `json.lone_surrogate`, `json.too_deep`,
            `field.unknown`, `field.missing` or `field.invalid`.
        TooLargeError: The body is over the server's limit.
    """
    return decode_json(await read_body(request), kind)


async def read_body(request: Request) -> bytes:
    """Return the request's body; raises as `read_json`."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise InputError("body.incomplete", "The connection ended before the whole body had arrived.") from None


def decode_json(body: bytes, kind: type[T]) -> T:
    """Return `body` as a `kind`; raises as `read_json`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _field_error(str(error)) from None
    except UnicodeDecodeError:
        raise InputError("json.encoding", "The body is not valid UTF-8.", remedy="Encode JSON as UTF-8.") from None
    except RecursionError:
        raise InputError("json.too_deep", "The JSON is nested too deeply.", remedy="Send a flatter body.") from None
    except msgspec.DecodeError as error:
        if _SURROGATE.search(_SURROGATE_PAIR.sub(b"", body)):
            raise InputError(
                "json.lone_surrogate",
                "The JSON has half of a surrogate pair, so its text is not Unicode.",
                remedy="Send well-formed Unicode; replace lone surrogates by U+FFFD.",
            ) from None
        raise InputError("json.invalid", f"The body is not JSON: {error}.", remedy="Send one JSON object.") from None


def convert_fields(values: Mapping[str, Any], kind: type[T]) -> T:
    """Return the fields of a form, all of them text, as a `kind`.

    Raises:
        InputError: `field.unknown`, `field.missing` or `field.invalid`.
    """
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _field_error(str(error)) from None


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return `content` as a JSON response."""
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


def _field_error(message: str) -> InputError:
    """Turn the decoder's message into an error that names the field by its path, such as `input[3].text`."""
    place = _PATH.search(message)
    path = place["path"] if place else ""
    said = _PATH.sub("", message)
    if unknown := _UNKNOWN.search(said):
        field = f"{path}.{unknown['field']}".lstrip(".")[:_QUOTED]
        return InputError("field.unknown", "There is no such field.", field=field, remedy="Leave it out.")
    if missing := _MISSING.search(said):
        field = f"{path}.{missing['field']}".lstrip(".")[:_QUOTED]
        return InputError("field.missing", "This field is required.", field=field, remedy="Add it.")
    return InputError("field.invalid", f"{said[:_QUOTED]}.", field=path or None, remedy="See the API's documentation.")

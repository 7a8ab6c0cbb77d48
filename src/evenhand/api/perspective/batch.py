"""Google's HTTP batches: many calls in one multipart/mixed body, each answered with a status of its own.

Read by hand: the standard library's mail parser can be kept busy for half a minute by a body of 2 MiB.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from evenhand.core.errors import InputError, TooLargeError

#: As Google's own.
MOST_CALLS: Final = 100

_BOUNDARY: Final = re.compile(
    r"multipart/mixed\b.*?;\s*boundary=(?:\"(?P<quoted>[^\"]{1,70})\"|(?P<bare>[^\s\";,]{1,70}))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Part:
    """One call of a batch.

    Args:
        content_id: The client's name for it, echoed in the answer.
        request: The call, as if it had come alone.
    """

    content_id: str
    request: Request


def parse_batch(body: bytes, content_type: str) -> list[Part]:
    """Return the calls in `body`.

    Raises:
        InputError: `batch.invalid`.
        TooLargeError: `batch.too_many`.
    """
    stated = _BOUNDARY.match(content_type)
    boundary = (stated["quoted"] or stated["bare"]) if stated else ""
    delimiter = b"\n--" + boundary.encode(errors="replace")
    _, *parts = (b"\n" + body.replace(b"\r\n", b"\n")).split(delimiter, MOST_CALLS + 2)
    count = next((place for place, part in enumerate(parts) if part.startswith(b"--")), len(parts))
    if count > MOST_CALLS:
        raise TooLargeError(
            "batch.too_many", f"A batch has at most {MOST_CALLS} calls.", field="batch", remedy="Send it in parts."
        )
    if not boundary or not count or count == len(parts):
        raise _invalid("The body is not a batch.")
    return [_part(part) for part in parts[:count]]


def _part(part: bytes) -> Part:
    head, _, call = part.partition(b"\n\n")
    call_head, _, body = call.lstrip(b"\n").partition(b"\n\n")
    request_line, *lines = call_head.split(b"\n")
    words = request_line.decode("latin-1").split()
    if len(words) < 2:  # noqa: PLR2004 -- method and target
        raise _invalid("A part of the batch is not an HTTP request.")
    path, _, query = words[1].partition("?")
    scope = {
        "type": "http",
        "method": words[0],
        "path": unquote(path),
        "query_string": query.encode("latin-1"),
        "headers": _headers(lines),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    content_id = dict(_headers(head.split(b"\n"))).get(b"content-id", b"")
    return Part(content_id.decode("latin-1"), Request(scope, receive))


def _headers(lines: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    pairs = (line.partition(b":") for line in lines)
    return [(name.strip().lower(), value.strip()) for name, _, value in pairs]


def _invalid(message: str) -> InputError:
    return InputError("batch.invalid", message, remedy="Send multipart/mixed with one HTTP request a part.")


def batch_response(parts: Sequence[Part], answers: Sequence[Response]) -> Response:
    """Return `answers` to `parts` as one response."""
    boundary = f"batch_{secrets.token_hex(16)}"
    bodies = [_answer(boundary, part, answer) for part, answer in zip(parts, answers, strict=True)]
    body = b"".join([*bodies, f"--{boundary}--\r\n".encode()])
    return Response(body, media_type=f"multipart/mixed; boundary={boundary}")


def _answer(boundary: str, part: Part, answer: Response) -> bytes:
    # The id goes into a header: nothing of it may end the line.
    content_id = "".join(filter(str.isprintable, part.content_id)).removeprefix("<").removesuffix(">")
    lines = (
        f"--{boundary}",
        "Content-Type: application/http",
        f"Content-ID: <response-{content_id}>",
        "",
        f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}",
        *(f"{name.title()}: {value}" for name, value in answer.headers.items()),
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1", errors="replace") + bytes(answer.body) + b"\r\n"

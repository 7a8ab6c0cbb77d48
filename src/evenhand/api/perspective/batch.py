"""Google's HTTP batches: many calls in one multipart/mixed body, each answered with a status of its own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from evenhand.core.errors import InputError, TooLargeError

#: As Google's own.
MOST_CALLS: Final = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a batch.

    Args:
        content_id: The client's name for it, echoed in the answer.
        path: Without the query.
        key: The API key in its query or header, if it has one of its own.
        body: As it was sent.
    """

    content_id: str
    path: str
    key: str | None
    body: bytes


def parse_batch(body: bytes, content_type: str) -> list[Call]:
    """Return the calls in `body`.

    Raises:
        InputError: `batch.invalid`.
        TooLargeError: `batch.too_many`.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", errors="replace")
    message = message_from_bytes(head + body, policy=policy.HTTP)
    parts = list(message.iter_parts()) if message.get_content_type() == "multipart/mixed" else []
    if not parts:
        raise InputError(
            "batch.invalid", "The body is not a batch.", remedy="Send multipart/mixed with one part a call."
        )
    if len(parts) > MOST_CALLS:
        raise TooLargeError(
            "batch.too_many", f"A batch has at most {MOST_CALLS} calls.", field="batch", remedy="Send it in parts."
        )
    return [_call(str(part.get("Content-ID", "")), part.get_payload(decode=True)) for part in parts]


def _call(content_id: str, payload: object) -> Call:
    if not isinstance(payload, bytes):
        raise InputError("batch.invalid", "A part of the batch is not an HTTP request.")
    head, _, body = payload.replace(b"\r\n", b"\n").partition(b"\n\n")
    request_line, _, rest = head.partition(b"\n")
    words = request_line.decode("latin-1").split()
    if len(words) < 2 or words[0] != "POST":  # noqa: PLR2004 -- method and target
        raise InputError("batch.invalid", "A part of the batch is not a POST.")
    target = urlsplit(words[1])
    headers = message_from_bytes(rest + b"\n\n", policy=policy.HTTP)
    scheme, _, bearer = str(headers.get("Authorization", "")).partition(" ")
    given = parse_qs(target.query).get("key", [None])[0] or headers.get("X-Goog-Api-Key")
    return Call(content_id, target.path, given or (bearer if scheme.lower() == "bearer" else None), body)


def batch_response(calls: Sequence[Call], answers: Sequence[Response]) -> Response:
    """Return `answers` to `calls` as one response."""
    boundary = f"batch_{secrets.token_hex(16)}"
    parts = [_part(boundary, call, answer) for call, answer in zip(calls, answers, strict=True)]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return Response(body, media_type=f"multipart/mixed; boundary={boundary}")


def _part(boundary: str, call: Call, answer: Response) -> bytes:
    # The id goes into a header: nothing of it may end the line.
    content_id = "".join(filter(str.isprintable, call.content_id)).removeprefix("<").removesuffix(">")
    status = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"
    lines = (
        f"--{boundary}",
        "Content-Type: application/http",
        f"Content-ID: <response-{content_id}>",
        "",
        status,
        f"Content-Type: {answer.headers['content-type']}",
        f"Content-Length: {len(answer.body)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1", errors="replace") + bytes(answer.body) + b"\r\n"

"""What surrounds every request.

Request id, body limits, errors in the dialect's shape, security headers, metrics and a log line.
"""

import asyncio
import logging
import re
import secrets
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evenhand.api.dialect import Dialect
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, TooLargeError
from evenhand.server.logs import request_id
from evenhand.server.metrics import Metrics

_log = logging.getLogger("evenhand.requests")

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

#: The pages need no third party, no inline script and no frame; the API needs nothing at all. What an answer says for
#: itself stands: a page that plays the browser's own clip allows that one thing more.
SECURITY_HEADERS: Final = (
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Guard:
    """The outermost ASGI layer.

    Args:
        app: What answers requests.
        dialects: How errors are said, by path.
        metrics: Where requests are counted.
        max_body_bytes: Largest request body.
        body_timeout_seconds: Longest time for a body to arrive.
        uploads: Paths to which larger bodies may be sent, each with its own largest size and longest time.
    """

    def __init__(
        self,
        app: ASGIApp,
        dialects: Sequence[Dialect],
        metrics: Metrics,
        *,
        max_body_bytes: int,
        body_timeout_seconds: float,
        uploads: Mapping[str, tuple[int, float]] | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body_bytes = max_body_bytes
        self._body_timeout_seconds = body_timeout_seconds
        self._uploads = uploads or {}
        by_prefix = [(prefix, dialect) for dialect in dialects for prefix in dialect.prefixes]
        self._by_prefix = sorted(by_prefix, key=lambda pair: len(pair[0]), reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        token = request_id.set(exchange.id)
        dialect = self._dialect(scope["path"])
        scope["app"] = self  # makes the router raise for an unknown path, so that the dialect can say it
        try:
            await self._app(scope, self._limited(scope, receive), exchange.send)
        except Exception as error:  # noqa: BLE001 -- nothing may leave without an answer
            if exchange.status:
                _log_unexpected(error)
            else:
                response = dialect.refuse(_as_evenhand_error(error))
                if isinstance(error, HTTPException):
                    response.headers.update(error.headers or {})  # which methods a path takes
                await response(scope, receive, exchange.send)
        finally:
            self._finish(exchange, dialect, scope)
            request_id.reset(token)

    def _dialect(self, path: str) -> Dialect:
        return next(dialect for prefix, dialect in self._by_prefix if path.startswith(prefix))

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Return `receive`, but never for more bytes or seconds than allowed."""
        most_bytes, seconds = self._uploads.get(scope["path"], (self._max_body_bytes, self._body_timeout_seconds))
        deadline = time.monotonic() + seconds
        received = 0
        is_complete = False
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        too_large = TooLargeError(
            "body.too_large",
            f"The request body is over {most_bytes} bytes.",
            remedy="Send fewer items at once, or a smaller file.",
        )

        async def limited() -> Message:
            nonlocal received, is_complete
            if is_complete:
                return await receive()  # what comes after the body is the client going away
            if declared.isdigit() and int(declared) > most_bytes:
                raise too_large
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                raise InputError(
                    "body.timeout", "The request body took too long to arrive.", remedy="Send it at once."
                ) from None
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > most_bytes:
                raise too_large
            return message

        return limited

    def _finish(self, exchange: "_Exchange", dialect: Dialect, scope: Scope) -> None:
        seconds = time.perf_counter() - exchange.started
        self._metrics.requests.labels(dialect.name, str(exchange.status)).inc()
        self._metrics.seconds.labels(dialect.name).observe(seconds)
        if _log.isEnabledFor(logging.INFO):
            # The path only: the query may hold a key.
            _log.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"][:200],
                    "status": exchange.status,
                    "milliseconds": round(seconds * 1000, 2),
                },
            )


class _Exchange:
    """One request and the start of its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self.started = time.perf_counter()
        self.status = 0
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        self.id = given if _SAFE_ID.fullmatch(given) else f"req_{secrets.token_hex(12)}"

    async def send(self, message: Message) -> None:
        """Pass on `message`, with the headers that every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [pair for pair in SECURITY_HEADERS if pair[0] not in present]
            headers.append((b"x-request-id", self.id.encode()))
            if b"cache-control" not in present:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self._send(message)


def _as_evenhand_error(error: Exception) -> EvenhandError:
    if isinstance(error, EvenhandError):
        return error
    if isinstance(error, HTTPException):
        if error.status_code == 405:  # noqa: PLR2004 -- the one other status that the router raises
            return InputError("route.method_not_allowed", "This path does not take this method.")
        return NotFoundError("route.not_found", "There is nothing at this path.", remedy="See /openapi.json.")
    _log_unexpected(error)
    return EvenhandError("internal", "Something went wrong in the server.", remedy="Tell the operator the request id.")


def _log_unexpected(error: Exception) -> None:
    # An exception's message may quote the text, so only its type and where it was raised are logged.
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("unexpected error", extra={"error_type": type(error).__name__, "frames": frames})

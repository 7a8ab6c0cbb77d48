"""One request to one address, within a time for all of it. No redirect is followed and no proxy used.

What the operator named is where the text goes, and nowhere else.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from evenhand.core.address import checked_url
from evenhand.core.errors import ConfigurationError

if TYPE_CHECKING:
    from http.client import HTTPConnection

#: Bytes of an answer that are read; a reply takes a few hundred.
LARGEST_ANSWER: Final = 65_536
_PATH: Final = "/chat/completions"
_OF_THE_REQUEST: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


class Reason(StrEnum):
    """Why there is no second look: a closed list, because notices and metrics name it."""

    TIME_OUT = "time-out"
    """No whole answer came in time."""
    UNREACHABLE = "unreachable"
    """No connection, or one that broke off or does not speak HTTP."""
    REFUSED = "refused"
    """The endpoint does not take this request: status 400, 413 or 422."""
    DENIED = "denied"
    """The endpoint does not serve this key, model or address: any other status that is not success."""
    RATE_LIMITED = "rate-limited"
    """The endpoint asks for fewer requests: status 429."""
    SERVER_ERROR = "server-error"
    """The endpoint failed: a status of 500 or more."""
    REDIRECT = "redirect"
    """The endpoint points to another address, which is not followed."""
    TOO_LARGE = "too-large"
    """The answer is over 64 KiB."""
    INVALID_ANSWER = "invalid-answer"
    """What came is not the JSON that was asked for."""
    BUDGET = "budget"
    """The hour's calls are spent."""
    COOLING = "cooling"
    """The endpoint failed so often in a row that it is left alone for a while."""
    BUSY = "busy"
    """Too many other texts wait for their turn."""


class NoAnswerError(Exception):
    """The endpoint gave no answer, for `reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Endpoint:
    """A chat endpoint.

    Args:
        url: As OpenAI's clients take it, such as `http://127.0.0.1:11434/v1`; or with `/chat/completions` after it.
        key: Sent as a bearer token; empty: none.

    Raises:
        ConfigurationError: `endpoint.url` or `second_look.key`.
    """

    def __init__(self, url: str, *, key: str = "") -> None:
        url = checked_url(url, field="second_look_url", remedy="Give the key with second_look_key_file.")
        self.url = url if url.endswith(_PATH) else url.rstrip("/") + _PATH
        self._parts = urlsplit(self.url)
        self._headers = {"Content-Type": "application/json", "User-Agent": "evenhand", **_authorization(key)}

    def post(self, body: Mapping[str, Any], *, seconds: float) -> bytes:
        """Return what the endpoint answers to `body`.

        Raises:
            NoAnswerError: It did not, or not within `seconds`.
        """
        from http.client import HTTPException

        deadline = time.monotonic() + seconds
        try:
            with self._connection(seconds) as connection:
                connection.request("POST", self._parts.path, json.dumps(body).encode(), self._headers)
                with connection.getresponse() as answer:
                    _check_status(answer.status)
                    data = answer.read(LARGEST_ANSWER + 1)
                    left = answer.length
        except (OSError, HTTPException, ValueError):
            # A connection that is shut for being late fails in whatever it does at that moment.
            raise NoAnswerError(_lateness(deadline)) from None
        if len(data) > LARGEST_ANSWER:
            raise NoAnswerError(Reason.TOO_LARGE)
        if left or time.monotonic() >= deadline:
            raise NoAnswerError(_lateness(deadline))
        return data

    @contextmanager
    def _connection(self, seconds: float) -> "Iterator[HTTPConnection]":
        """Give a connection that is shut after `seconds`, whatever the other side does: a drip counts as silence."""
        from http.client import HTTPConnection, HTTPSConnection

        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=seconds)
        timer = threading.Timer(seconds, _shut, [connection])
        timer.daemon = True
        timer.start()
        try:
            yield connection
        finally:
            timer.cancel()
            connection.close()


def _shut(connection: "HTTPConnection") -> None:
    """End whatever another thread waits for on `connection`."""
    try:
        connection.sock.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError):
        return  # it is closed already, or was never opened


def _check_status(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise NoAnswerError(Reason.RATE_LIMITED)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoAnswerError(Reason.SERVER_ERROR)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise NoAnswerError(Reason.REDIRECT)
    raise NoAnswerError(Reason.REFUSED if status in _OF_THE_REQUEST else Reason.DENIED)


def _lateness(deadline: float) -> Reason:
    return Reason.TIME_OUT if time.monotonic() >= deadline else Reason.UNREACHABLE


def _authorization(key: str) -> dict[str, str]:
    if not key:
        return {}
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "second_look.key",
            "The key for the second look is not one word of ASCII.",
            field="second_look_key",
            remedy="Check the variable or the file that it comes from.",
        )
    return {"Authorization": f"Bearer {key}"}

"""Send requests to one address that the user named, and to no other: redirects are not followed.

It waits and tries again where a server says that it is busy; it knows nothing of what is sent.
"""

import email.utils
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from evenhand.core.address import checked_url
from evenhand.core.errors import EndpointError

ATTEMPTS: Final = 5
TIMEOUT_SECONDS: Final = 60.0
#: The longest wait before a further attempt; a server that asks for more is given up.
LONGEST_WAIT_SECONDS: Final = 120.0
#: The largest answer that is read.
_LARGEST_ANSWER: Final = 32 * 2**20

#: Bytes of a refusal that are shown.
_LONGEST_REASON: Final = 500

_BUSY: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_REJECTED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


@dataclass(frozen=True, slots=True)
class Clock:
    """What tells the time and waits; tests have their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: the texts and the key go where the user said."""


class Poster:
    """Posts to one address.

    Args:
        url: Where to.
        headers: What every request carries.
        requests_per_minute: At most so many; 0 sets no limit.
        clock: What tells the time and waits.
        query: What follows `?` in the address.
        method: Of the requests.
        most_requests: No more are sent, attempts counted; nothing sets no limit.

    Raises:
        ConfigurationError: `endpoint.url`.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        requests_per_minute: float = 0,
        clock: Clock = Clock(),
        query: str = "",
        method: str = "POST",
        most_requests: int | None = None,
    ) -> None:
        self.url = endpoint_url(url)
        self.requests = 0
        self._query = f"?{query}" if query else ""
        self._method = method
        self._most = most_requests
        self._headers = {"Content-Type": "application/json", "User-Agent": "evenhand", **headers}
        self._pause = 60 / requests_per_minute if requests_per_minute else 0.0
        self._clock = clock
        self._next = clock.now()
        self._opener = urllib.request.build_opener(_NoRedirects)

    def post(self, body: bytes) -> bytes:
        """Return the body of the answer to `body`.

        Raises:
            EndpointError: `endpoint.rejected` when the server does not take this body; `endpoint.unavailable` after
                the last attempt; `endpoint.key`, `endpoint.not_found`, `endpoint.redirect` or `endpoint.answer`, which
                no other body mends; `endpoint.budget` instead of a request too many.
        """
        for attempt in range(1, ATTEMPTS + 1):
            self._take_one()
            self._wait_for_turn()
            try:
                return self._send(body)
            except urllib.error.HTTPError as error:
                with error:
                    problem, wait = self._refused(error), retry_after(error.headers.get("Retry-After"))
            except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
                problem, wait = self._unavailable(_reason(error)), None
            if problem.code != "endpoint.unavailable" or attempt == ATTEMPTS:
                raise problem
            seconds = 2.0 ** (attempt - 1) if wait is None else wait
            if seconds > LONGEST_WAIT_SECONDS:
                raise self._unavailable(f"it asks to wait {seconds:.0f} s")
            self._clock.sleep(seconds)
        raise AssertionError  # the last attempt has returned or raised

    def _take_one(self) -> None:
        if self._most is not None and self.requests >= self._most:
            remedy = "Allow more requests; what was said until then is kept."
            raise EndpointError("endpoint.budget", f"All {self._most} requests are used up.", remedy=remedy)
        self.requests += 1

    def _wait_for_turn(self) -> None:
        wait = self._next - self._clock.now()
        if wait > 0:
            self._clock.sleep(wait)
        self._next = max(self._next, self._clock.now()) + self._pause

    def _send(self, body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 -- it was checked
            self.url + self._query, body, self._headers, method=self._method
        )
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            data: bytes = answer.read(_LARGEST_ANSWER + 1)
        if len(data) > _LARGEST_ANSWER:
            raise EndpointError("endpoint.answer", f"{self.url} answered with more than can be read.")
        return data

    def _refused(self, error: urllib.error.HTTPError) -> EndpointError:
        status = error.code
        if status in _BUSY:
            return self._unavailable(f"status {status}")
        if status in _REJECTED:
            return self._error("endpoint.rejected", f"refused a text with status {status}: {_said(error)}", "")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return self._error("endpoint.key", f"does not accept the key (status {status})", "Give it with --key-file.")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            remedy = "Redirects are not followed; give the address itself."
            return self._error("endpoint.redirect", "sends elsewhere", remedy)
        remedy = "Check --endpoint and --dialect."
        return self._error("endpoint.not_found", f"cannot be asked so (status {status})", remedy)

    def _unavailable(self, reason: str) -> EndpointError:
        return self._error("endpoint.unavailable", f"gave no answer: {reason}", "Try again later; --cache goes on.")

    def _error(self, code: str, what: str, remedy: str) -> EndpointError:
        return EndpointError(code, f"{self.url} {what}.", field="--endpoint", remedy=remedy)


def endpoint_url(url: str) -> str:
    """Return `url` if it can be an endpoint's address.

    Raises:
        ConfigurationError: `endpoint.url`.
    """
    return checked_url(url, field="--endpoint", remedy="Give the key with --key-file, never in the address.")


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, given as seconds or as a date; nothing when it says nothing."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _said(error: urllib.error.HTTPError) -> str:
    """Return the beginning of what the server says, on one line, fit to be printed."""
    try:
        words = error.read(_LONGEST_REASON).decode(errors="replace").split()
    except (OSError, http.client.HTTPException):
        return "no reason"
    return "".join(character for character in " ".join(words) if character.isprintable()) or "no reason"


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or type(reason).__name__

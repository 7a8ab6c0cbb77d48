"""Fetch an image or a clip from an address that a client sent: only what anybody on the internet could fetch as well.

Each redirect starts over at the guard of `content.outgoing`, held to the same rules.
"""

import re
import string
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin

from evenhand.content.outgoing import (
    PIECE,
    Connect,
    Deadline,
    Outgoing,
    Refused,
    Resolve,
    Target,
    open_connection,
    resolve_host,
)
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError, TooLargeError

#: Message and remedy of every refusal. Of the URL, at most the host is repeated: the rest may hold a key.
_REFUSALS: Final = {
    "url.invalid": ("This is not a well-formed URL.", "Send http:// or https:// with a host's name and a path."),
    "url.scheme": ("Only http:// and https:// URLs are fetched.", "Send such a URL, or the {what} itself."),
    "url.credentials": ("A URL with a user name or password is not fetched.", "Send one that needs neither."),
    "url.port": ("The URL of {host} names a port that is not fetched from.", "Leave the port out."),
    "url.private_address": (
        "{host} has an address that is not public.",
        "Send a URL that is public, or the {what} itself.",
    ),
    "url.not_resolved": ("{host} was not found.", "Check the host's name."),
    "url.unreachable": ("{host} gave no whole answer.", "Check that the URL works, or send the {what} itself."),
    "url.status": ("{host} answered with status {status}, not 200.", "Check that anybody may open the URL."),
    "url.redirects": ("{host} redirects too often, or from https to http.", "Send the URL where the {what} is."),
    "url.timeout": ("{host} did not answer in time.", "Try again, or send the {what} itself."),
    "url.too_large": ("What {host} sends has over {limit} bytes.", "Send the URL of a smaller {what}."),
    "url.encoding": ("{host} sends the {what} compressed, which was not asked for.", "Send the {what} itself."),
}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "evenhand",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_ACCEPT: Final = {"image": "image/*", "clip": "video/*, audio/*", "document": "*/*"}
_IMAGE_TYPE: Final = re.compile(r"image/[a-z0-9.+-]+")


class Fetcher:
    """Fetches what is at URLs that clients sent.

    Args:
        what: `image`, `clip` or `document`.
        max_bytes: The largest one.
        seconds: How long all of it may take, look-ups and redirects included.
        redirects: How many redirects are followed.
        ports: Where connections may go.
        resolve: What looks names up; another one is for tests.
        connect: What opens connections; another one is for tests.
    """

    def __init__(
        self,
        *,
        what: str = "image",
        max_bytes: int = 10_485_760,
        seconds: float = 5.0,
        redirects: int = 3,
        ports: frozenset[int] = frozenset({80, 443}),
        resolve: Resolve = resolve_host,
        connect: Connect = open_connection,
    ) -> None:
        self._what = what
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._redirects = redirects
        self._outgoing = Outgoing(ports=ports, resolve=resolve, connect=connect)

    def fetch(self, url: str, *, field: str) -> ImageFile:
        """Return the image at `url`.

        Args:
            url: The address, as the client sent it.
            field: Where the client sent it.

        Raises:
            InputError: `url.invalid`, `url.scheme`, `url.credentials`, `url.port`, `url.private_address`,
                `url.not_resolved`, `url.unreachable`, `url.status`, `url.redirects`, `url.timeout` or `url.encoding`.
            TooLargeError: `url.too_large`.
        """
        data = bytearray()
        media_type = self._fetch(url, data.extend, field)
        return ImageFile(bytes(data), media_type if _IMAGE_TYPE.fullmatch(media_type) else "")

    def download(self, url: str, path: Path, *, field: str = "url") -> None:
        """Write what is at `url` into the file at `path`, piece by piece; errors as for `fetch`, and OSError."""
        with path.open("wb") as file:
            self._fetch(url, file.write, field)

    def _fetch(self, url: str, write: Callable[[bytes], object], field: str) -> str:
        """Write what is at `url` and return the media type that is stated for it."""
        try:
            return self._follow(url, write)
        except Refused as refused:
            raise self._error(refused, field) from None

    def _follow(self, url: str, write: Callable[[bytes], object]) -> str:
        deadline = Deadline(self._seconds)
        target = self._outgoing.target(url)
        for _ in range(self._redirects + 1):
            is_there, answer = self._answer(target, deadline, write)
            if is_there:
                return answer
            target = self._next(target, answer)
        raise Refused("url.redirects", target.host)

    def _next(self, target: Target, location: str) -> Target:
        """Return where `target` redirects to, held to the same rules."""
        # A header is read as latin-1, and some servers write what a URL would have to quote.
        location = quote(location.strip(), safe=string.punctuation, encoding="latin-1")
        try:
            url = urljoin(target.url, location)
        except ValueError:
            raise Refused("url.invalid") from None
        following = self._outgoing.target(url)
        if target.scheme == "https" and following.scheme == "http":
            raise Refused("url.redirects", target.host)
        return following

    def _answer(self, target: Target, deadline: Deadline, write: Callable[[bytes], object]) -> tuple[bool, str]:
        """Write what is at `target` and return its media type, or where it redirects to instead."""
        headers = {"Host": target.netloc, "Accept": _ACCEPT[self._what], **_HEADERS}
        with self._outgoing.connection(target, deadline) as connection:
            connection.request("GET", target.resource, headers=headers)
            with connection.getresponse() as response:
                location = response.headers.get("Location")
                if response.status in _REDIRECTS and location:
                    return False, location
                self._check_head(response, target)
                self._read(response, target, write)
                return True, response.headers.get_content_type()

    def _read(self, response: HTTPResponse, target: Target, write: Callable[[bytes], object]) -> None:
        size = 0
        while piece := response.read(PIECE):
            size += len(piece)
            if size > self._max_bytes:
                raise Refused("url.too_large", target.host, limit=self._max_bytes)
            write(piece)
        if response.length:  # less came than was announced
            raise Refused("url.unreachable", target.host)

    def _check_head(self, response: HTTPResponse, target: Target) -> None:
        """Refuse `response` before its body is read if that can be told from its head."""
        if response.status != HTTPStatus.OK:
            raise Refused("url.status", target.host, status=response.status)
        if not _is_as_it_is(response):
            raise Refused("url.encoding", target.host)
        if response.length is not None and response.length > self._max_bytes:
            raise Refused("url.too_large", target.host, limit=self._max_bytes)

    def _error(self, refused: Refused, field: str) -> InputError:
        kind = TooLargeError if refused.code == "url.too_large" else InputError
        values = {"what": self._what, "host": refused.host, **refused.values}
        message, remedy = (words.format(**values) for words in _REFUSALS[refused.code])
        return kind(refused.code, message, field=field, remedy=remedy)


def _is_as_it_is(response: HTTPResponse) -> bool:
    """Return whether the body comes as it is, not compressed."""
    encodings = response.headers.get_all("Content-Encoding", [])
    transfers = response.headers.get_all("Transfer-Encoding", [])
    return {value.strip().lower() for value in encodings} <= {"", "identity"} and (
        {value.strip().lower() for value in transfers} <= {"chunked"}
    )

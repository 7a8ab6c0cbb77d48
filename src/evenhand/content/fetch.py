"""Fetch an image from an address that a client sent, through one guard.

Only what anybody on the internet could fetch as well: all addresses of the host must be public, the connection goes to
exactly an address that was checked, and each redirect starts over. No proxy, no cookie, no key, no file.
"""

import io
import re
import socket
import ssl
import string
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError, TooLargeError

#: Gives the IP addresses of a host, for a port.
Resolve = Callable[[str, int], Sequence[str]]
#: Opens a connection to an IP address and a port within some seconds.
Connect = Callable[[str, int, float], socket.socket]

#: Message and remedy of every refusal. Of the URL, at most the host is repeated: the rest may hold a key.
_REFUSALS: Final = {
    "url.invalid": ("This is not a well-formed URL.", "Send http:// or https:// with a host's name and a path."),
    "url.scheme": ("Only http:// and https:// URLs are fetched.", "Send such a URL, or the image itself."),
    "url.credentials": ("A URL with a user name or password is not fetched.", "Send one that needs neither."),
    "url.port": ("The URL of {host} names a port that is not fetched from.", "Leave the port out."),
    "url.private_address": ("{host} has an address that is not public.", "Send a URL that is public, or the image."),
    "url.not_resolved": ("{host} was not found.", "Check the host's name."),
    "url.unreachable": ("{host} gave no whole answer.", "Check that the URL works, or send the image itself."),
    "url.status": ("{host} answered with status {status}, not 200.", "Check that anybody may open the URL."),
    "url.redirects": ("{host} redirects too often, or from https to http.", "Send the URL where the image is."),
    "url.timeout": ("{host} did not answer in time.", "Try again, or send the image itself."),
    "url.too_large": ("What {host} sends has over {limit} bytes.", "Send the URL of a smaller image."),
    "url.encoding": ("{host} sends the image compressed, which was not asked for.", "Send the image itself."),
}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "evenhand",
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_MOST_CHARACTERS: Final = 8192
#: Addresses of one host that are tried; a name with hundreds is no image host.
_MOST_ADDRESSES: Final = 4
_PIECE: Final = 65_536
#: A look-up cannot be interrupted, so those that were given up run on; slow name servers must not pile them up.
_LOOKUPS: Final = threading.BoundedSemaphore(32)

_NOT_IN_A_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_LONGEST_HOST: Final = 253
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
#: Resolvers read a name that ends like this as a number: `0x7f000001`, `2130706433` and `127.1` are all 127.0.0.1.
_ENDS_IN_A_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_IMAGE_TYPE: Final = re.compile(r"image/[a-z0-9.+-]+")

#: The one block of IPv6 that addresses of the internet come from.
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
#: Addresses that translate to the IPv4 address in their last 32 bits.
_TRANSLATED: Final = ip_network("64:ff9b::/96")
#: Not public, whatever `is_global` says, which differs between versions of Python.
_NOT_PUBLIC: Final = tuple(
    ip_network(block)
    for block in (
        "100.64.0.0/10",  # between a provider and its customers
        "168.63.129.16/32",  # the host below each machine in Azure's cloud
        "192.0.0.0/24",  # protocols, and the host in Oracle's cloud
        "192.88.99.0/24",  # the way into 6to4
        "2001::/23",  # Teredo, which holds an IPv4 address, and other protocols
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver gives for `host`."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def open_connection(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to `address`, which is an IP address, so that no name is looked up again."""
    return socket.create_connection((str(ip_address(address)), port), timeout=seconds)


def public_addresses(
    host: str, port: int, *, field: str = "url", seconds: float = 5.0, resolve: Resolve = resolve_host
) -> list[str]:
    """Return the IP addresses of `host`, all of them public; connect to these and do not look the name up again.

    Args:
        host: A name or an IP address, without brackets.
        port: Where the connection is to go.
        field: Where the caller gave it.
        seconds: How long the look-up may take.
        resolve: What looks names up.

    Raises:
        InputError: `url.not_resolved`, `url.timeout`, or `url.private_address` if any of them is not public.
    """
    try:
        addresses = list(dict.fromkeys(_looked_up(host, port, seconds, resolve)))
    except TimeoutError:
        raise _refusal("url.timeout", field, host=host) from None
    except (OSError, ValueError):
        addresses = []
    if not addresses:
        raise _refusal("url.not_resolved", field, host=host)
    if not all(map(_is_public, addresses)):
        raise _refusal("url.private_address", field, host=host)
    return addresses


class Fetcher:
    """Fetches images from URLs that clients sent.

    Args:
        max_bytes: The largest image.
        seconds: How long all of it may take, look-ups and redirects included.
        redirects: How many redirects are followed.
        ports: Where connections may go.
        resolve: What looks names up; another one is for tests.
        connect: What opens connections; another one is for tests.
    """

    def __init__(
        self,
        *,
        max_bytes: int = 10_485_760,
        seconds: float = 5.0,
        redirects: int = 3,
        ports: frozenset[int] = frozenset({80, 443}),
        resolve: Resolve = resolve_host,
        connect: Connect = open_connection,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._redirects = redirects
        self._ports = ports
        self._resolve = resolve
        self._connect = connect

    def fetch(self, url: str, *, field: str) -> ImageFile:
        """Return what is at `url`.

        Args:
            url: The address, as the client sent it.
            field: Where the client sent it.

        Raises:
            InputError: `url.invalid`, `url.scheme`, `url.credentials`, `url.port`, `url.private_address`,
                `url.not_resolved`, `url.unreachable`, `url.status`, `url.redirects`, `url.timeout` or `url.encoding`.
            TooLargeError: `url.too_large`.
        """
        deadline = _Deadline(self._seconds)
        # `urlsplit` takes some of these out in silence.
        if _NOT_IN_A_URL.search(url):
            raise _refusal("url.invalid", field)
        target = self._target(url, field)
        for _ in range(self._redirects + 1):
            answer = self._answer(target, field, deadline)
            if isinstance(answer, ImageFile):
                return answer
            target = self._next(target, answer, field)
        raise _refusal("url.redirects", field, host=target.host)

    def _target(self, url: str, field: str) -> "_Target":
        """Return `url` in its parts, if it may be fetched at all."""
        if len(url) > _MOST_CHARACTERS:
            raise _refusal("url.invalid", field)
        try:
            parts = urlsplit(url)
            resource = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=string.punctuation)
        except ValueError:
            raise _refusal("url.invalid", field) from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise _refusal("url.scheme", field)
        if "@" in parts.netloc:
            raise _refusal("url.credentials", field)
        try:
            host, port = _plain_host(parts), parts.port
        except ValueError:
            raise _refusal("url.invalid", field) from None
        target = _Target(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port, resource)
        if target.port not in self._ports:
            raise _refusal("url.port", field, host=host)
        return target

    def _next(self, target: "_Target", location: str, field: str) -> "_Target":
        """Return where `target` redirects to, held to the same rules."""
        # A header is read as latin-1, and some servers write what a URL would have to quote.
        location = quote(location.strip(), safe=string.punctuation, encoding="latin-1")
        try:
            url = urljoin(target.url, location)
        except ValueError:
            raise _refusal("url.invalid", field) from None
        following = self._target(url, field)
        if target.scheme == "https" and following.scheme == "http":
            raise _refusal("url.redirects", field, host=target.host)
        return following

    def _answer(self, target: "_Target", field: str, deadline: "_Deadline") -> ImageFile | str:
        """Return the image at `target`, or where it redirects to."""
        try:
            with self._connected(target, field, deadline) as plain, self._secured(plain, target, deadline) as wire:
                connection = HTTPConnection(target.host, target.port)
                connection.sock = _Wire(wire, deadline)
                connection.request("GET", target.resource, headers={"Host": target.netloc, **_HEADERS})
                with connection.getresponse() as response:
                    return self._read(response, target, field)
        except TimeoutError:
            raise _refusal("url.timeout", field, host=target.host) from None
        except (OSError, HTTPException, ValueError):
            raise _refusal("url.unreachable", field, host=target.host) from None

    def _connected(self, target: "_Target", field: str, deadline: "_Deadline") -> socket.socket:
        """Return a connection to the first public address of `target` that takes one."""
        addresses = public_addresses(
            target.host, target.port, field=field, seconds=deadline.left(), resolve=self._resolve
        )[:_MOST_ADDRESSES]
        fault = OSError()
        for number, address in enumerate(addresses):
            try:
                # An address that says nothing must leave time for those after it.
                return self._connect(address, target.port, deadline.left() / (len(addresses) - number))
            except OSError as error:
                fault = error
        raise fault

    def _secured(self, plain: socket.socket, target: "_Target", deadline: "_Deadline") -> socket.socket:
        """Return `plain` with TLS around it where `target` asks for it: checked against the name, not the address."""
        if target.scheme == "http":
            return plain
        plain.settimeout(deadline.left())
        return self._tls.wrap_socket(plain, server_hostname=target.host)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The machine's certificates; read at first use."""
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _read(self, response: HTTPResponse, target: "_Target", field: str) -> ImageFile | str:
        """Return what `response` holds, or where it redirects to."""
        location = response.headers.get("Location")
        if response.status in _REDIRECTS and location:
            return location
        self._check_head(response, target, field)
        data = bytearray()
        while len(data) <= self._max_bytes and (piece := response.read(_PIECE)):
            data += piece
        if len(data) > self._max_bytes:
            raise _refusal("url.too_large", field, host=target.host, limit=self._max_bytes)
        if response.length:  # less came than was announced
            raise _refusal("url.unreachable", field, host=target.host)
        media_type = response.headers.get_content_type()
        return ImageFile(bytes(data), media_type if _IMAGE_TYPE.fullmatch(media_type) else "")

    def _check_head(self, response: HTTPResponse, target: "_Target", field: str) -> None:
        """Refuse `response` before its body is read if that can be told from its head."""
        if response.status != HTTPStatus.OK:
            raise _refusal("url.status", field, host=target.host, status=response.status)
        if not _is_as_it_is(response):
            raise _refusal("url.encoding", field, host=target.host)
        if response.length is not None and response.length > self._max_bytes:
            raise _refusal("url.too_large", field, host=target.host, limit=self._max_bytes)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a request goes.

    Args:
        scheme: `http` or `https`.
        host: A name or an IP address, lower-case ASCII.
        port: Where the connection goes.
        resource: Path and query, quoted.
    """

    scheme: str
    host: str
    port: int
    resource: str

    @property
    def netloc(self) -> str:
        """Host and port as a URL and the Host header have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.resource}"


class _Deadline:
    """When everything must have ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, or raise TimeoutError if none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Wire:
    """The part of a socket that `http.client` needs, with a deadline over every wait: a drip counts as silence."""

    def __init__(self, wire: socket.socket, deadline: _Deadline) -> None:
        self._wire = wire
        self._deadline = deadline

    def sendall(self, data: Any) -> None:
        self._wire.settimeout(self._deadline.left())
        self._wire.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._wire, self._deadline), _PIECE)

    def close(self) -> None:
        """Do nothing: `http.client` lets go before the body is read, and who opened the socket closes it."""


class _Incoming(io.RawIOBase):
    """What comes in on a socket."""

    def __init__(self, wire: socket.socket, deadline: _Deadline) -> None:
        self._wire = wire
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(self._deadline.left())
        return self._wire.recv_into(buffer)


def _looked_up(host: str, port: int, seconds: float, resolve: Resolve) -> Sequence[str]:
    """Return what `resolve` says, or raise TimeoutError and leave it running: it cannot be interrupted."""
    deadline = _Deadline(seconds)
    answer: Future[Sequence[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(resolve(host, port))
        except (OSError, ValueError) as fault:
            answer.set_exception(fault)
        finally:
            _LOOKUPS.release()

    if not _LOOKUPS.acquire(timeout=seconds):
        raise TimeoutError
    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return answer.result(deadline.left())


def _is_public(address: str) -> bool:
    """Return whether `address` belongs to the internet at large; what is not an IP address does not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        # One with a scope belongs to a link of this machine.
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped is not None or ip in _TRANSLATED:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in block for block in _NOT_PUBLIC)


def _plain_host(parts: SplitResult) -> str:
    """Return the host of a URL in lower-case ASCII.

    Raises:
        ValueError: It has none, or one that a resolver could read as something else than it looks.
    """
    host = parts.hostname or ""
    if "[" in parts.netloc and "%" not in host:
        return str(IPv6Address(host))
    # To encode a long name takes long, and what is encoded is no shorter.
    if len(host) <= _LONGEST_HOST + 1:
        host = host.encode("idna").decode("ascii").lower().removesuffix(".")
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise ValueError(host)
    return str(IPv4Address(host)) if _ENDS_IN_A_NUMBER.fullmatch(host) else host


def _is_as_it_is(response: HTTPResponse) -> bool:
    """Return whether the body comes as it is, not compressed."""
    encodings = response.headers.get_all("Content-Encoding", [])
    transfers = response.headers.get_all("Transfer-Encoding", [])
    return {value.strip().lower() for value in encodings} <= {"", "identity"} and (
        {value.strip().lower() for value in transfers} <= {"chunked"}
    )


def _refusal(code: str, field: str, *, host: str = "", status: int = 0, limit: int = 0) -> InputError:
    message, remedy = _REFUSALS[code]
    kind = TooLargeError if code == "url.too_large" else InputError
    return kind(code, message.format(host=host, status=status, limit=limit), field=field, remedy=remedy)

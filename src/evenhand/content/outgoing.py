"""Connections to hosts that somebody named, through one guard.

All addresses of the host must be public, unless the operator allowed others for it, and the connection goes to exactly
an address that was checked. No proxy, no cookie, no key, no file. What is sent and read is its opener's business.
"""

import contextlib
import io
import re
import socket
import ssl
import string
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlsplit

#: Gives the IP addresses of a host, for a port.
Resolve = Callable[[str, int], Sequence[str]]
#: Opens a connection to an IP address and a port within some seconds.
Connect = Callable[[str, int, float], socket.socket]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MOST_CHARACTERS: Final = 8192
#: Addresses of one host that are tried; a name with hundreds is nobody's.
_MOST_ADDRESSES: Final = 4
#: Bytes that are read at once.
PIECE: Final = 65_536
#: A look-up cannot be interrupted, so those that were given up run on; slow name servers must not pile them up.
_LOOKUPS: Final = threading.BoundedSemaphore(32)

_NOT_IN_A_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_LONGEST_HOST: Final = 253
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
#: Resolvers read a name that ends like this as a number: `0x7f000001`, `2130706433` and `127.1` are all 127.0.0.1.
_ENDS_IN_A_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

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


class Refused(Exception):  # noqa: N818 -- whoever opens connections turns it into an error with words of its own
    """Nothing came of a connection.

    Args:
        code: `url.invalid`, `url.scheme`, `url.credentials`, `url.port`, `url.private_address`, `url.not_resolved`,
            `url.unreachable`, `url.timeout`, or one of the opener's own.
        host: Where it was to go, as far as that is known. The rest of a URL may hold a key.
        values: What else there is to say.
    """

    def __init__(self, code: str, host: str = "", **values: int) -> None:
        super().__init__(code)
        self.code = code
        self.host = host
        self.values = values


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver gives for `host`."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def open_connection(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to `address`, which is an IP address, so that no name is looked up again."""
    connection = socket.create_connection((str(ip_address(address)), port), timeout=seconds)
    # Head and body are sent one after the other, and the second must not wait until the first has arrived.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def public_addresses(
    host: str,
    port: int,
    *,
    seconds: float = 5.0,
    resolve: Resolve = resolve_host,
    may_be_private: bool = False,
) -> list[str]:
    """Return the IP addresses of `host`, all of them public; connect to these and do not look the name up again.

    Args:
        host: A name or an IP address, without brackets.
        port: Where the connection is to go.
        seconds: How long the look-up may take.
        resolve: What looks names up.
        may_be_private: Whether the operator allowed other addresses for this host.

    Raises:
        Refused: `url.not_resolved`, `url.timeout`, or `url.private_address` if any of them is not public.
    """
    try:
        addresses = list(dict.fromkeys(_looked_up(host, port, seconds, resolve)))
    except TimeoutError:
        raise Refused("url.timeout", host) from None
    except (OSError, ValueError):
        addresses = []
    if not addresses:
        raise Refused("url.not_resolved", host)
    if not may_be_private and not all(map(_is_public, addresses)):
        raise Refused("url.private_address", host)
    return addresses


def plain_host(host: str) -> str:
    """Return the name or IP address `host`, without brackets, in lower-case ASCII.

    Raises:
        ValueError: It is none, or one that a resolver could read as something else than it looks.
    """
    if ":" in host and "%" not in host:
        return str(IPv6Address(host))
    # To encode a long name takes long, and what is encoded is no shorter.
    if len(host) <= _LONGEST_HOST + 1:
        host = host.encode("idna").decode("ascii").lower().removesuffix(".")
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise ValueError(host)
    return str(IPv4Address(host)) if _ENDS_IN_A_NUMBER.fullmatch(host) else host


class Outgoing:
    """Opens connections.

    Args:
        ports: Where they may go; by default anywhere.
        private_hosts: Hosts, as `plain_host` has them, whose addresses need not be public.
        resolve: What looks names up; another one is for tests.
        connect: What opens connections; another one is for tests.
    """

    def __init__(
        self,
        *,
        ports: frozenset[int] | None = None,
        private_hosts: frozenset[str] = frozenset(),
        resolve: Resolve,
        connect: Connect,
    ) -> None:
        self._ports = ports
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._connect = connect

    def target(self, url: str) -> "Target":
        """Return `url` in its parts, if a connection may go there at all; nothing is looked up.

        Raises:
            Refused: `url.invalid`, `url.scheme`, `url.credentials` or `url.port`.
        """
        # `urlsplit` takes some of these out in silence.
        if len(url) > _MOST_CHARACTERS or _NOT_IN_A_URL.search(url):
            raise Refused("url.invalid")
        try:
            parts = urlsplit(url)
            resource = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=string.punctuation)
        except ValueError:
            raise Refused("url.invalid") from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise Refused("url.scheme")
        if "@" in parts.netloc:
            raise Refused("url.credentials")
        try:
            host, port = _host_of(parts), parts.port
        except ValueError:
            raise Refused("url.invalid") from None
        target = Target(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port, resource)
        if not target.port or (self._ports is not None and target.port not in self._ports):
            raise Refused("url.port", host)
        return target

    def addresses(self, target: "Target", seconds: float) -> list[str]:
        """Return the addresses of `target`, which a connection may go to.

        Raises:
            Refused: As `public_addresses`.
        """
        return public_addresses(
            target.host,
            target.port,
            seconds=seconds,
            resolve=self._resolve,
            may_be_private=target.host in self._private_hosts,
        )

    @contextlib.contextmanager
    def connection(self, target: "Target", deadline: "Deadline") -> Iterator[HTTPConnection]:
        """Give a connection to `target`, on which every wait ends with `deadline`.

        Raises:
            Refused: As `public_addresses`; `url.unreachable` or `url.timeout`, also for what is done with it.
        """
        try:
            with self._connected(target, deadline) as plain, self._secured(plain, target, deadline) as wire:
                connection = HTTPConnection(target.host, target.port)
                connection.sock = _Wire(wire, deadline)
                yield connection
        except TimeoutError:
            raise Refused("url.timeout", target.host) from None
        except (OSError, HTTPException, ValueError):
            raise Refused("url.unreachable", target.host) from None

    def _connected(self, target: "Target", deadline: "Deadline") -> socket.socket:
        """Return a connection to the first address of `target` that takes one."""
        addresses = self.addresses(target, deadline.left())[:_MOST_ADDRESSES]
        fault = OSError()
        for number, address in enumerate(addresses):
            try:
                # An address that says nothing must leave time for those after it.
                return self._connect(address, target.port, deadline.left() / (len(addresses) - number))
            except OSError as error:
                fault = error
        raise fault

    def _secured(self, plain: socket.socket, target: "Target", deadline: "Deadline") -> socket.socket:
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


@dataclass(frozen=True, slots=True)
class Target:
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
        """The whole of it, as redirects are relative to."""
        return f"{self.scheme}://{self.netloc}{self.resource}"


class Deadline:
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

    def __init__(self, wire: socket.socket, deadline: Deadline) -> None:
        self._wire = wire
        self._deadline = deadline

    def sendall(self, data: Any) -> None:
        self._wire.settimeout(self._deadline.left())
        self._wire.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._wire, self._deadline), PIECE)

    def close(self) -> None:
        """Do nothing: `http.client` lets go before the body is read, and who opened the socket closes it."""


class _Incoming(io.RawIOBase):
    """What comes in on a socket."""

    def __init__(self, wire: socket.socket, deadline: Deadline) -> None:
        self._wire = wire
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(self._deadline.left())
        return self._wire.recv_into(buffer)


def _looked_up(host: str, port: int, seconds: float, resolve: Resolve) -> Sequence[str]:
    """Return what `resolve` says, or raise TimeoutError and leave it running: it cannot be interrupted."""
    deadline = Deadline(seconds)
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


def _host_of(parts: SplitResult) -> str:
    """Return the host of a URL as `plain_host` has it; only an IPv6 address stands in brackets."""
    host = parts.hostname or ""
    if ("[" in parts.netloc) is not (":" in host):
        raise ValueError(host)
    return plain_host(host)

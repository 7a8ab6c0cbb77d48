"""Post to a URL that the operator named, through the same guard as everything that goes out.

Public addresses only, unless the operator allowed others for the host. Nothing is followed, and of the answer only the
status counts.
"""

import contextlib
from collections.abc import Iterable, Mapping
from http.client import HTTPException, HTTPResponse
from typing import Final

from evenhand.content.outgoing import (
    Connect,
    Deadline,
    Outgoing,
    Refused,
    Resolve,
    open_connection,
    plain_host,
    resolve_host,
)
from evenhand.core.errors import ConfigurationError, InputError

#: Message and remedy of every refusal. Of the URL, at most the host is repeated: the rest may hold a key.
_REFUSALS: Final = {
    "url.invalid": ("This is not a well-formed URL.", "Give http:// or https:// with a host's name and a path."),
    "url.scheme": ("Only http:// and https:// URLs can be posted to.", "Give such a URL."),
    "url.credentials": ("A URL with a user name or password is not posted to.", "Check the signature there instead."),
    "url.port": ("The URL of {host} names port 0.", "Name another, or none."),
    "url.private_address": (
        "{host} has an address that is not public.",
        "Name the host in the setting webhook_hosts, for the server too, or take one that is public.",
    ),
    "url.not_resolved": ("{host} was not found.", "Check the host's name."),
    "url.unreachable": ("{host} gave no answer.", "Check that something listens there, and its certificate."),
    "url.timeout": ("{host} did not answer in time.", "Have it answer first and work afterwards."),
}
_HEADERS: Final = {"User-Agent": "evenhand", "Accept-Encoding": "identity", "Connection": "close"}
#: A host that is not found today may be there tomorrow.
_PASSING: Final = frozenset({"url.not_resolved", "url.timeout"})


class Poster:
    """Posts to URLs that the operator named. Safe to use from several threads.

    Args:
        private_hosts: Names and addresses of hosts that need not be public.
        seconds: How long all of it may take.
        max_bytes: How much of an answer is listened to; whoever says more is hung up on.
        resolve: What looks names up; another one is for tests.
        connect: What opens connections; another one is for tests.

    Raises:
        ConfigurationError: `webhook.host`.
    """

    def __init__(
        self,
        *,
        private_hosts: Iterable[str] = (),
        seconds: float = 10.0,
        max_bytes: int = 16_384,
        resolve: Resolve = resolve_host,
        connect: Connect = open_connection,
    ) -> None:
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._outgoing = Outgoing(
            private_hosts=frozenset(map(_private_host, private_hosts)), resolve=resolve, connect=connect
        )

    def check(self, url: str, *, field: str = "url") -> None:
        """Refuse a URL that is never posted to.

        Raises:
            InputError: `url.invalid`, `url.scheme`, `url.credentials`, `url.port` or `url.private_address`.
        """
        try:
            self._outgoing.addresses(self._outgoing.target(url), self.seconds)
        except Refused as refused:
            if refused.code not in _PASSING:
                raise _error(refused, field) from None

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, field: str = "url") -> int:
        """Return the status with which `url` answers `body`; a redirect is an answer like any other.

        Raises:
            InputError: As `check`; `url.not_resolved`, `url.unreachable` or `url.timeout`.
        """
        deadline = Deadline(self.seconds)
        try:
            target = self._outgoing.target(url)
            with self._outgoing.connection(target, deadline) as connection:
                all_headers = {"Host": target.netloc, **_HEADERS, **headers}
                connection.request("POST", target.resource, body=body, headers=all_headers)
                with connection.getresponse() as response:
                    self._hear_out(response)
                    return response.status
        except Refused as refused:
            raise _error(refused, field) from None

    def _hear_out(self, response: HTTPResponse) -> None:
        """Read what else is said, up to a limit: to hang up on somebody who speaks looks like a fault over there."""
        with contextlib.suppress(OSError, HTTPException, ValueError):
            response.read(self._max_bytes)


def _private_host(host: str) -> str:
    try:
        return plain_host(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise ConfigurationError(
            "webhook.host",
            f"{host!r} is no host.",
            field="webhook_hosts",
            remedy="Give names or IP addresses with commas, without http://, port and path.",
        ) from None


def _error(refused: Refused, field: str) -> InputError:
    message, remedy = _REFUSALS[refused.code]
    return InputError(refused.code, message.format(host=refused.host), field=field, remedy=remedy)

"""What a dialect is: its routes, and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from evenhand.core.errors import (
    AuthenticationError,
    EvenhandError,
    InputError,
    NotFoundError,
    OverloadError,
    RateLimitError,
    ScopeError,
    StoreError,
    TooLargeError,
)

_STATUS: dict[type[EvenhandError], int] = {
    NotFoundError: 404,
    TooLargeError: 413,
    InputError: 400,
    AuthenticationError: 401,
    ScopeError: 403,
    RateLimitError: 429,
    OverloadError: 503,
    StoreError: 503,
}

#: Codes whose HTTP status is not that of their kind.
_STATUS_BY_CODE = {"route.method_not_allowed": 405, "body.timeout": 408, "decision.degraded": 503}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of speaking to evenhand.

    Args:
        name: As in metrics and in a decision's `door`.
        prefixes: Paths below which errors are said in this dialect; the longest match wins.
        routes: Its routes.
        refuse: Says an error in the dialect's shape; headers that every dialect shares are added by the server.
    """

    name: str
    prefixes: tuple[str, ...]
    routes: tuple[BaseRoute, ...]
    refuse: Callable[[EvenhandError], Response]


def http_status(error: EvenhandError) -> int:
    """Return the HTTP status for `error`: 500 for one that is nobody's input."""
    if error.code in _STATUS_BY_CODE:
        return _STATUS_BY_CODE[error.code]
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)

"""What a dialect is: its routes, and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from evenhand.core.errors import EvenhandError


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

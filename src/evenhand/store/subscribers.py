"""Which webhooks are to be told of anything, remembered for a moment: nobody who records a decision asks for it."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from evenhand.core.alert import Webhook
from evenhand.store.tables import webhooks

_SELECT: Final = select(webhooks).where(webhooks.c.is_enabled).order_by(webhooks.c.id)
#: What is remembered, and until when.
_NOTHING: Final[tuple[Sequence[Webhook], float]] = ((), float("-inf"))


class Subscribers:
    """The enabled webhooks of one database.

    Args:
        seconds: How long they are remembered: how late a server sees what another process changed.
        clock: Seconds that never go back.
    """

    def __init__(self, *, seconds: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._remembered = _NOTHING

    def webhooks(self, connection: Connection) -> Sequence[Webhook]:
        """Return them, read on `connection` if they were not read lately."""
        found, until = self._remembered
        now = self._clock()
        if now >= until:
            found = [webhook_from(row) for row in connection.execute(_SELECT)]
            self._remembered = (found, now + self._seconds)
        return found

    def forget(self) -> None:
        """Have them read again the next time."""
        self._remembered = _NOTHING


def webhook_from(row: Row[Any]) -> Webhook:
    """Return the webhook in a row of its table."""
    return Webhook(
        id=row.id,
        name=row.name,
        url=row.url,
        kinds=frozenset(filter(None, row.kinds.split(","))),
        actions=frozenset(filter(None, row.actions.split(","))),
        key_id=row.key_id,
        is_enabled=row.is_enabled,
        created_at=row.created_at,
    )

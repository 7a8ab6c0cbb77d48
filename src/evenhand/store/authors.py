"""Authors: how earlier decisions on what somebody wrote went, counted; nothing of who they are."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, case, func, select

from evenhand.core.decision import Action
from evenhand.core.facts import AuthorHistory
from evenhand.store.database import Database
from evenhand.store.tables import decisions, plain_text

#: How far back decisions are counted.
WINDOW: Final = timedelta(days=30)
#: Names in one query: databases have a limit.
_AT_ONCE: Final = 500

# What people ruled since counts instead of what was decided first.
_STANDS: Final = func.coalesce(decisions.c.ruled_action, decisions.c.action)


class Authors:
    """The authors of one store's decisions, by the callers' own names for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def histories(self, author_ids: Collection[str], now: datetime) -> dict[str, AuthorHistory]:
        """Return what was decided on what each of `author_ids` wrote, until `now`; nothing for one who is not known.

        A name counts whatever API key it came with: callers of one server name authors alike.

        Raises:
            StoreError: The database did not answer.
        """
        names: dict[str, list[str]] = {}
        for author_id in author_ids:
            names.setdefault(plain_text(author_id), []).append(author_id)
        stored = sorted(names)
        found: dict[str, AuthorHistory] = {}
        for start in range(0, len(stored), _AT_ONCE):
            for name, history in self._read(stored[start : start + _AT_ONCE], now).items():
                found |= dict.fromkeys(names[name], history)
        return found

    def _read(self, names: Collection[str], now: datetime) -> dict[str, AuthorHistory]:
        own = decisions.c.author_id.in_(names)
        # Two queries: each finds what it needs in the index by author and time, whatever somebody wrote in years.
        first = select(decisions.c.author_id, func.min(decisions.c.created_at)).where(own)
        counts = select(decisions.c.author_id, func.count(), _count_of(Action.REVIEW), _count_of(Action.BLOCK)).where(
            own, decisions.c.created_at > now - WINDOW
        )
        with self._database.read() as connection:
            seen = connection.execute(first.group_by(decisions.c.author_id)).all()
            counted = connection.execute(counts.group_by(decisions.c.author_id)).all()
        days = {name: max((now - begin).days, 0) for name, begin in seen}
        return {name: AuthorHistory(first_seen_days=since) for name, since in days.items()} | {
            name: AuthorHistory(count, reviewed, blocked, days.get(name, 0))
            for name, count, reviewed, blocked in counted
        }


def _count_of(action: Action) -> ColumnElement[int]:
    return func.sum(case((_STANDS.is_not_distinct_from(action.value), 1), else_=0))

"""Signal sets: stored decisions as they are, to be judged again; read in parts, so that a million fit into memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true

from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.tables import contents, decisions


class SignalSets:
    """The stored decisions of one store, in the order of their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ends(self, size: int, *, since: datetime | None = None) -> list[str]:
        """Return the last id of each part of `size` decisions; the last part may have fewer.

        Args:
            size: Decisions in one part, 1 or more.
            since: Only those that were made then or later; aware.
        """
        numbers = (
            select(decisions.c.id, func.row_number().over(order_by=decisions.c.id).label("number"))
            .where(_made(since))
            .subquery()
        )
        last = select(func.max(numbers.c.number)).scalar_subquery()
        query = (
            select(numbers.c.id)
            .where((numbers.c.number % size == 0) | (numbers.c.number == last))
            .order_by(numbers.c.number)
        )
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def page(self, *, after: str, until: str, limit: int, since: datetime | None = None) -> Sequence[tuple[str, str]]:
        """Return id and document of at most `limit` decisions, by id.

        Args:
            after: The id before the first one; empty: from the beginning.
            until: The last id.
            limit: Most decisions.
            since: Only those that were made then or later; aware.
        """
        query = (
            select(decisions.c.id, decisions.c.document)
            .where(decisions.c.id > after, decisions.c.id <= until, _made(since))
            .order_by(decisions.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows: Sequence[Any] = connection.execute(query).all()
        return rows

    def view(self, decision_ids: Sequence[str], *, now: datetime, what_for: str) -> dict[str, str]:
        """Return the texts of decisions that are still kept, by id; the audit says that they were looked at.

        Args:
            decision_ids: The decisions.
            now: When; aware.
            what_for: As the audit is told.
        """
        if not decision_ids:
            return {}
        rows = [audit_row(now, SYSTEM, "content.viewed", each, {"for": what_for}) for each in decision_ids]
        query = select(contents.c.decision_id, contents.c.body).where(contents.c.decision_id.in_(decision_ids))
        with self._database.write() as connection:
            write_audit(connection, rows)
            return {row.decision_id: row.body.decode() for row in connection.execute(query)}


def _made(since: datetime | None) -> ColumnElement[bool]:
    return true() if since is None else decisions.c.created_at >= since

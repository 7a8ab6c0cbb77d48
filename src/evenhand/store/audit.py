"""Audit rows: written in the transaction of the act they tell of; read, never changed."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from evenhand.store.database import Database
from evenhand.store.records import AuditRow
from evenhand.store.tables import audit

_INSERT = insert(audit)


class Audit:
    """The audit rows of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Return at most `limit` rows that follow the sequence number `after`, oldest first."""
        query = select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        with self._database.begin() as connection:
            found = connection.execute(query).all()
        return [
            AuditRow(row.sequence, row.at, row.actor, row.act, row.subject, msgspec.json.decode(row.details))
            for row in found
        ]


def write_audit(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write `rows` with the columns `at`, `actor`, `act`, `subject` and `details`."""
    connection.execute(_INSERT, [{**row, "details": msgspec.json.encode(row["details"]).decode()} for row in rows])

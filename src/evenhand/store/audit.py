"""Audit rows: written in the transaction of the act that they tell of; read, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from evenhand.store.database import Database
from evenhand.store.records import AuditRow
from evenhand.store.tables import audit

#: Whose act it is when it came with no key: the library's, or the operator's at the command line.
SYSTEM = "system"

_INSERT = insert(audit)


class Audit:
    """The audit rows of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Return at most `limit` rows that follow the sequence number `after`, oldest first."""
        query = select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [
            AuditRow(row.sequence, row.at, row.actor, row.act, row.subject, msgspec.json.decode(row.details))
            for row in found
        ]


def audit_row(at: datetime, actor: str, act: str, subject: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one row for `write_audit`; `details` may hold nothing of a content."""
    return {
        "at": at,
        "actor": actor or SYSTEM,
        "act": act,
        "subject": subject,
        "details": msgspec.json.encode(details).decode(),
    }


def write_audit(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `rows`, in order, in the transaction of `connection`."""
    connection.execute(_INSERT, rows)

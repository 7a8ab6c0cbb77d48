"""Audit rows: written in the transaction of the act that they tell of, each bound to the one before; never changed.

Each row holds the SHA-256 of itself and of the row before. Who edits, deletes or inserts one breaks the chain there,
and `verify` says where. Who has the database to himself could make the whole chain anew: keep its end somewhere else
now and then, and compare.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from evenhand.core.checkpoint import Checkpoint
from evenhand.store.database import Database
from evenhand.store.records import AuditFault, AuditReport, AuditRow
from evenhand.store.tables import audit, audit_head, plain_text

#: Whose act it is when it came with no key: the library's, or the operator's at the command line.
SYSTEM: Final = "system"

_INSERT = insert(audit)
#: Takes the head for this transaction: whoever else would write waits, so that no two rows follow the same one.
_TAKE = (
    update(audit_head)
    .values(sequence=audit_head.c.sequence + bindparam("count"))
    .returning(audit_head.c.sequence, audit_head.c.sha256)
)
_MOVE = update(audit_head).values(sha256=bindparam("digest"))
_PAGE: Final = 1_000


class Audit:
    """The audit rows of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, after: int = 0, limit: int = 100) -> list[AuditRow]:
        """Return at most `limit` rows that follow the sequence number `after`, oldest first."""
        return [_audit_row(row) for row in self._rows(after=after, limit=limit)]

    def newest(self, limit: int) -> Sequence[AuditRow]:
        """Return at most `limit` rows, newest first."""
        query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
        with self._database.read() as connection:
            return [_audit_row(row) for row in connection.execute(query)]

    def checkpoint(self, now: datetime) -> Checkpoint:
        """Return where the audit is now, to be signed and kept elsewhere."""
        with self._database.read() as connection:
            head = connection.execute(select(audit_head.c.sequence, audit_head.c.sha256)).one()
        return Checkpoint(now, head.sequence, head.sha256)

    def goes_through(self, checkpoint: Checkpoint) -> bool:
        """Return whether the row of a checkpoint is the one that was there then."""
        query = select(audit.c.sha256).where(audit.c.sequence == checkpoint.sequence)
        with self._database.read() as connection:
            found = connection.execute(query).scalar()
        return (found or "") == checkpoint.sha256

    def verify(self) -> AuditReport:
        """Return whether every row is as it was written and none is missing, and where not.

        Rows from before there was a chain are counted, not looked at. What is written meanwhile is left for next time.
        """
        with self._database.read() as connection:
            head = connection.execute(select(audit_head.c.sequence, audit_head.c.sha256)).one()
        chain = _Chain()
        for row in self._until(head.sequence):
            chain.take(row)
        return chain.report(head.sequence, head.sha256)

    def _until(self, last: int) -> Iterator[Row[Any]]:
        after = 0
        while page := self._rows(after=after, limit=_PAGE):
            for row in page:
                if row.sequence > last:
                    return
                yield row
            after = page[-1].sequence

    def _rows(self, *, after: int, limit: int) -> Sequence[Row[Any]]:
        query = select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        with self._database.read() as connection:
            return connection.execute(query).all()


class _Chain:
    """Follows the chain from row to row."""

    def __init__(self) -> None:
        self.unchained = self.chained = 0
        self._faults: list[AuditFault] = []
        self._before = ""
        self._last_unchained = 0
        self._expected: int | None = None

    def take(self, row: Row[Any]) -> None:
        if self._expected is None and not row.sha256:
            self.unchained += 1
            self._last_unchained = row.sequence
            return
        if self._expected is not None and row.sequence != self._expected:
            self._faults.append(AuditFault(self._expected, row.sequence - 1, "missing"))
            # What the row after a gap was bound to is gone with it, so only the next ones can be followed again.
        elif row.sha256 != _digest(self._before, row.sequence, row._asdict()):
            self._faults.append(AuditFault(row.sequence, row.sequence, "changed"))
        self.chained += 1
        self._before, self._expected = row.sha256 or "", row.sequence + 1

    def report(self, last: int, digest: str) -> AuditReport:
        expected = self._expected or self._last_unchained + 1
        if expected <= last:
            self._faults.append(AuditFault(expected, last, "missing"))
        elif self._before != digest:
            self._faults.append(AuditFault(last, last, "changed"))
        return AuditReport(self.chained, self.unchained, last, digest, tuple(self._faults))


def _audit_row(row: Row[Any]) -> AuditRow:
    return AuditRow(row.sequence, row.at, row.actor, row.act, row.subject, msgspec.json.decode(row.details))


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
    """Write `rows`, in order, in the transaction of `connection`; do so late in it, for others wait from here on."""
    last, digest = connection.execute(_TAKE, {"count": len(rows)}).one()
    bound = []
    for sequence, row in enumerate(rows, last - len(rows) + 1):
        digest = _digest(digest, sequence, row)
        bound.append({**row, "sequence": sequence, "sha256": digest})
    connection.execute(_INSERT, bound)
    connection.execute(_MOVE, {"digest": digest})


def _digest(before: str, sequence: int, row: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of a row and of the digest before it: of a JSON array, so no two rows look alike."""
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    texts = (plain_text(row[name]) for name in ("actor", "act", "subject"))
    return hashlib.sha256(msgspec.json.encode([before, sequence, at, *texts, row["details"]])).hexdigest()

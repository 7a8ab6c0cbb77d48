"""Erasure: what was kept of a content goes before its retention is over, because somebody has a right to that.

The decision stays, without anything that leads back to the content or its author; so does the audit, which never held
any of it, and says that it was erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from evenhand.core.decision import Decision
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.review_tables import appeal_messages, appeals, cases, golden_cases, holds, rulings
from evenhand.store.tables import contents, decisions

#: Decisions in one transaction.
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What became of a request to erase.

    Args:
        erased: Decisions whose content, author and names were erased.
        held: Those that a hold keeps: lift it first.
    """

    erased: Sequence[str]
    held: Sequence[str]


class Erasure:
    """Erases from one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_author(self, author_id: str) -> list[str]:
        """Return the decisions on what an author wrote, oldest first."""
        query = select(decisions.c.id).where(decisions.c.author_id == author_id).order_by(decisions.c.created_at)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def of_content(self, content_id: str) -> list[str]:
        """Return the decisions on a content, by the caller's own name for it, oldest first."""
        query = select(decisions.c.id).where(decisions.c.content_id == content_id).order_by(decisions.c.created_at)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def erase(self, decision_ids: Sequence[str], *, actor: str, reason: str, now: datetime) -> ErasureReport:
        """Erase what is kept beside these decisions, and what leads from them to a content or an author.

        Each part is one transaction. A decision that is not there is left out, one that is held is left alone.

        Raises:
            StoreError: The database failed; what was erased until then is in the audit.
        """
        erased: list[str] = []
        held: list[str] = []
        for start in range(0, len(decision_ids), _BATCH):
            part = decision_ids[start : start + _BATCH]
            with self._database.write() as connection:
                kept = set(
                    connection.execute(select(holds.c.decision_id).where(holds.c.decision_id.in_(part))).scalars()
                )
                gone = _erase(connection, [decision_id for decision_id in part if decision_id not in kept])
                rows = [
                    audit_row(now, actor, "content.erased", decision_id, {"reason": reason}) for decision_id in gone
                ]
                if rows:
                    write_audit(connection, rows)
            erased += gone
            held += [decision_id for decision_id in part if decision_id in kept]
        return ErasureReport(erased, held)


def _erase(connection: Connection, decision_ids: Sequence[str]) -> list[str]:
    found = connection.execute(
        select(decisions.c.id, decisions.c.document).where(decisions.c.id.in_(decision_ids))
    ).all()
    ids = [row.id for row in found]
    # What belongs to a content goes with it.
    connection.execute(delete(contents).where(contents.c.decision_id.in_(ids)))
    connection.execute(delete(golden_cases).where(golden_cases.c.decision_id.in_(ids)))
    connection.execute(update(rulings).where(rulings.c.decision_id.in_(ids)).values(note=b""))
    connection.execute(update(cases).where(cases.c.decision_id.in_(ids)).values(author_id="", content_sha256=""))
    theirs = select(appeals.c.id).where(appeals.c.decision_id.in_(ids))
    connection.execute(update(appeal_messages).where(appeal_messages.c.appeal_id.in_(theirs)).values(body=b""))
    is_told = appeals.c.decision_id.in_(ids) & appeals.c.outcome.is_not(None)
    connection.execute(update(appeals).where(is_told).values(outcome=b""))
    for row in found:
        decision = replace(msgspec.json.decode(row.document, type=Decision), content_id="")
        values = {"document": msgspec.json.encode(decision).decode(), "author_id": None, "content_id": ""}
        connection.execute(update(decisions).where(decisions.c.id == row.id).values(values))
    return ids

"""Holds: decisions whose content and record are kept, whatever their retention says, until the hold is lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from evenhand.core.errors import NotFoundError
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.decisions import decision_not_found
from evenhand.store.review_tables import holds
from evenhand.store.tables import decisions


@dataclass(frozen=True, slots=True)
class Hold:
    """What is kept, and why.

    Args:
        decision_id: The decision.
        at: Since when; aware, in UTC.
        actor: Who ordered it, as the audit names them.
        reason: Why, in their words.
    """

    decision_id: str
    at: datetime
    actor: str
    reason: str


class Holds:
    """The holds of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def place(self, decision_id: str, *, actor: str, reason: str, now: datetime) -> None:
        """Keep a decision, with its content if that is there still; one that is held already gets the new reason.

        Raises:
            NotFoundError: `decision.not_found`.
        """
        row = {"decision_id": decision_id, "at": now, "actor": actor, "reason": reason}
        with self._database.write() as connection:
            connection.execute(delete(holds).where(holds.c.decision_id == decision_id))
            if connection.execute(select(decisions.c.id).where(decisions.c.id == decision_id)).first() is None:
                raise decision_not_found()
            connection.execute(insert(holds), row)
            write_audit(connection, [audit_row(now, actor, "hold.placed", decision_id, {"reason": reason})])

    def lift(self, decision_id: str, *, actor: str, now: datetime) -> None:
        """Let retention have a decision again.

        Raises:
            NotFoundError: `hold.not_found`.
        """
        with self._database.write() as connection:
            if not connection.execute(delete(holds).where(holds.c.decision_id == decision_id)).rowcount:
                raise NotFoundError(
                    "hold.not_found", "This decision is not held.", field="id", remedy="See `evenhand holds list`."
                )
            write_audit(connection, [audit_row(now, actor, "hold.lifted", decision_id, {})])

    def list(self) -> Sequence[Hold]:
        """Return all holds, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(holds).order_by(holds.c.at, holds.c.decision_id)).all()
        return [Hold(row.decision_id, row.at, row.actor, row.reason) for row in rows]

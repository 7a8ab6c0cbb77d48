"""Golden cases: decisions of which it is known what is right, mixed in to see how well rulings agree with it."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from evenhand.core.case import Case, CaseKind
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.core.reviewer import reviewer_actor
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.cases import case_from, case_row, open_case, text_sha256
from evenhand.store.database import Database
from evenhand.store.decisions import read_decision
from evenhand.store.review_tables import cases, golden_cases
from evenhand.store.tables import contents

_BODY: Final = select(contents.c.body).where(contents.c.decision_id == bindparam("decision_id"))


class Golden:
    """The golden cases of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, decision_id: str, *, action: Action, reason: str, reviewer_id: int, now: datetime) -> None:
        """Say what is right for a decision, anew where it was said before.

        Raises:
            NotFoundError: `content.not_found`: nobody could be shown it.
        """
        row = {
            "decision_id": decision_id,
            "action": action.value,
            "reason": reason,
            "reviewer_id": reviewer_id,
            "created_at": now,
        }
        with self._database.write() as connection:
            connection.execute(delete(golden_cases).where(golden_cases.c.decision_id == decision_id))
            if connection.execute(_BODY, {"decision_id": decision_id}).first() is None:
                raise NotFoundError(
                    "content.not_found",
                    "The content of this decision is not stored, so it cannot be a golden case.",
                    field="decision",
                    remedy="Choose one whose content is stored.",
                )
            connection.execute(insert(golden_cases), row)
            details = {"action": action, "reason": reason}
            write_audit(
                connection, [audit_row(now, reviewer_actor(reviewer_id), "golden_case.made", decision_id, details)]
            )

    def open_for(self, reviewer_id: int, queue: str, now: datetime) -> Case | None:
        """Open a golden case for a reviewer that looks like any other; none: they had all of them."""
        had = select(cases.c.decision_id).where(
            cases.c.decision_id == golden_cases.c.decision_id, cases.c.only_id == reviewer_id
        )
        own = golden_cases.c.reviewer_id == reviewer_id
        query = (
            select(golden_cases.c.decision_id, contents.c.body)
            .join(contents, contents.c.decision_id == golden_cases.c.decision_id)
            .where(~had.exists(), ~own)
            .order_by(golden_cases.c.created_at, golden_cases.c.decision_id)
            .limit(1)
        )
        with self._database.read() as connection:
            found = connection.execute(query).first()
        if found is None:
            return None
        with self._database.write() as connection:
            row = case_row(
                now,
                read_decision(connection, found.decision_id),
                CaseKind.GOLDEN,
                queue=queue,
                only_id=reviewer_id,
                content_sha256=text_sha256(found.body.decode()),
            )
            open_case(connection, row)
            return case_from(connection, row["id"])

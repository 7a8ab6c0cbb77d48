"""Golden cases: decisions of which it is known what is right, mixed in to see how well rulings agree with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select

from evenhand.core.case import Case, CaseKind
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.core.reviewer import reviewer_actor
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.cases import case_from, case_row, open_case, text_sha256
from evenhand.store.database import Database
from evenhand.store.decisions import read_decision
from evenhand.store.review_tables import cases, golden_cases, rulings
from evenhand.store.tables import contents

_BODY: Final = select(contents.c.body).where(contents.c.decision_id == bindparam("decision_id"))


@dataclass(frozen=True, slots=True)
class GoldenAnswer:
    """What somebody ruled who got a golden case.

    Args:
        at: When; aware, in UTC.
        reviewer_id: Who.
        action: What they said; review: they could not tell.
        reason: Why; empty for review.
    """

    at: datetime
    reviewer_id: int
    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A decision of which it is known what is right.

    Args:
        decision_id: The decision.
        action: What is right.
        reason: And why.
        reviewer_id: Who says so.
        created_at: When they said so; aware, in UTC.
        case_id: The newest other case about the decision, to look at what it is about; empty: there is none.
        answers: What others ruled on it, oldest first.
    """

    decision_id: str
    action: Action
    reason: str
    reviewer_id: int
    created_at: datetime
    case_id: str
    answers: tuple[GoldenAnswer, ...]


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

    def list(self, *, limit: int) -> Sequence[GoldenCase]:
        """Return at most `limit` golden cases, the newest first, with everybody's answers.

        Raises:
            StoreError: The database failed.
        """
        # As a golden case it would say nothing of what was ruled on it.
        newest = select(func.max(cases.c.id)).where(
            cases.c.decision_id == golden_cases.c.decision_id, cases.c.kind != CaseKind.GOLDEN.value
        )
        query = (
            select(golden_cases, newest.scalar_subquery().label("case_id"))
            .order_by(golden_cases.c.created_at.desc(), golden_cases.c.decision_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        answered = (
            select(rulings)
            .where(
                rulings.c.decision_id.in_([row.decision_id for row in found]),
                rulings.c.kind == CaseKind.GOLDEN.value,
            )
            .order_by(rulings.c.id)
        )
        answers: dict[str, list[GoldenAnswer]] = {row.decision_id: [] for row in found}
        with self._database.read() as connection:
            for row in connection.execute(answered):
                answer = GoldenAnswer(row.at, row.reviewer_id, Action(row.action), row.reason)
                answers[row.decision_id].append(answer)
        return [
            GoldenCase(
                decision_id=row.decision_id,
                action=Action(row.action),
                reason=row.reason,
                reviewer_id=row.reviewer_id,
                created_at=row.created_at,
                case_id=row.case_id or "",
                answers=tuple(answers[row.decision_id]),
            )
            for row in found
        ]

    def retire(self, decision_id: str, *, reviewer_id: int, now: datetime) -> None:
        """Mix a golden case in no more; what was ruled on it stays, and counts no longer as right or wrong.

        Raises:
            NotFoundError: `golden_case.not_found`.
        """
        with self._database.write() as connection:
            gone = delete(golden_cases).where(golden_cases.c.decision_id == decision_id)
            if not connection.execute(gone).rowcount:
                raise NotFoundError(
                    "golden_case.not_found",
                    "There is no golden case of this decision.",
                    field="decision",
                    remedy="Load the page anew: somebody may have retired it.",
                )
            write_audit(
                connection, [audit_row(now, reviewer_actor(reviewer_id), "golden_case.retired", decision_id, {})]
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

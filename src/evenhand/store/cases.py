"""Cases: opened with the decision, claimed by one reviewer at a time, closed by a ruling.

A claim is one statement, so that no two reviewers can ever hold the same case: SQLite lets one writer in at a time, and
PostgreSQL passes over rows that somebody else is about to take.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, or_, select, update

from evenhand.core.case import DEFAULT_QUEUE, LEASE, SKIP_LASTS, Case, CaseKind, CaseStatus, severity_of
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import NotFoundError
from evenhand.core.ids import new_id
from evenhand.core.reviewer import reviewer_actor
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.exposures import write_exposure
from evenhand.store.records import DecisionRecord
from evenhand.store.review_tables import case_skips, cases

_INSERT = insert(cases)
_INSERT_SKIP = insert(case_skips)
_OPEN = cases.c.status == CaseStatus.OPEN.value
_SELECT = select(cases).where(cases.c.id == bindparam("case_id"))


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants a case, and which ones they may have.

    Args:
        reviewer_id: Who.
        takes_escalations: Whether they may have cases that were escalated.
        hardest: The most severe case that they may have now, 0 to 3.
    """

    reviewer_id: int
    takes_escalations: bool = False
    hardest: int = 3


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How much waits in a queue.

    Args:
        queue: Its name.
        cases: Open cases in it.
        claimed: Those of them that somebody has.
        oldest: When the oldest was opened; aware, in UTC.
    """

    queue: str
    cases: int
    claimed: int
    oldest: datetime


class Cases:
    """The cases of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, case_id: str) -> Case:
        """Return the case with this id.

        Raises:
            NotFoundError: `case.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(_SELECT, {"case_id": case_id}).one_or_none()
        if row is None:
            raise case_not_found()
        return _case(row)

    def held_by(self, reviewer_id: int, now: datetime) -> Case | None:
        """Return the case that a reviewer has, if they have one."""
        query = select(cases).where(_OPEN, cases.c.claimed_by == reviewer_id, cases.c.leased_until >= now).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _case(row) if row else None

    def claim(self, claimant: Claimant, *, queue: str, now: datetime) -> Case | None:
        """Give the claimant the case that is first in a queue, and return it; none: there is nothing for them.

        That they see it is in the audit, and counted.
        """
        with self._database.write() as connection:
            first = (
                select(cases.c.id)
                .where(_OPEN, cases.c.queue == queue, *_may_have(claimant, now))
                .order_by(cases.c.rank, cases.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
                .scalar_subquery()
            )
            return _give(connection, cases.c.id == first, claimant, now)

    def claim_one(self, claimant: Claimant, case_id: str, *, now: datetime) -> Case | None:
        """Give the claimant this case, and return it; none: somebody else has it, or they may not have it."""
        with self._database.write() as connection:
            is_it = and_(_OPEN, cases.c.id == case_id, *_may_have(claimant, now))
            return _give(connection, is_it, claimant, now)

    def note_view(self, case: Case, reviewer_id: int, now: datetime) -> None:
        """Write down that somebody looks at a case that they do not have."""
        with self._database.write() as connection:
            _note_view(connection, case, reviewer_id, now)

    def skip(self, case_id: str, reviewer_id: int, now: datetime) -> bool:
        """Let a reviewer pass a case by, so that they do not get it for a while; return whether they had it."""
        with self._database.write() as connection:
            if not _release(connection, case_id, reviewer_id):
                return False
            earlier = and_(case_skips.c.case_id == case_id, case_skips.c.reviewer_id == reviewer_id)
            connection.execute(delete(case_skips).where(earlier))
            connection.execute(_INSERT_SKIP, {"case_id": case_id, "reviewer_id": reviewer_id, "at": now})
            write_audit(connection, [audit_row(now, reviewer_actor(reviewer_id), "case.skipped", case_id, {})])
        return True

    def release(self, case_id: str, reviewer_id: int) -> bool:
        """Put a case back that a reviewer has; return whether they had it."""
        with self._database.write() as connection:
            return _release(connection, case_id, reviewer_id)

    def queues(self) -> list[QueueCount]:
        """Return how much waits in each queue that is not empty, by name; cases for one reviewer alone do not count."""
        query = (
            select(
                cases.c.queue,
                func.count(),
                func.count(cases.c.claimed_by),
                func.min(cases.c.created_at, type_=cases.c.created_at.type),
            )
            .where(_OPEN, cases.c.only_id.is_(None))
            .group_by(cases.c.queue)
            .order_by(cases.c.queue)
        )
        with self._database.read() as connection:
            return [QueueCount(*row) for row in connection.execute(query)]

    def like(self, case: Case, *, limit: int) -> tuple[list[Case], list[Case]]:
        """Return other open cases with the same text, and others of the same author, at most `limit` of each."""
        return (
            self._alike(case, cases.c.content_sha256, case.content_sha256, limit),
            self._alike(case, cases.c.author_id, case.author_id, limit),
        )

    def _alike(self, case: Case, column: ColumnElement[str], value: str, limit: int) -> list[Case]:
        if not value:
            return []
        query = select(cases).where(*like_where(column, value, case.id)).order_by(cases.c.id).limit(limit)
        with self._database.read() as connection:
            return [_case(row) for row in connection.execute(query)]


def like_where(column: ColumnElement[str], value: str, case_id: str) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for other open cases of the ordinary kind that have `value` in `column`."""
    return (_OPEN, column == value, cases.c.id != case_id, cases.c.kind == CaseKind.REVIEW.value)


def write_cases(connection: Connection, records: Iterable[DecisionRecord]) -> None:
    """Open a case for each of `records` that is to be reviewed, in the transaction of `connection`."""
    rows = [
        case_row(
            record.decision.created_at,
            record.decision,
            CaseKind.REVIEW,
            author_id=record.author_id,
            content_sha256=text_sha256(record.body or ""),
        )
        for record in records
        if record.decision.action is Action.REVIEW
    ]
    if rows:
        connection.execute(_INSERT, rows)


def text_sha256(text: str) -> str:
    """Return the digest by which the same text is found again; empty where there is no text."""
    return hashlib.sha256(text.encode()).hexdigest() if text.strip() else ""


def case_row(at: datetime, decision: Decision, kind: CaseKind, **more: Any) -> dict[str, Any]:
    """Return the values of a case about `decision`; `more` are those of other columns."""
    verdict = decision.verdict
    severity = severity_of(frozenset(hit.label for hit in verdict.rules if hit.label))
    return {
        "id": new_id("case"),
        "created_at": at,
        "decision_id": decision.id,
        "kind": kind.value,
        "status": CaseStatus.OPEN.value,
        "queue": verdict.queue or DEFAULT_QUEUE,
        "rank": 10 * verdict.priority + 9 - severity,
        "severity": severity,
        "author_id": "",
        "content_sha256": "",
        "excluded_id": None,
        "only_id": None,
    } | more


def open_case(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a case that `case_row` made, in the transaction of `connection`."""
    connection.execute(_INSERT, row)


def case_from(connection: Connection, case_id: str) -> Case:
    """Return a case that is there, in the transaction of `connection`."""
    return _case(connection.execute(_SELECT, {"case_id": case_id}).one())


def case_not_found() -> NotFoundError:
    """Return the error for a case that is not there."""
    return NotFoundError(
        "case.not_found", "There is no case with this id.", field="id", remedy="Take the next case of a queue."
    )


def _may_have(claimant: Claimant, now: datetime) -> Sequence[ColumnElement[bool]]:
    me = claimant.reviewer_id
    passed_by = select(case_skips.c.case_id).where(
        case_skips.c.case_id == cases.c.id, case_skips.c.reviewer_id == me, case_skips.c.at > now - SKIP_LASTS
    )
    may = [
        or_(cases.c.leased_until.is_(None), cases.c.leased_until < now),
        or_(cases.c.only_id.is_(None), cases.c.only_id == me),
        or_(cases.c.excluded_id.is_(None), cases.c.excluded_id != me),
        ~passed_by.exists(),
        cases.c.severity <= claimant.hardest,
    ]
    return may if claimant.takes_escalations else [*may, cases.c.kind != CaseKind.ESCALATION.value]


def _give(connection: Connection, which: ColumnElement[bool], claimant: Claimant, now: datetime) -> Case | None:
    change = update(cases).where(which).values(claimed_by=claimant.reviewer_id, leased_until=now + LEASE)
    row = connection.execute(change.returning(*cases.c)).one_or_none()
    if row is None:
        return None
    given = _case(row)
    _note_view(connection, given, claimant.reviewer_id, now)
    return given


def _note_view(connection: Connection, case: Case, reviewer_id: int, now: datetime) -> None:
    details = {"decision": case.decision_id, "severity": case.severity}
    write_exposure(connection, reviewer_id, case.severity, now)
    write_audit(connection, [audit_row(now, reviewer_actor(reviewer_id), "case.viewed", case.id, details)])


def _release(connection: Connection, case_id: str, reviewer_id: int) -> bool:
    had = and_(_OPEN, cases.c.id == case_id, cases.c.claimed_by == reviewer_id)
    return bool(connection.execute(update(cases).where(had).values(claimed_by=None, leased_until=None)).rowcount)


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        created_at=row.created_at,
        decision_id=row.decision_id,
        kind=CaseKind(row.kind),
        status=CaseStatus(row.status),
        queue=row.queue,
        severity=row.severity,
        author_id=row.author_id,
        content_sha256=row.content_sha256,
        claimed_by=row.claimed_by,
        leased_until=row.leased_until,
    )

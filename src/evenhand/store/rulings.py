"""Rulings: what people say of decisions, written with what follows from it in one transaction.

A ruling closes its case, changes what stands for the decision, is in the audit and told to webhooks: all of it or none.
One that needs another person, because its author asks for one or two people disagree, changes nothing yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from evenhand.core.alert import EventKind
from evenhand.core.case import LEASE, CaseKind, CaseStatus, Ruling
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import InputError
from evenhand.core.ids import new_id
from evenhand.core.reviewer import reviewer_actor
from evenhand.store.appeals import close_appeal
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.cases import case_row, like_where, open_case
from evenhand.store.database import Database
from evenhand.store.events import write_events
from evenhand.store.records import EventRecord
from evenhand.store.review_tables import cases, rulings
from evenhand.store.tables import decisions

#: Cases that one ruling closes together at most, beside its own.
MOST_ALIKE: Final = 500

#: What the author is told of an appeal where an undo answers it.
TAKEN_BACK: Final = "The decision was taken back."

#: The kind of a ruling that undoes: it has no case.
UNDO: Final = "undo"

_OPEN: Final = cases.c.status == CaseStatus.OPEN.value
_INSERT = insert(rulings)
_LAST = select(rulings).where(rulings.c.decision_id == bindparam("decision_id")).order_by(rulings.c.id.desc()).limit(1)


class Alike(StrEnum):
    """Which other cases a ruling closes with its own."""

    NONE = "none"
    TEXT = "text"
    """Those with the same text."""
    AUTHOR = "author"
    """Those of the same author."""


@dataclass(frozen=True, slots=True)
class NewRuling:
    """What a reviewer says.

    Args:
        action: Allow or block; review only where it is referred to somebody else.
        reason: A category of the taxonomy, or one of `core.case.NO_HARM`; empty with review.
        note: Their own words; may be empty.
        refer: Who is to rule next; none: nobody, this one counts.
        alike: Which other cases it closes.
        outcome: What the author is told, where the case is an appeal.
    """

    action: Action
    reason: str
    note: str = ""
    refer: CaseKind | None = None
    alike: Alike = Alike.NONE
    outcome: str = ""


class Rulings:
    """The rulings of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rule(self, case_id: str, reviewer_id: int, ruling: NewRuling, now: datetime) -> list[Ruling]:
        """Close the reviewer's case, and those that go with it, by `ruling`; return all rulings, theirs first.

        Raises:
            InputError: `case.not_yours`: it is closed, or somebody else has it by now. Nothing was changed.
        """
        with self._database.write() as connection:
            case = _close(connection, case_id, reviewer_id, now)
            begun = case.leased_until - LEASE
            made = [_write(connection, case, reviewer_id, ruling, now, seconds=(now - begun).seconds)]
            if ruling.refer is None:
                made += [
                    _write(connection, other, reviewer_id, ruling, now, seconds=0)
                    for other in _close_alike(connection, case, ruling.alike, now)
                ]
        return made

    def of_decision(self, decision_id: str) -> list[Ruling]:
        """Return every ruling on a decision, oldest first."""
        query = select(rulings).where(rulings.c.decision_id == decision_id).order_by(rulings.c.id)
        with self._database.read() as connection:
            return [_ruling(row) for row in connection.execute(query)]

    def count_by(self, reviewer_id: int) -> int:
        """Return how many rulings a reviewer made."""
        query = select(func.count()).select_from(rulings).where(rulings.c.reviewer_id == reviewer_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def undo(self, decision_ids: Sequence[str], reviewer_id: int | None, note: str, now: datetime) -> list[Ruling]:
        """Take back what stands for these decisions; return the rulings about it.

        What people ruled gives way to what stood before, and what a policy decided alone to allow. Open cases about
        them are closed, and where it is undecided again, one is opened. A decision for which allow stands already, or
        that is not there, is left out.
        """
        with self._database.write() as connection:
            _close_all(connection, decision_ids, reviewer_id, now)
            return [
                undone
                for decision_id in decision_ids
                if (undone := _undo(connection, decision_id, reviewer_id, note, now)) is not None
            ]

    def stands(self, decision_id: str) -> Action | None:
        """Return what stands for a decision: what people ruled, or else what the policy decided; none: it is gone."""
        query = select(decisions.c.action, decisions.c.ruled_action).where(decisions.c.id == decision_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return Action(row.ruled_action or row.action) if row else None

    def set_off_by(self, rule: str, *, since: datetime, until: datetime, limit: int) -> list[tuple[str, Action]]:
        """Return the decisions of that time that a rule set off and that are not allowed now, with what stands."""
        named = decisions.c.document.contains(f'"rule":"{rule}"', autoescape=True)
        query = (
            select(decisions.c.id, decisions.c.action, decisions.c.ruled_action)
            .where(decisions.c.created_at.between(since, until), decisions.c.action != Action.ALLOW.value, named)
            .order_by(decisions.c.created_at)
            .limit(limit)
        )
        with self._database.read() as connection:
            found = [(row.id, Action(row.ruled_action or row.action)) for row in connection.execute(query)]
        return [pair for pair in found if pair[1] is not Action.ALLOW]


def _close(connection: Connection, case_id: str, reviewer_id: int, now: datetime) -> Any:
    """Close the reviewer's case and return it as it was."""
    theirs = and_(_OPEN, cases.c.id == case_id, cases.c.claimed_by == reviewer_id)
    closed = update(cases).where(theirs).values(status=CaseStatus.CLOSED.value, closed_at=now)
    row = connection.execute(closed.returning(*cases.c)).one_or_none()
    if row is None:
        raise InputError(
            "case.not_yours",
            "This case is closed, or somebody else has it by now, so your ruling was not kept.",
            field="case",
            remedy="Take the next one.",
        )
    return row


def _close_all(connection: Connection, decision_ids: Sequence[str], reviewer_id: int | None, now: datetime) -> None:
    """Close every open case about these decisions, and the appeals among them."""
    theirs = and_(_OPEN, cases.c.decision_id.in_(decision_ids), cases.c.kind != CaseKind.GOLDEN.value)
    closed = update(cases).where(theirs).values(status=CaseStatus.CLOSED.value, closed_at=now, claimed_by=None)
    for row in connection.execute(closed.returning(cases.c.id, cases.c.kind)).all():
        if row.kind == CaseKind.APPEAL.value:
            close_appeal(connection, row.id, TAKEN_BACK, now, reviewer_id=reviewer_id, is_reversed=True)


def _close_alike(connection: Connection, case: Any, alike: Alike, now: datetime) -> Iterable[Any]:
    """Close the other cases that go with `case` and that nobody has, and return them."""
    if alike is Alike.NONE or case.kind != CaseKind.REVIEW.value:
        return []
    column, value = (
        (cases.c.content_sha256, case.content_sha256) if alike is Alike.TEXT else (cases.c.author_id, case.author_id)
    )
    if not value:
        return []
    is_free = cases.c.leased_until.is_(None) | (cases.c.leased_until < now)
    some = (
        select(cases.c.id)
        .where(*like_where(column, value, case.id), is_free)
        .order_by(cases.c.id)
        .limit(MOST_ALIKE)
        .with_for_update(skip_locked=True)
    )
    closed = update(cases).where(cases.c.id.in_(some)).values(status=CaseStatus.CLOSED.value, closed_at=now)
    return connection.execute(closed.returning(*cases.c)).all()


def _write(
    connection: Connection, case: Any, reviewer_id: int, ruling: NewRuling, now: datetime, *, seconds: int
) -> Ruling:
    """Write what a reviewer says of one case, and what follows from it."""
    decided = _decided(connection, case.decision_id)
    earlier = connection.execute(_LAST, {"decision_id": case.decision_id}).first()
    made = Ruling(
        id=new_id("rul"),
        at=now,
        case_id=case.id,
        decision_id=case.decision_id,
        reviewer_id=reviewer_id,
        kind=case.kind,
        action=ruling.action,
        reason=ruling.reason,
        note=ruling.note,
        before=decided.stands,
        seconds=seconds,
    )
    if case.kind == CaseKind.APPEAL.value:
        is_reversed = made.action is not made.before
        close_appeal(connection, case.id, ruling.outcome, now, reviewer_id=reviewer_id, is_reversed=is_reversed)
    # A golden case goes on to nobody: what is right of it is known, and stands.
    is_golden = case.kind == CaseKind.GOLDEN.value
    refer = None if is_golden else ruling.refer or _disagreement(case.kind, ruling.action, earlier)
    _keep(connection, made, decided, is_final=refer is None and not is_golden)
    if refer is not None:
        row = case_row(
            now,
            decided.decision,
            refer,
            queue=case.queue,
            author_id=case.author_id,
            content_sha256=case.content_sha256,
            excluded_id=reviewer_id,
        )
        open_case(connection, row)
    return made


def _disagreement(kind: str, action: Action, earlier: Any) -> CaseKind | None:
    """Return that a lead must rule where a second reviewer does not say what the first one said."""
    if kind != CaseKind.SECOND_REVIEW.value or earlier is None or earlier.action == Action.REVIEW.value:
        return None
    return CaseKind.ESCALATION if earlier.action != action.value else None


@dataclass(frozen=True, slots=True)
class _Decided:
    decision: Decision
    key_id: str
    stands: Action


def _decided(connection: Connection, decision_id: str) -> _Decided:
    row = connection.execute(select(decisions).where(decisions.c.id == decision_id)).one()
    decision = msgspec.json.decode(row.document, type=Decision)
    return _Decided(decision, row.key_id, Action(row.ruled_action or row.action))


def _keep(connection: Connection, made: Ruling, decided: _Decided, *, is_final: bool) -> None:
    """Write a ruling with its audit row; a final one stands from now on, and webhooks are told."""
    connection.execute(_INSERT, _row(made))
    if is_final:
        stands = update(decisions).where(decisions.c.id == made.decision_id).values(ruled_action=made.action.value)
        connection.execute(stands)
    details = {
        "case": made.case_id,
        "decision": made.decision_id,
        "kind": made.kind,
        "action": made.action,
        "reason": made.reason,
        "before": made.before,
        "final": is_final,
    }
    write_audit(connection, [audit_row(made.at, reviewer_actor(made.reviewer_id), "ruling.made", made.id, details)])
    if is_final:
        write_events(connection, [_event(made, decided)])


def _event(made: Ruling, decided: _Decided) -> EventRecord:
    document = {
        "id": made.id,
        "decision_id": made.decision_id,
        "content_id": decided.decision.content_id,
        "created_at": made.at,
        "kind": made.kind,
        "action": made.action,
        "reason": made.reason,
        "before": made.before,
        "reversed": made.action is not made.before and made.before is not Action.REVIEW,
    }
    return EventRecord(EventKind.RULING_MADE, made.id, decided.key_id, document, action=made.action)


def _undo(connection: Connection, decision_id: str, reviewer_id: int | None, note: str, now: datetime) -> Ruling | None:
    if connection.execute(select(decisions.c.id).where(decisions.c.id == decision_id)).first() is None:
        return None
    decided = _decided(connection, decision_id)
    if decided.stands is Action.ALLOW:
        return None
    made_it_so = and_(
        rulings.c.decision_id == decision_id,
        rulings.c.action == decided.stands.value,
        rulings.c.before != decided.stands.value,
        rulings.c.kind != CaseKind.GOLDEN.value,
    )
    last = connection.execute(select(rulings).where(made_it_so).order_by(rulings.c.id.desc()).limit(1)).first()
    action = Action(last.before) if last else Action.ALLOW
    made = Ruling(
        id=new_id("rul"),
        at=now,
        case_id="",
        decision_id=decision_id,
        reviewer_id=reviewer_id,
        kind=UNDO,
        action=action,
        reason="misread" if action is Action.ALLOW else "",
        note=note,
        before=decided.stands,
        seconds=0,
    )
    _keep(connection, made, decided, is_final=True)
    if action is Action.REVIEW:
        open_case(connection, case_row(now, decided.decision, CaseKind.REVIEW))
    return made


def _row(made: Ruling) -> dict[str, Any]:
    return {
        "id": made.id,
        "at": made.at,
        "case_id": made.case_id,
        "decision_id": made.decision_id,
        "reviewer_id": made.reviewer_id,
        "kind": made.kind,
        "action": made.action.value,
        "reason": made.reason,
        "note": made.note.encode(errors="replace"),
        "before": made.before.value,
        "seconds": made.seconds,
    }


def _ruling(row: Any) -> Ruling:
    return Ruling(
        id=row.id,
        at=row.at,
        case_id=row.case_id,
        decision_id=row.decision_id,
        reviewer_id=row.reviewer_id,
        kind=row.kind,
        action=Action(row.action),
        reason=row.reason,
        note=row.note.decode(),
        before=Action(row.before),
        seconds=row.seconds,
    )

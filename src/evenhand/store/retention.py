"""Retention: what is past its days is deleted, and the audit says how much."""

import dataclasses
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, delete, select, update

from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.records import RetentionReport
from evenhand.store.review_tables import appeal_messages, appeals, holds, rulings
from evenhand.store.tables import contents, decisions, events, feedback, jobs, webhook_secrets

#: Rows of each table that go in one transaction: few enough that nobody waits long for it.
_BATCH = 1_000

#: What a hold keeps, and the column with the decision that is held.
_HELD = {contents: contents.c.decision_id, decisions: decisions.c.id}


@dataclasses.dataclass(frozen=True, slots=True)
class _Cutoffs:
    """Before when rows are deleted; none keeps them."""

    contents: datetime | None
    feedback: datetime | None
    decisions: datetime | None
    events: datetime | None


def enforce_retention(
    database: Database,
    now: datetime,
    *,
    content_days: int | None,
    decision_days: int | None,
    feedback_days: int | None,
    event_days: int | None,
) -> RetentionReport:
    """Delete what is older than its days; none keeps for ever. A decision takes its content with it.

    Comment and context of a feedback row are content and go when content does, before the row does; so do the notes of
    rulings and the messages of closed appeals, which may quote it. An event takes its deliveries with it. A job goes
    when its decision does, if it is over. A webhook's secret that expired is of no use to anybody, and goes at once.
    What is held stays, with its content and the notes of rulings on it.
    """
    cutoffs = _Cutoffs(
        contents=_cutoff(now, content_days),
        feedback=_cutoff(now, feedback_days),
        decisions=_cutoff(now, decision_days),
        events=_cutoff(now, event_days),
    )
    with database.write() as connection:
        connection.execute(delete(webhook_secrets).where(webhook_secrets.c.expires_at <= now))
    total = dict.fromkeys((field.name for field in dataclasses.fields(RetentionReport)), 0)
    while True:
        batch = _delete_batch(database, now, cutoffs)
        for name, count in batch.items():
            total[name] += count
        if max(batch.values()) < _BATCH:
            return RetentionReport(**total)


def _cutoff(now: datetime, days: int | None) -> datetime | None:
    if days is None:
        return None
    try:
        return now - timedelta(days=days)
    except OverflowError:  # before the year 1: nothing is that old
        return None


def _delete_batch(database: Database, now: datetime, cutoffs: _Cutoffs) -> dict[str, int]:
    """Delete up to `_BATCH` rows of each kind and write one audit row about it, in one transaction."""
    # A decision's content bears the same time, so what the decision would take with it is deleted and counted here.
    without_content = max((time for time in (cutoffs.contents, cutoffs.decisions) if time), default=None)
    with database.write() as connection:
        counts = {
            "contents": _delete(connection, contents, without_content),
            "notes": _forget_notes(connection, cutoffs.contents),
            "comments": _forget_comments(connection, cutoffs.contents),
            "feedback": _delete(connection, feedback, cutoffs.feedback),
            "decisions": _delete(connection, decisions, cutoffs.decisions),
            "events": _delete(connection, events, cutoffs.events),
            "jobs": _delete_ended_jobs(connection, cutoffs.decisions),
        }
        if any(counts.values()):
            write_audit(connection, [audit_row(now, SYSTEM, "retention.enforced", "store", counts)])
    return counts


def _delete(connection: Connection, table: Table, cutoff: datetime | None) -> int:
    if cutoff is None:
        return 0
    past = table.c.created_at < cutoff
    if table in _HELD:
        past &= _not_held(_HELD[table])
    return connection.execute(delete(table).where(_oldest(table, past))).rowcount


def _delete_ended_jobs(connection: Connection, cutoff: datetime | None) -> int:
    if cutoff is None:
        return 0
    past = (jobs.c.created_at < cutoff) & jobs.c.ended_at.is_not(None)
    return connection.execute(delete(jobs).where(_oldest(jobs, past))).rowcount


def _forget_notes(connection: Connection, cutoff: datetime | None) -> int:
    if cutoff is None:
        return 0
    past = (rulings.c.at < cutoff) & (rulings.c.note != b"") & _not_held(rulings.c.decision_id)
    some = select(rulings.c.id).where(past).limit(_BATCH)
    count = connection.execute(update(rulings).where(rulings.c.id.in_(some)).values(note=b"")).rowcount
    return count + _forget_messages(connection, cutoff)


def _forget_messages(connection: Connection, cutoff: datetime) -> int:
    """Forget what was written in appeals that were closed before then."""
    is_over = (appeals.c.closed_at < cutoff) & _not_held(appeals.c.decision_id)
    past = appeal_messages.c.appeal_id.in_(select(appeals.c.id).where(is_over)) & (appeal_messages.c.body != b"")
    some = select(appeal_messages.c.id).where(past).limit(_BATCH)
    return connection.execute(update(appeal_messages).where(appeal_messages.c.id.in_(some)).values(body=b"")).rowcount


def _not_held(decision_id: ColumnElement[str]) -> ColumnElement[bool]:
    return ~select(holds.c.decision_id).where(holds.c.decision_id == decision_id).exists()


def _forget_comments(connection: Connection, cutoff: datetime | None) -> int:
    if cutoff is None:
        return 0
    past = (feedback.c.created_at < cutoff) & feedback.c.comment.is_not(None)
    return connection.execute(
        update(feedback).where(_oldest(feedback, past)).values(comment=None, context=None)
    ).rowcount


def _oldest(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return what holds for the oldest `_BATCH` rows of `table` that meet `condition`."""
    (key,) = table.primary_key.columns
    return key.in_(select(key).where(condition).order_by(table.c.created_at, key).limit(_BATCH))

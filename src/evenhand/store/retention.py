"""Retention: what is past its days is deleted, and the audit says how much."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, update

from evenhand.store.audit import write_audit
from evenhand.store.database import Database
from evenhand.store.records import RetentionReport
from evenhand.store.tables import contents, decisions, feedback


def enforce_retention(
    database: Database, now: datetime, *, content_days: int | None, decision_days: int | None, feedback_days: int | None
) -> RetentionReport:
    """Delete what is older than its days; none keeps for ever. A decision takes its content with it.

    The comment of a feedback row is content, and goes when content does.
    """
    with database.begin() as connection:
        report = RetentionReport(
            contents=_delete(connection, contents, now, content_days),
            feedback=_delete(connection, feedback, now, feedback_days),
            decisions=_delete(connection, decisions, now, decision_days),
        )
        comments = _forget_comments(connection, now, content_days)
        if comments or report != RetentionReport(0, 0, 0):
            details = {
                "contents": report.contents,
                "comments": comments,
                "feedback": report.feedback,
                "decisions": report.decisions,
            }
            write_audit(
                connection,
                [{"at": now, "actor": "system", "act": "retention.enforced", "subject": "store", "details": details}],
            )
    return report


def _delete(connection: Connection, table: Table, now: datetime, days: int | None) -> int:
    if days is None:
        return 0
    return connection.execute(delete(table).where(table.c.created_at < now - timedelta(days=days))).rowcount


def _forget_comments(connection: Connection, now: datetime, days: int | None) -> int:
    if days is None:
        return 0
    past = (feedback.c.created_at < now - timedelta(days=days)) & feedback.c.comment.is_not(None)
    return connection.execute(update(feedback).where(past).values(comment=None)).rowcount

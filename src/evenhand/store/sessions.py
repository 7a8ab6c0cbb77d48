"""Sessions: begun by signing in, found by their cookie, ended. Only the digest of a cookie is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, or_, select, update

from evenhand.core.reviewer import Session
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.review_tables import reviewers, sessions
from evenhand.store.reviewer_rows import reviewer_from

#: How long a session lasts at most, and how long without being used.
LASTS: Final = timedelta(hours=12)
LASTS_UNUSED: Final = timedelta(hours=1)

_RANDOM_BYTES: Final = 32
#: A session's last use is written down this often, so that looking at a page is a read and not a write.
_SEEN_EVERY: Final = timedelta(minutes=1)
_INSERT: Final = insert(sessions)


class Sessions:
    """The sessions of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, token: str, now: datetime) -> Session | None:
        """Return the session whose cookie `token` is; nothing where it ended, or its reviewer may not sign in."""
        of_this = sessions.c.token_sha256 == digest_of(token)
        query: Select[Any] = select(reviewers, sessions.c.csrf_token, sessions.c.seen_at).where(
            of_this,
            reviewers.c.id == sessions.c.reviewer_id,
            reviewers.c.is_enabled,
            sessions.c.expires_at > now,
            sessions.c.seen_at > now - LASTS_UNUSED,
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.seen_at <= now - _SEEN_EVERY:
            with self._database.write() as connection:
                connection.execute(update(sessions).where(of_this).values(seen_at=now))
        return Session(reviewer_from(row), row.csrf_token)

    def sign_out(self, token: str, now: datetime) -> None:
        """End the session whose cookie `token` is, and all others of the same reviewer; an unknown one stays so."""
        whose = select(sessions.c.reviewer_id).where(sessions.c.token_sha256 == digest_of(token)).scalar_subquery()
        ended = delete(sessions).where(sessions.c.reviewer_id == whose).returning(sessions.c.reviewer_id)
        with self._database.write() as connection:
            of = connection.execute(ended).scalars().all()
            if of:
                details = {"sessions": len(of)}
                row = audit_row(now, f"reviewer:{of[0]}", "reviewer.signed_out", str(of[0]), details)
                write_audit(connection, [row])


def digest_of(token: str) -> str:
    """Return what is kept of a cookie. It is 256 random bits, so a fast digest cannot be searched."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def begin_session(connection: Connection, reviewer_id: int, now: datetime, *, instead_of: str) -> str:
    """Begin a session in the transaction of `connection` and return its cookie, which cannot be had again.

    Args:
        connection: Of a transaction that has written something.
        reviewer_id: Whose.
        now: Aware.
        instead_of: The cookie that came with signing in, whose session ends; empty: none.
    """
    is_over = or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - LASTS_UNUSED)
    connection.execute(delete(sessions).where(or_(is_over, sessions.c.token_sha256 == digest_of(instead_of))))
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    row = {
        "token_sha256": digest_of(token),
        "reviewer_id": reviewer_id,
        "csrf_token": secrets.token_urlsafe(_RANDOM_BYTES),
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LASTS,
    }
    connection.execute(_INSERT, row)
    return token


def end_sessions(connection: Connection, reviewer_id: int) -> None:
    """End all sessions of a reviewer, in the transaction of `connection`."""
    connection.execute(delete(sessions).where(sessions.c.reviewer_id == reviewer_id))

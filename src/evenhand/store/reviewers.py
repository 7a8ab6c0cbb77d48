"""Reviewers: made, found, changed, and what comes of their signing in. Each act is audited in its transaction.

What a password or a code must be is not known here: hashes and steps come from `review`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, case, or_, select, update

from evenhand.core.case import Role
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.reviewer import Preferences, Reviewer
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database, insert_into
from evenhand.store.review_tables import reviewers
from evenhand.store.reviewer_rows import preferences_text, reviewer_from
from evenhand.store.sessions import begin_session, end_sessions

#: Failures in a row after which nobody signs in as a reviewer for `LOCKED_FOR`.
FAILURES_AT_MOST: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
#: Whose act it is when somebody tries to sign in: who they are is not known yet.
NOBODY: Final = "nobody"

_MOST_SEVERE_PER_DAY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in as a reviewer takes.

    Args:
        reviewer: Who.
        password_hash: Of the password; empty: they cannot sign in.
        totp_secret: Of their authenticator; empty: they have none.
        totp_step: The last code's step; only later ones work.
        locked_until: Until when nobody signs in as them; none: not locked.
    """

    reviewer: Reviewer
    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_step: int
    locked_until: datetime | None


class Reviewers:
    """The reviewers of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, role: Role, password_hash: str, *, actor: str = SYSTEM) -> Reviewer:
        """Make an account and return it.

        Args:
            name: As `core.reviewer.reviewer_name` returns it.
            role: What they may do.
            password_hash: Of their first password.
            actor: Who makes it.

        Raises:
            InputError: `reviewer.exists`.
        """
        row = {
            "name": name,
            "role": role.value,
            "password_hash": password_hash,
            "totp_secret": "",
            "totp_step": 0,
            "is_enabled": True,
            "failures": 0,
            "severe_per_day": 0,
            "preferences": preferences_text(Preferences()),
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            new = insert_into(connection, reviewers).on_conflict_do_nothing()
            if not connection.execute(new.execution_options(preserve_rowcount=True), row).rowcount:
                raise InputError(
                    "reviewer.exists",
                    f"There is an account called {name} already.",
                    field="name",
                    remedy="Take another name.",
                )
            reviewer = reviewer_from(connection.execute(select(reviewers).where(reviewers.c.name == name)).one())
            _audit(connection, reviewer.id, "created", {"name": name, "role": role.value}, actor=actor)
        return reviewer

    def list(self) -> list[Reviewer]:
        """Return all reviewers, disabled ones too, oldest first."""
        with self._database.read() as connection:
            return [reviewer_from(row) for row in connection.execute(select(reviewers).order_by(reviewers.c.id))]

    def get(self, name: str) -> Reviewer:
        """Return the reviewer with this name.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        found = self.credentials(name)
        if found is None:
            raise _not_found("name")
        return found.reviewer

    def find(self, reviewer_id: int) -> Reviewer | None:
        """Return the reviewer with this id; nothing where there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(reviewers).where(reviewers.c.id == reviewer_id)).one_or_none()
        return None if row is None else reviewer_from(row)

    def credentials(self, name: str) -> Credentials | None:
        """Return what signing in with this name takes; nothing where there is no such account."""
        with self._database.read() as connection:
            row = connection.execute(select(reviewers).where(reviewers.c.name == name)).one_or_none()
        if row is None:
            return None
        return Credentials(reviewer_from(row), row.password_hash, row.totp_secret, row.totp_step, row.locked_until)

    def sign_in(
        self, proven: Credentials, now: datetime, *, step: int | None, new_hash: str, instead_of: str
    ) -> str | None:
        """Begin a session and return its cookie; nothing where the account has changed since `proven` was read.

        Args:
            proven: What was found to be right; whatever of it has changed, or been used meanwhile, is not right.
            now: Aware.
            step: Of the code that came along; none: the reviewer has no authenticator.
            new_hash: Of the same password, in place of the one that is kept; empty: that stays.
            instead_of: The cookie that came along, whose session ends; empty: none.
        """
        is_as_proven = (
            (reviewers.c.id == proven.reviewer.id)
            & reviewers.c.is_enabled
            & (reviewers.c.password_hash == proven.password_hash)
            & (reviewers.c.totp_secret == proven.totp_secret)
            & _is_open(now)
        )
        values: dict[str, Any] = {"failures": 0, "locked_until": None}
        if step is not None:
            is_as_proven &= reviewers.c.totp_step < step
            values["totp_step"] = step
        if new_hash:
            values["password_hash"] = new_hash
        with self._database.write() as connection:
            if not connection.execute(update(reviewers).where(is_as_proven).values(values)).rowcount:
                return None
            token = begin_session(connection, proven.reviewer.id, now, instead_of=instead_of)
            details = {"second_step": step is not None}
            _audit(connection, proven.reviewer.id, "signed_in", details, actor=proven.reviewer.actor)
        return token

    def note_failure(self, reviewer_id: int | None, now: datetime, *, because: str) -> None:
        """Count a wrong password or code; after `FAILURES_AT_MOST` in a row, lock the account for `LOCKED_FOR`.

        What comes while it is locked is audited and does not lock it for longer.

        Args:
            reviewer_id: Whose; none: there is no such account, and its name is not kept.
            now: Aware.
            because: A code for the audit.
        """
        is_last = reviewers.c.failures + 1 >= FAILURES_AT_MOST
        counted = (
            update(reviewers)
            .where(reviewers.c.id == reviewer_id, _is_open(now))
            .values(
                failures=case((is_last, 0), else_=reviewers.c.failures + 1),
                locked_until=case((is_last, now + LOCKED_FOR), else_=None),
            )
            .returning(reviewers.c.locked_until)
        )
        with self._database.write() as connection:
            row = connection.execute(counted).one_or_none()
            details: dict[str, Any] = {"because": because}
            if row is not None and row.locked_until is not None:
                details["locked_until"] = row.locked_until.isoformat()
            subject = "" if reviewer_id is None else str(reviewer_id)
            write_audit(connection, [audit_row(now, NOBODY, "reviewer.sign_in_failed", subject, details)])

    def forget_failures(self, reviewer_id: int) -> None:
        """Count failures anew, after a right password."""
        fails = (reviewers.c.id == reviewer_id) & (reviewers.c.failures > 0)
        with self._database.write() as connection:
            connection.execute(update(reviewers).where(fails).values(failures=0))

    def set_enabled(self, reviewer_id: int, *, is_enabled: bool, actor: str = SYSTEM) -> None:
        """Let a reviewer sign in, or end their sessions and let them no longer.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        act = "switched_on" if is_enabled else "switched_off"
        self._change(reviewer_id, {"is_enabled": is_enabled}, act, {}, actor, ends_sessions=not is_enabled)

    def set_role(self, reviewer_id: int, role: Role, *, actor: str = SYSTEM) -> None:
        """Give a reviewer another role, from their next request on.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        self._change(reviewer_id, {"role": role.value}, "changed", {"role": role.value}, actor)

    def set_severe_per_day(self, reviewer_id: int, count: int, *, actor: str = SYSTEM) -> None:
        """Bound how many severe cases a reviewer gets in a day.

        Args:
            reviewer_id: Who.
            count: 0 to 10,000; 0: no limit.
            actor: Who says so.

        Raises:
            InputError: `reviewer.severe_per_day`.
            NotFoundError: `reviewer.not_found`.
        """
        if not 0 <= count <= _MOST_SEVERE_PER_DAY:
            raise InputError(
                "reviewer.severe_per_day",
                "This is no number of cases in a day.",
                field="severe_per_day",
                remedy=f"Give 0 to {_MOST_SEVERE_PER_DAY}; 0 is no limit.",
            )
        self._change(reviewer_id, {"severe_per_day": count}, "changed", {"severe_per_day": count}, actor)

    def set_preferences(self, reviewer_id: int, preferences: Preferences, *, actor: str) -> None:
        """Keep how a reviewer wants to see content. What they chose is theirs, so the audit only says that they did.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        values = {"preferences": preferences_text(preferences)}
        self._change(reviewer_id, values, "changed", {"changed": "preferences"}, actor)

    def set_password(self, reviewer_id: int, password_hash: str, *, actor: str) -> None:
        """Give a reviewer another password and end their sessions.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        values = {"password_hash": password_hash}
        self._change(reviewer_id, values, "changed", {"changed": "password"}, actor, ends_sessions=True)

    def set_authenticator(self, reviewer_id: int, secret: str, step: int, *, actor: str) -> None:
        """Have signing in take a code of an authenticator.

        Args:
            reviewer_id: Whose.
            secret: Of the authenticator, in base32.
            step: Of the code that proved that they have it; only later ones work.
            actor: Who says so.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        values = {"totp_secret": secret, "totp_step": step}
        self._change(reviewer_id, values, "changed", {"changed": "authenticator"}, actor)

    def reset(self, reviewer_id: int, password_hash: str, *, actor: str = SYSTEM) -> None:
        """Give a reviewer a new first password, without an authenticator, unlocked; their sessions end.

        Raises:
            NotFoundError: `reviewer.not_found`.
        """
        values = {
            "password_hash": password_hash,
            "totp_secret": "",
            "totp_step": 0,
            "failures": 0,
            "locked_until": None,
        }
        self._change(reviewer_id, values, "reset", {}, actor, ends_sessions=True)

    def _change(
        self,
        reviewer_id: int,
        values: Mapping[str, Any],
        act: str,
        details: Mapping[str, Any],
        actor: str,
        *,
        ends_sessions: bool = False,
    ) -> None:
        with self._database.write() as connection:
            if not connection.execute(update(reviewers).where(reviewers.c.id == reviewer_id).values(values)).rowcount:
                raise _not_found("id")
            if ends_sessions:
                end_sessions(connection, reviewer_id)
            _audit(connection, reviewer_id, act, details, actor=actor)


def _is_open(now: datetime) -> Any:
    """Return the condition that an account is not locked."""
    return or_(reviewers.c.locked_until.is_(None), reviewers.c.locked_until <= now)


def _audit(connection: Connection, reviewer_id: int, act: str, details: Mapping[str, Any], *, actor: str) -> None:
    now = datetime.now(UTC)
    write_audit(connection, [audit_row(now, actor, f"reviewer.{act}", str(reviewer_id), details)])


def _not_found(field: str) -> NotFoundError:
    return NotFoundError(
        "reviewer.not_found", "There is no such account.", field=field, remedy="See `evenhand reviewers list`."
    )

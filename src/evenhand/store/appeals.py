"""Appeals: opened with a case for somebody else than who ruled, answered in messages, closed with an outcome.

Each act is one transaction with its audit row and its event. No words of anybody are in either.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from evenhand.core.alert import EventKind
from evenhand.core.appeal import MAX_AUTHOR_MESSAGES, Appeal, AppealMessage, AppealStatus, Sender
from evenhand.core.case import CaseKind
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.ids import new_id
from evenhand.core.reviewer import reviewer_actor
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.cases import case_row, open_case
from evenhand.store.database import Database
from evenhand.store.decisions import decision_not_found
from evenhand.store.events import write_events
from evenhand.store.records import EventRecord
from evenhand.store.review_tables import appeal_messages, appeals, rulings
from evenhand.store.tables import decisions

#: Whose act it is when somebody writes with the token of an appeal.
AUTHOR: Final = "author"
_TOKEN: Final = "eha_{}"  # noqa: S105 -- the form of one
_RANDOM_BYTES: Final = 32
_INSERT = insert(appeals)
_INSERT_MESSAGE = insert(appeal_messages)
_SELECT = select(appeals).where(appeals.c.id == bindparam("appeal_id"))
_SELECT_MESSAGES = (
    select(appeal_messages).where(appeal_messages.c.appeal_id == bindparam("appeal_id")).order_by(appeal_messages.c.id)
)


class Appeals:
    """The appeals of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self, decision_id: str, text: str, now: datetime, *, key_id: str, sees_all: bool = False
    ) -> tuple[Appeal, str]:
        """Open an appeal against a decision, with a case, and return it with the author's token, which is shown once.

        Args:
            decision_id: Against what.
            text: Why, as `core.appeal.check_words` takes it.
            now: Aware.
            key_id: The API key that it came with.
            sees_all: Whether that key may appeal against decisions that other keys asked for.

        Raises:
            NotFoundError: `decision.not_found`: there is none, or not for this key.
            InputError: `appeal.exists` while another one is open, or `appeal.nothing_stands`.
        """
        token = _TOKEN.format(secrets.token_urlsafe(_RANDOM_BYTES))
        with self._database.write() as connection:
            row = _taken(connection, decision_id)
            if row is None or not (sees_all or row.key_id == key_id):
                raise decision_not_found()
            _check_open(connection, row)
            decision = msgspec.json.decode(row.document, type=Decision)
            case = case_row(
                now,
                decision,
                CaseKind.APPEAL,
                author_id=row.author_id or "",
                excluded_id=_last_ruled_by(connection, decision_id),
            )
            appeal = Appeal(new_id("app"), now, decision_id, case["id"], key_id, AppealStatus.OPEN)
            open_case(connection, case)
            connection.execute(_INSERT, _row(appeal, token))
            _write_message(connection, appeal.id, text, now, reviewer_id=None)
            details = {"decision": decision_id, "case": appeal.case_id}
            write_audit(connection, [audit_row(now, key_id, "appeal.opened", appeal.id, details)])
            _tell(connection, EventKind.APPEAL_OPENED, appeal, row.key_id, decision.content_id)
        return self.get(appeal.id), token

    def get(self, appeal_id: str) -> Appeal:
        """Return an appeal with its messages.

        Raises:
            NotFoundError: `appeal.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(_SELECT, {"appeal_id": appeal_id}).one_or_none()
        if row is None:
            raise appeal_not_found()
        with self._database.read() as connection:
            messages = connection.execute(_SELECT_MESSAGES, {"appeal_id": appeal_id}).all()
        return _appeal(row, tuple(map(_message, messages)))

    def of_case(self, case_id: str) -> Appeal | None:
        """Return the appeal that a case is, with its messages; nothing where it is none."""
        with self._database.read() as connection:
            appeal_id = connection.execute(
                select(appeals.c.id).where(appeals.c.case_id == case_id)
            ).scalar_one_or_none()
        return self.get(appeal_id) if appeal_id else None

    def is_token(self, appeal_id: str, token: str) -> bool:
        """Return whether `token` is the one of this appeal's author."""
        with self._database.read() as connection:
            kept = connection.execute(
                select(appeals.c.token_sha256).where(appeals.c.id == appeal_id)
            ).scalar_one_or_none()
        return hmac.compare_digest(kept or "", _digest(token))

    def write(self, appeal_id: str, text: str, now: datetime, *, actor: str) -> Appeal:
        """Add a message of the author to an open appeal, and return the appeal.

        Args:
            appeal_id: Which.
            text: As `core.appeal.check_words` takes it.
            now: Aware.
            actor: The API key that it came with, or `AUTHOR`.

        Raises:
            NotFoundError: `appeal.not_found`.
            InputError: `appeal.closed`, or `appeal.too_many_messages`.
        """
        self._add(appeal_id, text, now, actor=actor, reviewer_id=None)
        return self.get(appeal_id)

    def answer(self, appeal_id: str, text: str, now: datetime, *, reviewer_id: int) -> None:
        """Add a message of a reviewer to an open appeal.

        Args:
            appeal_id: Which.
            text: As `core.appeal.check_words` takes it.
            now: Aware.
            reviewer_id: Who writes; the author is not told.

        Raises:
            NotFoundError: `appeal.not_found`.
            InputError: `appeal.closed`.
        """
        self._add(appeal_id, text, now, actor=reviewer_actor(reviewer_id), reviewer_id=reviewer_id)

    def _add(self, appeal_id: str, text: str, now: datetime, *, actor: str, reviewer_id: int | None) -> None:
        sender = Sender.AUTHOR if reviewer_id is None else Sender.REVIEWER
        with self._database.write() as connection:
            # Whoever closes the appeal meanwhile waits.
            taken = select(appeals.c.status).where(appeals.c.id == appeal_id).with_for_update()
            status = connection.execute(taken).scalar_one_or_none()
            if status is None:
                raise appeal_not_found()
            if status != AppealStatus.OPEN.value:
                raise InputError("appeal.closed", "The appeal is closed.", remedy="Read its outcome, or open another.")
            if sender is Sender.AUTHOR:
                _check_room(connection, appeal_id)
            _write_message(connection, appeal_id, text, now, reviewer_id=reviewer_id)
            write_audit(connection, [audit_row(now, actor, "appeal.written", appeal_id, {"sender": sender})])


def close_appeal(
    connection: Connection, case_id: str, outcome: str, now: datetime, *, reviewer_id: int | None, is_reversed: bool
) -> bool:
    """Close the open appeal that a case is, in the transaction of the ruling on it; return whether there was one.

    Args:
        connection: Of a transaction that has written something.
        case_id: The case that was ruled on.
        outcome: What the author is told, as `core.appeal.check_words` takes it.
        now: Aware.
        reviewer_id: Who ruled; none: the operator.
        is_reversed: Whether something else stands now than what the author disagreed with.
    """
    status = AppealStatus.REVERSED if is_reversed else AppealStatus.UPHELD
    closed = (
        update(appeals)
        .where(appeals.c.case_id == case_id, appeals.c.status == AppealStatus.OPEN.value)
        .values(status=status.value, outcome=outcome.encode(errors="replace"), closed_at=now)
        .returning(*appeals.c)
    )
    row = connection.execute(closed).one_or_none()
    if row is None:
        return False
    appeal = _appeal(row, ())
    of = connection.execute(
        select(decisions.c.key_id, decisions.c.document).where(decisions.c.id == appeal.decision_id)
    ).one()
    content_id = msgspec.json.decode(of.document, type=Decision).content_id
    details = {"decision": appeal.decision_id, "case": case_id, "status": status}
    write_audit(connection, [audit_row(now, reviewer_actor(reviewer_id), "appeal.closed", appeal.id, details)])
    _tell(connection, EventKind.APPEAL_CLOSED, appeal, of.key_id, content_id)
    return True


def appeal_not_found() -> NotFoundError:
    """Return the error for an appeal that is not there, or not for whoever asks."""
    return NotFoundError("appeal.not_found", "There is no such appeal, or it is not yours to see.")


def _taken(connection: Connection, decision_id: str) -> Any:
    """Return a row of decisions, if there, and have whoever else appeals wait for the end of this transaction."""
    # Rows that refer to the decision may be written all the same.
    taken = select(decisions).where(decisions.c.id == decision_id).with_for_update(key_share=True)
    return connection.execute(taken).one_or_none()


def _check_open(connection: Connection, decided: Any) -> None:
    if (decided.ruled_action or decided.action) == Action.ALLOW.value:
        raise InputError(
            "appeal.nothing_stands",
            "The content is allowed, so there is nothing to appeal against.",
            remedy="Leave it.",
        )
    is_open = (appeals.c.decision_id == decided.id) & (appeals.c.status == AppealStatus.OPEN.value)
    if connection.execute(select(appeals.c.id).where(is_open)).first() is not None:
        raise InputError(
            "appeal.exists",
            "There is an open appeal against this decision already.",
            remedy="Write a message in it, or wait for its outcome.",
        )


def _check_room(connection: Connection, appeal_id: str) -> None:
    theirs = (appeal_messages.c.appeal_id == appeal_id) & (appeal_messages.c.sender == Sender.AUTHOR.value)
    count = connection.execute(select(func.count()).select_from(appeal_messages).where(theirs)).scalar_one()
    if count >= MAX_AUTHOR_MESSAGES:
        raise InputError(
            "appeal.too_many_messages",
            f"The author has written {MAX_AUTHOR_MESSAGES} messages, which is the most.",
            remedy="Wait for the outcome.",
        )


def _last_ruled_by(connection: Connection, decision_id: str) -> int | None:
    """Return who ruled last on a decision; what was said of it as a golden case is no ruling."""
    is_ruling = (rulings.c.decision_id == decision_id) & (rulings.c.kind != CaseKind.GOLDEN.value)
    query = select(rulings.c.reviewer_id).where(is_ruling).order_by(rulings.c.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def _write_message(
    connection: Connection, appeal_id: str, text: str, now: datetime, *, reviewer_id: int | None
) -> None:
    sender = Sender.AUTHOR if reviewer_id is None else Sender.REVIEWER
    row = {
        "id": new_id("msg"),
        "appeal_id": appeal_id,
        "at": now,
        "sender": sender.value,
        "reviewer_id": reviewer_id,
        "body": text.encode(),
    }
    connection.execute(_INSERT_MESSAGE, row)


def _tell(connection: Connection, kind: EventKind, appeal: Appeal, key_id: str, content_id: str) -> None:
    document: Mapping[str, Any] = {
        "id": appeal.id,
        "decision_id": appeal.decision_id,
        "content_id": content_id,
        "created_at": appeal.created_at,
        "status": appeal.status,
    }
    write_events(connection, [EventRecord(kind, appeal.id, key_id, document)])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _row(appeal: Appeal, token: str) -> dict[str, Any]:
    return {
        "id": appeal.id,
        "created_at": appeal.created_at,
        "decision_id": appeal.decision_id,
        "case_id": appeal.case_id,
        "key_id": appeal.key_id,
        "token_sha256": _digest(token),
        "status": appeal.status.value,
        "outcome": None,
        "closed_at": None,
    }


def _appeal(row: Any, messages: tuple[AppealMessage, ...]) -> Appeal:
    return Appeal(
        id=row.id,
        created_at=row.created_at,
        decision_id=row.decision_id,
        case_id=row.case_id,
        key_id=row.key_id,
        status=AppealStatus(row.status),
        outcome=(row.outcome or b"").decode(),
        closed_at=row.closed_at,
        messages=messages,
    )


def _message(row: Any) -> AppealMessage:
    return AppealMessage(row.id, row.at, Sender(row.sender), row.body.decode())

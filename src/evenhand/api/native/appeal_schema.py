"""What the native dialect reads and answers about appeals, as types."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from evenhand.core.appeal import MAX_TEXT, AppealStatus, Sender

# The constraints are written for the document only: `core.appeal` checks them, with errors of their own.
Words = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_TEXT, "pattern": r"\S"})]


class AppealText(msgspec.Struct, forbid_unknown_fields=True):
    """What an author says.

    Args:
        text: 1 to 5,000 characters, in their own words; a person reads it.
    """

    text: Words


class MessageAnswer(msgspec.Struct):
    """What somebody wrote in an appeal.

    Args:
        id: `msg_` and 32 hex digits.
        at: When, in UTC.
        sender: `author`, or `reviewer`; which reviewer is not said.
        text: Their words; empty once they were erased.
    """

    id: str
    at: Annotated[datetime, Meta(tz=True)]
    sender: Sender
    text: str


class AppealAnswer(msgspec.Struct):
    """An appeal.

    Args:
        id: `app_` and 32 hex digits; sorts by time.
        decision_id: The decision that it is against.
        created_at: When it came, in UTC.
        status: open, upheld or reversed.
        outcome: What the author is told in the end; empty as long as it is open.
        closed_at: When it was answered.
        messages: What was written, oldest first.
    """

    id: str
    decision_id: str
    created_at: Annotated[datetime, Meta(tz=True)]
    status: AppealStatus
    outcome: str
    closed_at: Annotated[datetime, Meta(tz=True)] | None
    messages: list[MessageAnswer]


class OpenedAppeal(AppealAnswer):
    """An appeal that was just opened.

    Args:
        id: `app_` and 32 hex digits; sorts by time.
        decision_id: The decision that it is against.
        created_at: When it came, in UTC.
        status: open.
        outcome: Empty.
        closed_at: Nothing yet.
        messages: What the author said.
        token: For the author: with it instead of a key, this appeal alone can be read and written in. Shown once.
    """

    token: str = msgspec.field()

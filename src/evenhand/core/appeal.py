"""Appeal: an author disagrees with a decision, and somebody else than who ruled on it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from evenhand.core.errors import InputError, TooLargeError

MAX_TEXT: Final = 5_000
#: What an author may write in one appeal, so that a token that went astray cannot fill the database.
MAX_AUTHOR_MESSAGES: Final = 20


class AppealStatus(StrEnum):
    """Where an appeal is."""

    OPEN = "open"
    """Nobody has answered yet."""
    UPHELD = "upheld"
    """The decision stands."""
    REVERSED = "reversed"
    """It does not stand any more."""


class Sender(StrEnum):
    """Who wrote a message."""

    AUTHOR = "author"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class AppealMessage:
    """What somebody wrote in an appeal.

    Args:
        id: `msg_` and 32 hex digits, in order of time.
        at: Aware, in UTC.
        sender: The author, or a reviewer.
        body: Their words; empty once they were erased.
    """

    id: str
    at: datetime
    sender: Sender
    body: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """An author's disagreement with a decision.

    Args:
        id: `app_` and 32 hex digits, in order of time.
        created_at: Aware, in UTC.
        decision_id: Against what.
        case_id: The case that it is.
        key_id: The API key that it came with.
        status: Open, upheld or reversed.
        outcome: What the author is told in the end; empty: nothing yet.
        closed_at: When it was answered; aware, in UTC; none: it is open.
        messages: What was written, oldest first; the first is the author's.
    """

    id: str
    created_at: datetime
    decision_id: str
    case_id: str
    key_id: str
    status: AppealStatus
    outcome: str = ""
    closed_at: datetime | None = None
    messages: tuple[AppealMessage, ...] = ()


def check_words(text: str) -> None:
    """Refuse what nobody can answer.

    Args:
        text: 1 to 5,000 characters, at least one of them visible.

    Raises:
        InputError: `text.empty` or `text.encoding`.
        TooLargeError: `text.too_long`.
    """
    if len(text) > MAX_TEXT:
        raise TooLargeError(
            "text.too_long",
            f"The text has {len(text)} characters; at most {MAX_TEXT} are accepted.",
            field="text",
            remedy="Say it in fewer words.",
        )
    if not text.strip():
        raise InputError("text.empty", "The text is empty.", field="text", remedy="Say why the decision is wrong.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            "text.encoding", "The text is not valid Unicode.", field="text", remedy="Replace lone surrogates."
        ) from None

"""What the templates of cases may show, as `console/contexts.py` says."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from evenhand.console.contexts import Answer, Box
from evenhand.console.review.contexts import Frame


def _field(help_text: str) -> Any:
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue with open cases."""

    name: str = _field("What it is called.")
    cases: int = _field("How many are open.")
    claimed: int = _field("How many of them somebody has.")
    oldest: str = _field("How long the oldest waits, in words.")


@dataclass(frozen=True, slots=True)
class TodayLine:
    """What the reviewer was shown today."""

    cases: int = _field("How many cases.")
    severe: int = _field("Those of them that were hard to look at.")
    limit: str = _field("What follows from that: no more hard ones today; empty: nothing.")
    pause: str = _field("That it is time for a break; empty: it is not.")


@dataclass(frozen=True, slots=True)
class QueuesPage:
    """Where a reviewer begins."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = _field("What came of the last act; empty: nothing to say.")
    queues: tuple[QueueLine, ...] = _field("The queues that are not empty.")
    held_address: str = _field("Where the case is that they have; empty: they have none.")
    may_rule: bool = _field("Whether their role rules on cases.")
    today: TodayLine = _field("What they were shown today.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose."""

    value: str = _field("Its code.")
    words: str = _field("What it means.")
    is_chosen: bool = _field("Whether it is chosen from the start.")


@dataclass(frozen=True, slots=True)
class RulingLine:
    """An earlier ruling."""

    at: str = _field("When, in UTC.")
    who: str = _field("Who, by number: names do not belong between a reviewer and a case.")
    kind: str = _field("Why they had it.")
    action: str = _field("What they ruled.")
    reason: str = _field("Why; empty: they passed it on.")
    note: str = _field("Their own words; may be empty.")


@dataclass(frozen=True, slots=True)
class CasePicture:
    """A picture of a case."""

    number: int = _field("1, 2, 3 ... over all pictures.")
    address: str = _field("Where it is, as the page sees it.")
    caption: str = _field("What it is, in words.")
    boxes: tuple[Box, ...] = _field("Places that stand out.")


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A stretch of speech."""

    begin: str = _field("When it begins, as m:ss.")
    text: str = _field("What was said, as far as it was understood.")
    doubt: str = _field("That it was not understood well; empty: it was.")


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in an appeal."""

    at: str = _field("When, in UTC.")
    sender: str = _field("author or reviewer.")
    text: str = _field("What it says.")


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case, and the form to rule on it."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = _field("What came of the last act; empty: nothing to say.")
    id: str = _field("The case's id.")
    kind: str = _field("Why there is a case, in words.")
    queue: str = _field("Where it waited.")
    lease: str = _field("Until when they have it, in UTC; empty: they do not have it.")
    severity: str = _field("How hard it may be to look at, in words.")
    answer: Answer = _field("The decision that it is about.")  # noqa: RUF009 -- it makes a field
    is_folded: bool = _field("Whether the text is folded until asked.")
    is_gone: bool = _field("Whether the content is not there any more, or never was kept.")
    context: tuple[str, ...] = _field("Texts around it, oldest first.")
    cover: str = _field("Classes that spare the reader: blurred, grey, both or none.")
    shots: tuple[CasePicture, ...] = _field("Its pictures, or stills of its clip.")
    transcript: tuple[SpokenLine, ...] = _field("What is said in its clip.")
    is_appeal: bool = _field("Whether the author has to be answered.")
    messages: tuple[MessageLine, ...] = _field("What was written in the appeal, oldest first.")
    history: tuple[RulingLine, ...] = _field("Earlier rulings on it, oldest first.")
    same_text: int = _field("Other open cases with the same text.")
    same_author: int = _field("Other open cases of the same author.")
    author: str = _field("The caller's own name for the author; empty: none.")
    allow_reasons: tuple[Choice, ...] = _field("Why there may be no harm.")
    block_reasons: tuple[Choice, ...] = _field("What harm there may be.")
    may_lead: bool = _field("Whether they may make it a golden case.")
    today: TodayLine = _field("What they were shown today.")  # noqa: RUF009 -- it makes a field


CASE_CONTEXTS = (
    QueueLine,
    TodayLine,
    QueuesPage,
    Choice,
    RulingLine,
    CasePicture,
    SpokenLine,
    MessageLine,
    CasePage,
)

"""What the templates of cases may show, as `console/contexts.py` says."""

from dataclasses import dataclass

from evenhand.console.contexts import Answer, Box, shown
from evenhand.console.review.contexts import Frame


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue with open cases."""

    name: str = shown("What it is called.")
    cases: int = shown("How many are open.")
    claimed: int = shown("How many of them somebody has.")
    oldest: str = shown("How long the oldest waits, in words.")


@dataclass(frozen=True, slots=True)
class TodayLine:
    """What the reviewer was shown today."""

    cases: int = shown("How many cases.")
    severe: int = shown("Those of them that were hard to look at.")
    limit: str = shown("What follows from that: no more hard ones today; empty: nothing.")
    pause: str = shown("That it is time for a break; empty: it is not.")


@dataclass(frozen=True, slots=True)
class QueuesPage:
    """Where a reviewer begins."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = shown("What came of the last act; empty: nothing to say.")
    queues: tuple[QueueLine, ...] = shown("The queues that are not empty.")
    held_address: str = shown("Where the case is that they have; empty: they have none.")
    may_rule: bool = shown("Whether their role rules on cases.")
    today: TodayLine = shown("What they were shown today.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class Reason:
    """One of several things to choose."""

    value: str = shown("Its code.")
    words: str = shown("What it means.")
    is_chosen: bool = shown("Whether it is chosen from the start.")


@dataclass(frozen=True, slots=True)
class RulingLine:
    """An earlier ruling."""

    at: str = shown("When, in UTC.")
    who: str = shown("Who, by number: names do not belong between a reviewer and a case.")
    kind: str = shown("Why they had it.")
    action: str = shown("What they ruled.")
    reason: str = shown("Why; empty: they passed it on.")
    note: str = shown("Their own words; may be empty.")


@dataclass(frozen=True, slots=True)
class CasePicture:
    """A picture of a case."""

    number: int = shown("1, 2, 3 ... over all pictures.")
    address: str = shown("Where it is, as the page sees it.")
    caption: str = shown("What it is, in words.")
    boxes: tuple[Box, ...] = shown("Places that stand out.")


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A stretch of speech."""

    begin: str = shown("When it begins, as m:ss.")
    text: str = shown("What was said, as far as it was understood.")
    doubt: str = shown("That it was not understood well; empty: it was.")


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in an appeal."""

    at: str = shown("When, in UTC.")
    sender: str = shown("author or reviewer.")
    text: str = shown("What it says.")


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case, and the form to rule on it."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = shown("What came of the last act; empty: nothing to say.")
    id: str = shown("The case's id.")
    kind: str = shown("Why there is a case, in words.")
    queue: str = shown("Where it waited.")
    lease: str = shown("Until when they have it, in UTC; empty: they do not have it.")
    severity: str = shown("How hard it may be to look at, in words.")
    answer: Answer = shown("The decision that it is about.")  # noqa: RUF009 -- it makes a field
    is_folded: bool = shown("Whether the text is folded until asked.")
    is_gone: bool = shown("Whether the content is not there any more, or never was kept.")
    context: tuple[str, ...] = shown("Texts around it, oldest first.")
    cover: str = shown("Classes that spare the reader: blurred, grey, both or none.")
    shots: tuple[CasePicture, ...] = shown("Its pictures, or stills of its clip.")
    transcript: tuple[SpokenLine, ...] = shown("What is said in its clip.")
    is_appeal: bool = shown("Whether the author has to be answered.")
    messages: tuple[MessageLine, ...] = shown("What was written in the appeal, oldest first.")
    history: tuple[RulingLine, ...] = shown("Earlier rulings on it, oldest first.")
    same_text: int = shown("Other open cases with the same text.")
    same_author: int = shown("Other open cases of the same author.")
    author: str = shown("The caller's own name for the author; empty: none.")
    allow_reasons: tuple[Reason, ...] = shown("Why there may be no harm.")
    block_reasons: tuple[Reason, ...] = shown("What harm there may be.")
    may_lead: bool = shown("Whether they may make it a golden case.")
    today: TodayLine = shown("What they were shown today.")  # noqa: RUF009 -- it makes a field


CASE_CONTEXTS = (
    QueueLine,
    TodayLine,
    QueuesPage,
    Reason,
    RulingLine,
    CasePicture,
    SpokenLine,
    MessageLine,
    CasePage,
)

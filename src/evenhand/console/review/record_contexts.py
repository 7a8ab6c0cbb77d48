"""What the templates of the audit, of undo and of golden cases may show, as `console/contexts.py` says."""

from dataclasses import dataclass

from evenhand.console.contexts import Refusal, shown
from evenhand.console.review.contexts import Frame


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to which thing, and when."""

    sequence: int = shown("Counts up; never reused.")
    at: str = shown("When, in UTC.")
    actor: str = shown("A key's id, reviewer:NUMBER, or system.")
    act: str = shown("What was done, such as decision.made.")
    subject: str = shown("Id of the thing.")
    details: str = shown("More about it; never any of the content.")


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A place where the audit is not as it was written."""

    first: int = shown("The first row that it is about.")
    last: int = shown("The last one.")
    kind: str = shown("changed or missing.")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest rows of the audit, and whether all of it is as it was written."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    lines: tuple[AuditLine, ...] = shown("The newest rows, newest first.")
    report: str = shown("What came of looking through all of it, in words; empty: nobody asked.")
    faults: tuple[FaultLine, ...] = shown("Where it is broken.")


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What an undo would take back."""

    what: str = shown("What was asked for, in words.")
    reviewed: int = shown("Decisions that wait for a person.")
    blocked: int = shown("Decisions that block.")
    examples: tuple[str, ...] = shown("Ids of some of them.")


@dataclass(frozen=True, slots=True)
class UndoPage:
    """The form to take decisions back."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = shown("What came of the last act; empty: nothing to say.")
    refusal: Refusal | None = shown("Why it cannot be; none: it can, or nobody asked.")  # noqa: RUF009 -- it makes a field
    decision: str = shown("The decision's id as it was typed.")
    rule: str = shown("The rule's id as it was typed.")
    since: str = shown("The first day as it was typed.")
    until: str = shown("Up to when the preview counted; empty: there is none.")
    note: str = shown("Why, as it was typed.")
    preview: UndoPreview | None = shown("What it would take back; none: nobody asked.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class GoldenAnswerLine:
    """What somebody ruled who got a golden case."""

    name: str = shown("Who.")
    said: str = shown("What they ruled and why, in words.")
    at: str = shown("When, in UTC.")
    is_right: bool = shown("Whether it is what is right.")


@dataclass(frozen=True, slots=True)
class GoldenLine:
    """A golden case."""

    decision_id: str = shown("The decision's id.")
    right: str = shown("What is right and why, in words.")
    name: str = shown("Who says so.")
    at: str = shown("When they said so, in UTC.")
    address: str = shown("Where the content can be seen; empty: nowhere.")
    answers: tuple[GoldenAnswerLine, ...] = shown("What others ruled, oldest first.")
    agreed: int = shown("How many of them came to what is right.")


@dataclass(frozen=True, slots=True)
class GoldenPage:
    """All golden cases."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = shown("What came of the last act; empty: nothing to say.")
    refusal: Refusal | None = shown("Why it cannot be; none: it can, or nobody asked.")  # noqa: RUF009 -- it makes a field
    lines: tuple[GoldenLine, ...] = shown("The golden cases, newest first.")


RECORD_CONTEXTS = (
    AuditLine,
    FaultLine,
    AuditPage,
    UndoPreview,
    UndoPage,
    GoldenAnswerLine,
    GoldenLine,
    GoldenPage,
)

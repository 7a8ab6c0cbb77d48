"""What the templates of the audit and of undo may show, as `console/contexts.py` says."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import Frame


def _field(help_text: str) -> Any:
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to which thing, and when."""

    sequence: int = _field("Counts up; never reused.")
    at: str = _field("When, in UTC.")
    actor: str = _field("A key's id, reviewer:NUMBER, or system.")
    act: str = _field("What was done, such as decision.made.")
    subject: str = _field("Id of the thing.")
    details: str = _field("More about it; never any of the content.")


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A place where the audit is not as it was written."""

    first: int = _field("The first row that it is about.")
    last: int = _field("The last one.")
    kind: str = _field("changed or missing.")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest rows of the audit, and whether all of it is as it was written."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    lines: tuple[AuditLine, ...] = _field("The newest rows, newest first.")
    report: str = _field("What came of looking through all of it, in words; empty: nobody asked.")
    faults: tuple[FaultLine, ...] = _field("Where it is broken.")


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What an undo would take back."""

    what: str = _field("What was asked for, in words.")
    reviewed: int = _field("Decisions that wait for a person.")
    blocked: int = _field("Decisions that block.")
    examples: tuple[str, ...] = _field("Ids of some of them.")


@dataclass(frozen=True, slots=True)
class UndoPage:
    """The form to take decisions back."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    notice: str = _field("What came of the last act; empty: nothing to say.")
    refusal: Refusal | None = _field("Why it cannot be; none: it can, or nobody asked.")  # noqa: RUF009 -- it makes a field
    decision: str = _field("The decision's id as it was typed.")
    rule: str = _field("The rule's id as it was typed.")
    since: str = _field("The first day as it was typed.")
    until: str = _field("Up to when the preview counted; empty: there is none.")
    note: str = _field("Why, as it was typed.")
    preview: UndoPreview | None = _field("What it would take back; none: nobody asked.")  # noqa: RUF009 -- it makes a field


RECORD_CONTEXTS = (AuditLine, FaultLine, AuditPage, UndoPreview, UndoPage)

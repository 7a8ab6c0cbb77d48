"""Case: a content that a person is to rule on, and what rulings, reviewers and appeals are called."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from evenhand.core.decision import Action
from evenhand.core.errors import ScopeError
from evenhand.core.taxonomy import Label

#: How long a reviewer has a case to themselves. A ruling that comes later still counts if nobody else has taken it.
LEASE: Final = timedelta(minutes=30)

#: How long a reviewer does not get a case again that they passed by.
SKIP_LASTS: Final = timedelta(hours=8)

#: The queue of cases for which the policy names none.
DEFAULT_QUEUE: Final = "default"


class CaseKind(StrEnum):
    """Why there is a case."""

    REVIEW = "review"
    """The decision was review."""
    SECOND_REVIEW = "second_review"
    """A reviewer asks another one."""
    ESCALATION = "escalation"
    """A reviewer asks a lead."""
    GOLDEN = "golden"
    """It is known what is right; whoever gets it is not told so."""
    APPEAL = "appeal"
    """The author disagrees."""


#: What is open until another person has ruled.
REFERRALS: Final = (CaseKind.SECOND_REVIEW, CaseKind.ESCALATION)


class CaseStatus(StrEnum):
    """Where a case is."""

    OPEN = "open"
    CLOSED = "closed"


class Role(StrEnum):
    """What somebody who signs in may do."""

    REVIEWER = "reviewer"
    """Rule on cases."""
    LEAD = "lead"
    """That, take escalations, undo, and see the numbers of all."""
    ADMIN = "admin"
    """That, and keep the accounts."""
    AUDITOR = "auditor"
    """See the numbers and the audit; rule on nothing."""


#: Why a content is allowed after all; a block's reason is a category of the taxonomy.
NO_HARM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_harmful": "Nothing in it is harmful.",
        "quoted": "It quotes or reports harm in order to oppose or document it.",
        "reclaimed": "The words are used by those whom they once insulted, of themselves.",
        "joking": "It is banter, fiction, sport or a figure of speech.",
        "misread": "Something was misread: another language, another meaning, a false match.",
    }
)

#: How hard a content may be to look at, by what it is suspected of: 0 (not at all) to 3.
_SEVERITY: Final[Mapping[Label, int]] = MappingProxyType(
    {
        Label.SEXUAL_MINORS: 3,
        Label.VIOLENCE_GRAPHIC: 3,
        Label.SELF_HARM_INSTRUCTIONS: 2,
        Label.SELF_HARM_INTENT: 2,
        Label.SELF_HARM: 2,
        Label.EXTREMISM: 2,
        Label.HATE_THREATENING: 2,
        Label.HARASSMENT_THREATENING: 2,
        Label.VIOLENCE: 2,
        Label.ILLICIT_VIOLENT: 2,
        Label.SEXUAL: 2,
        Label.HATE: 1,
        Label.HARASSMENT: 1,
        Label.ILLICIT: 1,
    }
)


def severity_of(labels: Mapping[Label, float] | frozenset[Label]) -> int:
    """Return how hard a content may be to look at, 0 to 3, by the labels that its decision is about."""
    return max((_SEVERITY.get(label, 0) for label in labels), default=0)


def check_role(role: Role, roles: Collection[Role]) -> None:
    """Refuse a role that is none of `roles`.

    Raises:
        ScopeError: `role.not_allowed`.
    """
    if role not in roles:
        raise ScopeError(
            "role.not_allowed", "Your role may not do this.", remedy="Ask an admin of this server for another role."
        )


def is_reason(action: Action, reason: str) -> bool:
    """Return whether `reason` can stand for a ruling of `action`: a category for block, one of `NO_HARM` for allow."""
    if action is Action.BLOCK:
        return reason in tuple(Label) and not Label(reason).is_attribute
    return action is Action.ALLOW and reason in NO_HARM


@dataclass(frozen=True, slots=True)
class Case:
    """A content that a person is to rule on.

    Args:
        id: `case_` and 32 hex digits, in order of time.
        created_at: Aware, in UTC.
        decision_id: The decision that it is about.
        kind: Why there is a case.
        status: Open or closed.
        queue: Where it waits.
        severity: How hard it may be to look at, 0 to 3.
        author_id: The caller's own name for the author; empty: none.
        content_sha256: Of the text; empty: it was not kept.
        claimed_by: Id of the reviewer who has it; none: nobody.
        leased_until: Until when; aware, in UTC.
    """

    id: str
    created_at: datetime
    decision_id: str
    kind: CaseKind
    status: CaseStatus
    queue: str
    severity: int
    author_id: str = ""
    content_sha256: str = ""
    claimed_by: int | None = None
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person ruled.

    Args:
        id: `rul_` and 32 hex digits, in order of time.
        at: Aware, in UTC.
        case_id: The case; empty: an undo has none.
        decision_id: The decision that is confirmed or overruled.
        reviewer_id: Who; none: not a reviewer, but the operator at the command line.
        kind: As the case's, or `undo`.
        action: Allow or block; review: it goes on to somebody else.
        reason: A category of the taxonomy, or one of `NO_HARM`.
        note: Their own words.
        before: The action that stood until then.
        seconds: From the claim to the ruling.
    """

    id: str
    at: datetime
    case_id: str
    decision_id: str
    reviewer_id: int | None
    kind: str
    action: Action
    reason: str
    note: str
    before: Action
    seconds: int

"""What goes into the store and comes out of it. Plain dataclasses: doors and the library need no database for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evenhand.core.alert import Attempt, DeliveryStatus, Event, EventKind
from evenhand.core.decision import Action, Decision, RuleHit
from evenhand.core.timeline import ClipNotes


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A copy of one frame of an image.

    Args:
        image: Which of the content's images it is, from 0.
        frame: Which frame of the image, from 0.
        data: JPEG, at most a million pixels, without metadata.
    """

    image: int
    frame: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ShadowVerdict:
    """What a policy in the shadow would have done, where that is not what was done.

    Args:
        version: The policy's.
        action: What it would have done.
        rules: What set it off.
    """

    version: str
    action: Action
    rules: tuple[RuleHit, ...]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision on its way into the store.

    Args:
        decision: The decision.
        key_id: The API key that the content came with; empty when there was none.
        door: Which door it came through.
        body: The content's text, if it is to be kept.
        context: Texts around it, kept only with the body.
        images: Copies of its images, kept only with the body; of a clip, its stills, by their time in milliseconds.
        clip: What was said and found in a clip, kept only with the body.
        author_id: The caller's own name for the author; empty: none.
        shadows: What policies in the shadow would have done otherwise.
    """

    decision: Decision
    key_id: str
    door: str
    body: str | None = None
    context: tuple[str, ...] = ()
    images: tuple[StoredImage, ...] = ()
    clip: ClipNotes | None = None
    author_id: str = ""
    shadows: tuple[ShadowVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it was kept."""

    decision: Decision
    key_id: str
    door: str


@dataclass(frozen=True, slots=True)
class StoredContent:
    """The body of a content.

    Args:
        decision_id: The decision on it.
        created_at: When the decision was made; aware, in UTC.
        kept_because: `review` when the decision was review, otherwise `asked`.
        body: The text; empty where there were only images.
        context: Texts around it, oldest first.
        images: Copies of its images, in order.
        clip: What was said and found, where it was a clip.
    """

    decision_id: str
    created_at: datetime
    kept_because: str
    body: str
    context: tuple[str, ...] = ()
    images: tuple[StoredImage, ...] = ()
    clip: ClipNotes | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """Scores that a client suggests for a comment.

    Args:
        id: `fb_` and 32 hex digits, in order of time.
        created_at: Aware, in UTC.
        key_id: The API key that it came with.
        comment: The text; empty once its retention is over.
        suggested: Summary score by attribute, 0..1.
        spans: The suggested spans as they were sent, by attribute.
        languages: As the client said.
        context: As the client sent it; none once its retention is over.
        community_id: The client's name for the place.
        client_token: The client's name for the comment.
        session_id: The client's name for the session.
    """

    id: str
    created_at: datetime
    key_id: str
    comment: str
    suggested: Mapping[str, float]
    spans: Mapping[str, Any]
    languages: tuple[str, ...] = ()
    context: Mapping[str, Any] | None = None
    community_id: str = ""
    client_token: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to which thing, and when.

    Args:
        sequence: Counts up; never reused.
        at: Aware, in UTC.
        actor: A key id, or `system`.
        act: `noun.past`, such as `decision.made`.
        subject: Id of the thing.
        details: Never any of the content.
    """

    sequence: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event on its way into the store.

    Args:
        kind: What happened.
        subject: Id of the thing that it happened to.
        key_id: The API key that it came with; empty when there was none.
        document: What receivers are told, as JSON has it; never any of a content.
        action: What was decided, where anything was: webhooks may want some actions only.
    """

    kind: EventKind
    subject: str
    key_id: str
    document: Mapping[str, Any]
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that one server has to itself for a while.

    Args:
        event: What is delivered.
        webhook_id: Where it goes.
        attempts: How often it was tried since it was last made to wait.
        log: All attempts, oldest first.
        leased_until: Until when it is claimed; aware, in UTC.
    """

    event: Event
    webhook_id: int
    attempts: int
    log: tuple[Attempt, ...]
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A delivery as it is.

    Args:
        event: What is delivered.
        subject: Id of the thing that it happened to.
        status: What became of it.
        attempts: How often it was tried since it was last made to wait.
        next_at: When it is tried next; none: not any more.
        delivered_at: When the receiver had it; none: not yet.
        log: All attempts, oldest first.
    """

    event: Event
    subject: str
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    delivered_at: datetime | None
    log: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class AuditFault:
    """A place where the audit is not as it was written.

    Args:
        first: Sequence number of the first row that it is about.
        last: Of the last one.
        kind: `changed`, or `missing`.
    """

    first: int
    last: int
    kind: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What became of the chain of audit rows.

    Args:
        rows: Rows in the chain.
        unchained: Rows from before there was one.
        sequence: The newest row.
        sha256: Its digest; compare it with one that you kept elsewhere.
        faults: Where it is broken; none: every row is as it was written, and none is missing.
    """

    rows: int
    unchained: int
    sequence: int
    sha256: str
    faults: tuple[AuditFault, ...]


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """How many rows were past their retention.

    Args:
        contents: Bodies that were deleted.
        comments: Feedback rows whose comment and context were deleted.
        feedback: Whole feedback rows that were deleted.
        decisions: Decisions that were deleted.
        events: Events that were deleted, with their deliveries.
        jobs: Jobs that were deleted, all of them over.
        notes: Notes of rulings and messages of closed appeals that were deleted.
    """

    contents: int
    comments: int
    feedback: int
    decisions: int
    events: int = 0
    jobs: int = 0
    notes: int = 0


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy as it was.

    Args:
        version: Hash of what it decides by.
        name: What it is called.
        created_at: When it was first used; aware, in UTC.
        source: The whole policy in YAML, with everything that it inherits.
    """

    version: str
    name: str
    created_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """A stored policy, and how many decisions that are still kept it made."""

    policy: StoredPolicy
    decisions: int


@dataclass(frozen=True, slots=True)
class ShadowDifference:
    """A decision that a policy in the shadow would have made otherwise.

    Args:
        decision_id: The decision.
        created_at: When it was made; aware, in UTC.
        live_action: What was done.
        live_rules: What set that off.
        action: What the policy in the shadow would have done.
        rules: What set that off.
    """

    decision_id: str
    created_at: datetime
    live_action: Action
    live_rules: tuple[RuleHit, ...]
    action: Action
    rules: tuple[RuleHit, ...]

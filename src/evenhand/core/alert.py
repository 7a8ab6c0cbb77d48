"""Alerts: webhooks that an operator registered, events that they are told of, and each event's delivery to each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from evenhand.core.decision import Action
from evenhand.core.errors import InputError

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")


class EventKind(StrEnum):
    """What happened."""

    DECISION_MADE = "decision.made"
    """A content was decided on, and the decision is kept."""
    JOB_DONE = "job.done"
    """A job ended with a result."""
    JOB_FAILED = "job.failed"
    """A job ended without one."""
    RULING_MADE = "ruling.made"
    """A person confirmed or overruled a decision, or an earlier ruling was undone."""
    APPEAL_OPENED = "appeal.opened"
    """An author disagrees with a decision."""
    APPEAL_CLOSED = "appeal.closed"
    """An appeal was answered: what stood was upheld or reversed."""
    WEBHOOK_TEST = "webhook.test"
    """Somebody tries whether a webhook works."""


#: What a webhook may ask for. A test goes to the one that is tested.
KINDS: Final = tuple(kind for kind in EventKind if kind is not EventKind.WEBHOOK_TEST)


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    """It will be tried, or tried again."""
    DELIVERED = "delivered"
    """The receiver has it."""
    DEAD = "dead"
    """It is not tried any more."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as a webhook is told of it.

    Args:
        id: `evt_` and 32 hex digits, in order of time; the same with every attempt, so that it counts once.
        kind: One of `EventKind`; a newer evenhand may have more.
        created_at: Aware, in UTC.
        data: What there is to say about it; never a content.
    """

    id: str
    kind: str
    created_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A target that an operator registered.

    Args:
        id: Counts up; never reused.
        name: What its owner calls it.
        url: Where events are posted to.
        kinds: Which events it wants; empty: all. A newer evenhand on the same database may know more.
        actions: Which actions it wants of events that have one; empty: all.
        key_id: The API key whose events it wants; empty: of all.
        is_enabled: Whether it is told of anything.
        created_at: Aware, in UTC.
    """

    id: int
    name: str
    url: str
    kinds: frozenset[str]
    actions: frozenset[str]
    key_id: str
    is_enabled: bool
    created_at: datetime

    def wants(self, kind: EventKind, *, action: Action | None, key_id: str) -> bool:
        """Whether it is to be told of an event of this `kind`, with this `action`, if any, that came with `key_id`."""
        return (
            self.is_enabled
            and (not self.kinds or kind in self.kinds)
            and (not self.actions or action is None or action in self.actions)
            and (not self.key_id or key_id == self.key_id)
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver.

    Args:
        at: When it began; aware, in UTC.
        milliseconds: How long it took.
        status: What the receiver answered; none where it gave no answer.
        error: A stable code, such as `url.timeout`; empty if it was delivered.
    """

    at: datetime
    milliseconds: int
    status: int | None
    error: str

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it."""
        return not self.error


def check_webhook(*, name: str, kinds: frozenset[EventKind]) -> None:
    """Refuse what no webhook can be.

    Raises:
        InputError: `webhook.name` or `webhook.kind`.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "webhook.name",
            f"{name!r} is no name for a webhook.",
            field="name",
            remedy="Use 1 to 64 of a-z, 0-9, dot, dash and underscore; begin and end with a letter or digit.",
        )
    if not kinds <= frozenset(KINDS):
        raise InputError(
            "webhook.kind",
            f"A webhook cannot ask for {', '.join(sorted(kinds - frozenset(KINDS)))}.",
            field="kinds",
            remedy=f"Use some of {', '.join(KINDS)}, or none for all.",
        )

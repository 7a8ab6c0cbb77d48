"""Service: everything that a door needs, in one hand."""

from dataclasses import dataclass

from evenhand.service.access import Gate
from evenhand.service.moderate import Moderation
from evenhand.service.queue import BatchQueue
from evenhand.store.store import Store


@dataclass(frozen=True, slots=True)
class Service:
    """What a door works with.

    Args:
        moderation: Prepares submissions; knows detectors and policies.
        queue: Moderates them in batches.
        gate: Checks keys.
        store: Reads decisions, keeps feedback.
        max_items: Most items in one request.
        public_url: The server's address as clients see it, without a slash at the end; empty: as the request says.
    """

    moderation: Moderation
    queue: BatchQueue
    gate: Gate
    store: Store
    max_items: int
    public_url: str = ""

"""Service: everything that a door needs, in one hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from evenhand.core.content import ImageFile
from evenhand.core.decision import Decision
from evenhand.service.access import Gate
from evenhand.service.image_room import ImageRoom
from evenhand.service.moderate import Moderation, Submission
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
        image_room: Bounds the images at work.
        fetch: Fetches an image from an address that a client sent; none: such addresses are refused.
        public_url: The server's address as clients see it, without a slash at the end; empty: as the request says.
    """

    moderation: Moderation
    queue: BatchQueue
    gate: Gate
    store: Store
    max_items: int
    image_room: ImageRoom = field(default_factory=lambda: ImageRoom(32))
    fetch: Callable[..., ImageFile] | None = None
    public_url: str = ""

    async def moderate(
        self, prepare: Callable[[], list[Submission]], *, images: int
    ) -> tuple[list[Submission], list[Decision]]:
        """Return what `prepare` makes of a request, and the decisions on it.

        Args:
            prepare: Makes the submissions; where there are images it decodes them, so it runs in a thread.
            images: How many images the request has.

        Raises:
            EvenhandError: As `prepare`, `ImageRoom.take` and `BatchQueue.moderate`.
        """
        if not images:
            submissions = prepare()
            return submissions, await self.queue.moderate(submissions)
        with self.image_room.take(images):
            submissions = await asyncio.to_thread(prepare)
            return submissions, await self.queue.moderate(submissions)

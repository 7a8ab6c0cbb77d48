"""Gather what arrives together into batches for the detectors: bounded wait, bounded queue.

One worker thread takes whatever waits, up to a batch, as soon as it is free: alone, an item does not wait; under load,
the batches fill themselves. What does not fit into the queue is refused before it is accepted, so nothing accepted is
lost. A request that waits for a second look steps aside until it is there.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from evenhand.core.decision import Decision
from evenhand.core.errors import OverloadError
from evenhand.engine.screen import BATCH_SIZE
from evenhand.service.moderate import Moderation, Screened, Submission

Waiting = tuple[Sequence[Submission], asyncio.Future[list[Decision]]]


class BatchQueue:
    """The asynchronous way to `Moderation.moderate`. Belongs to one event loop.

    Args:
        moderation: What does the work.
        capacity: Most submissions that may wait.
        wait_seconds: Longest time that the first of a batch waits for companions while the worker is idle.
    """

    def __init__(self, moderation: Moderation, *, capacity: int, wait_seconds: float = 0.0) -> None:
        self._moderation = moderation
        self._capacity = capacity
        self._wait_seconds = wait_seconds
        self._waiting: deque[Waiting] = deque()
        self._size = 0
        self._worker: asyncio.Task[None] | None = None
        self._finishing: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="moderate")

    @property
    def size(self) -> int:
        """Submissions that wait now."""
        return self._size

    async def moderate(self, submissions: Sequence[Submission]) -> list[Decision]:
        """Return a decision for each of `submissions`, in order.

        Raises:
            OverloadError: The queue is full; nothing was accepted.
            StoreError: The decisions could not be kept; nothing was accepted.
        """
        if self._size + len(submissions) > self._capacity:
            raise OverloadError(retry_after=1.0)
        future: asyncio.Future[list[Decision]] = asyncio.get_running_loop().create_future()
        self._waiting.append((submissions, future))
        self._size += len(submissions)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def close(self) -> None:
        """Finish what was accepted, then let the thread end."""
        if self._worker is not None:
            await self._worker
        await asyncio.gather(*self._finishing)
        self._thread.shutdown()

    async def _work(self) -> None:
        if self._wait_seconds:
            await asyncio.sleep(self._wait_seconds)
        while self._waiting:
            await self._work_off(self._next_batch())

    def _next_batch(self) -> list[Waiting]:
        """Take whole requests up to a batch; a request larger than that goes alone."""
        batch = [self._waiting.popleft()]
        count = len(batch[0][0])
        while self._waiting and count + len(self._waiting[0][0]) <= BATCH_SIZE:
            batch.append(self._waiting.popleft())
            count += len(batch[-1][0])
        self._size -= count
        return batch

    async def _work_off(self, batch: list[Waiting]) -> None:
        loop = asyncio.get_running_loop()
        futures = [future for _, future in batch]
        try:
            begun = await loop.run_in_executor(
                self._thread, self._moderation.begin, [submissions for submissions, _ in batch]
            )
        except Exception as error:  # noqa: BLE001 -- every waiter must hear of it, whatever it is
            for future in futures:
                _fail(future, error)
            return
        for future, outcome in zip(futures, begun, strict=True):
            if isinstance(outcome, Screened):
                task = loop.create_task(self._finish(outcome, future))
                self._finishing.add(task)
                task.add_done_callback(self._finishing.discard)
            elif not future.done():
                future.set_result(outcome)

    async def _finish(self, screened: Screened, future: asyncio.Future[list[Decision]]) -> None:
        """Wait for the replies that `screened` needs, then for its decisions."""
        await asyncio.gather(*(asyncio.wrap_future(reply) for asked in screened.replies for reply in asked))
        try:
            decisions = await asyncio.get_running_loop().run_in_executor(
                self._thread, self._moderation.finish, screened
            )
        except Exception as error:  # noqa: BLE001 -- as above
            _fail(future, error)
            return
        if not future.done():
            future.set_result(decisions)


def _fail(future: asyncio.Future[list[Decision]], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)

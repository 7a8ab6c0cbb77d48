import asyncio
import threading

import pytest

from evenhand.core.errors import OverloadError
from evenhand.service.queue import BatchQueue


class Echo:
    """Stands for Moderation: gives back what it got, and can be held."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()
        self.batches = []

    def moderate(self, submissions):
        self.go.wait(10)
        self.batches.append(list(submissions))
        if "bad" in submissions:
            raise ValueError("bad")
        return list(submissions)


def run(scenario, **options):
    async def main():
        echo = Echo()
        queue = BatchQueue(echo, **{"capacity": 100} | options)
        try:
            await scenario(queue, echo)
        finally:
            echo.go.set()
            await queue.close()

    asyncio.run(main())


def test_each_request_gets_its_own_decisions():
    async def scenario(queue, _):
        answers = await asyncio.gather(queue.moderate(["a", "b"]), queue.moderate(["c"]))
        assert answers == [["a", "b"], ["c"]]
        assert queue.size == 0

    run(scenario)


def test_what_arrives_while_the_worker_is_busy_goes_together():
    async def scenario(queue, echo):
        echo.go.clear()
        tasks = [asyncio.create_task(queue.moderate([str(number)])) for number in range(5)]
        await asyncio.sleep(0.01)
        tasks += [asyncio.create_task(queue.moderate([str(number)])) for number in range(5, 50)]
        await asyncio.sleep(0.01)
        echo.go.set()
        assert await asyncio.gather(*tasks) == [[str(number)] for number in range(50)]
        assert [len(batch) for batch in echo.batches] == [5, 32, 13]

    run(scenario)


def test_a_request_is_never_split_even_when_it_is_larger_than_a_batch():
    async def scenario(queue, echo):
        many = [str(number) for number in range(60)]
        assert await asyncio.gather(queue.moderate(["a"]), queue.moderate(many)) == [["a"], many]
        assert [len(batch) for batch in echo.batches] == [1, 60]

    run(scenario)


def test_the_first_waits_for_companions_when_told_to():
    async def scenario(queue, echo):
        first = asyncio.create_task(queue.moderate(["a"]))
        await asyncio.sleep(0.01)
        assert await queue.moderate(["b"]) == ["b"]
        assert await first == ["a"]
        assert echo.batches == [["a", "b"]]

    run(scenario, wait_seconds=0.1)


def test_a_full_queue_refuses_before_it_accepts():
    async def scenario(queue, echo):
        echo.go.clear()
        working = asyncio.create_task(queue.moderate(["a"]))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(queue.moderate(["b", "c"]))
        await asyncio.sleep(0.01)
        with pytest.raises(OverloadError) as caught:
            await queue.moderate(["d"])
        assert caught.value.retry_after == 1.0
        echo.go.set()
        assert await asyncio.gather(working, waiting) == [["a"], ["b", "c"]]
        assert await queue.moderate(["d"]) == ["d"]

    run(scenario, capacity=2)


def test_an_error_reaches_everyone_in_the_batch_and_nobody_else():
    async def scenario(queue, _):
        answers = await asyncio.gather(queue.moderate(["bad"]), queue.moderate(["a"]), return_exceptions=True)
        assert [type(answer) for answer in answers] == [ValueError, ValueError]
        assert await queue.moderate(["b"]) == ["b"]

    run(scenario)


@pytest.mark.parametrize("content", ["a", "bad"])
def test_a_caller_that_goes_away_does_not_disturb_the_others(content):
    async def scenario(queue, echo):
        echo.go.clear()
        gone = asyncio.create_task(queue.moderate([content]))
        stays = asyncio.create_task(queue.moderate(["b"]))
        await asyncio.sleep(0.01)
        gone.cancel()
        echo.go.set()
        answer = (await asyncio.gather(stays, return_exceptions=True))[0]
        assert answer == ["b"] or isinstance(answer, ValueError)
        assert await queue.moderate(["c"]) == ["c"]

    run(scenario)


def test_closing_finishes_what_was_accepted():
    async def main():
        echo = Echo()
        queue = BatchQueue(echo, capacity=10)
        task = asyncio.create_task(queue.moderate(["a"]))
        await asyncio.sleep(0)
        await queue.close()
        assert await task == ["a"]

    asyncio.run(main())


def test_closing_an_unused_queue_is_fine():
    async def main():
        await BatchQueue(Echo(), capacity=10).close()

    asyncio.run(main())

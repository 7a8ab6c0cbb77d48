import asyncio
import threading
from concurrent.futures import Future

import pytest

from evenhand.core.errors import OverloadError
from evenhand.service.moderate import Screened
from evenhand.service.queue import BatchQueue


class Echo:
    """Stands for Moderation: gives back what it got, and can be held."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()
        self.batches = []
        self.asked = []
        self.has_asked = threading.Event()

    def begin(self, requests):
        self.go.wait(10)
        submissions = [submission for request in requests for submission in request]
        self.batches.append(submissions)
        if "bad" in submissions:
            raise ValueError("bad")
        return [self._step_aside(request) if "unclear" in request else list(request) for request in requests]

    def _step_aside(self, request):
        self.asked.append(Future())
        self.has_asked.set()
        return Screened(request, (), [self.asked[-1:]])

    def finish(self, screened):
        (reply,) = screened.replies[0]
        if reply.result() == "bad":
            raise ValueError("bad")
        return [*screened.submissions, reply.result()]


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


async def stepped_aside(queue, echo):
    """Return a request that waits for a reply, once it does."""
    task = asyncio.create_task(queue.moderate(["unclear"]))
    await asyncio.to_thread(echo.has_asked.wait, 10)
    return task


def test_who_waits_for_a_reply_holds_nobody_up():
    async def scenario(queue, echo):
        unclear = await stepped_aside(queue, echo)
        assert await queue.moderate(["a"]) == ["a"]
        assert not unclear.done()
        echo.asked[0].set_result("a reply")
        assert await unclear == ["unclear", "a reply"]

    run(scenario, capacity=1)


def test_an_error_after_a_reply_reaches_who_waited_for_it():
    async def scenario(queue, echo):
        unclear = await stepped_aside(queue, echo)
        echo.asked[0].set_result("bad")
        with pytest.raises(ValueError, match="bad"):
            await unclear
        assert await queue.moderate(["a"]) == ["a"]

    run(scenario)


@pytest.mark.parametrize("answer", ["a reply", "bad"])
def test_a_caller_that_goes_away_before_its_reply_comes_disturbs_nobody(answer):
    async def scenario(queue, echo):
        unclear = await stepped_aside(queue, echo)
        unclear.cancel()
        echo.asked[0].set_result(answer)
        assert await queue.moderate(["a"]) == ["a"]

    run(scenario)


def test_closing_waits_for_replies_too():
    async def main():
        echo = Echo()
        queue = BatchQueue(echo, capacity=10)
        unclear = await stepped_aside(queue, echo)
        asyncio.get_running_loop().call_later(0.01, echo.asked[0].set_result, "a reply")
        await queue.close()
        assert unclear.done() or await unclear == ["unclear", "a reply"]

    asyncio.run(main())


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

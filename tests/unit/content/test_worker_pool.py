"""Workers that are asked, overrun, die and are replaced, whatever it is that they do.

What they do to images and clips is in `test_decoding.py` and `test_clip_decoding.py`.
"""

import gc
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from evenhand.content.decode_worker import read_message
from evenhand.content.worker_pool import WorkerPool
from evenhand.core.errors import EvenhandError

#: A worker that says what it is told, and does some other things that it is told.
ECHO = """
import json, os, sys, time
from evenhand.content import decode_worker as worker
requests, answers = sys.stdin.buffer, sys.stdout.buffer
worker.write_message(answers, {})
while message := worker.read_message(requests, most_bytes=1 << 20):
    said = json.loads(message[0])["say"]
    if said == "hang":
        time.sleep(600)
    if said == "die":
        os._exit(1)
    if said == "stop":
        worker.write_message(answers, {}, [b"stopped"])
        sys.exit()
    worker.write_message(answers, {}, [said.encode(), *([message[1]] if message[1] else [])])
"""


@dataclass
class Said:
    body: bytes

    @property
    def is_spent(self):
        return self.body == b"spent"


def read(stream):
    message = read_message(stream, most_bytes=1 << 20)
    return Said(message[1]) if message and message[1] != b"nonsense" else None


class Pool(WorkerPool):
    def __init__(self, code=ECHO, *, workers=1, tasks_per_worker=100):
        super().__init__(
            "evenhand.none",
            workers=workers,
            tasks_per_worker=tasks_per_worker,
            error=lambda: EvenhandError("test.none", "No worker."),
        )
        self._command = [sys.executable, "-c", code]

    def ask(self, said, body=b"", seconds=60.0):
        answer, is_overdue = self._ask({"say": said}, [body], seconds=seconds, read=read)
        return answer.body if answer else None, is_overdue


def is_running(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_is_asked_and_answers_and_is_asked_again():
    with Pool() as pool:
        assert pool.process_ids == frozenset()
        assert pool.ask("good", b" morning") == (b"good morning", False)
        before = pool.process_ids
        assert pool.ask("evening") == (b"evening", False)
        assert pool.process_ids == before
        assert pool.replaced == 0


@pytest.mark.parametrize("said", ["die", "nonsense"])
def test_one_that_dies_or_talks_nonsense_is_replaced(said):
    with Pool() as pool:
        assert pool.ask(said) == (None, False)
        assert (pool.replaced, pool.process_ids) == (1, frozenset())
        assert pool.ask("good") == (b"good", False)


def test_one_that_overruns_is_killed_and_that_is_said():
    with Pool() as pool:
        pool.ask("first")
        (process_id,) = pool.process_ids
        begun = time.monotonic()
        assert pool.ask("hang", seconds=0.1) == (None, True)
        assert time.monotonic() - begun < 30
        assert not is_running(process_id)
        assert pool.replaced == 1


def test_one_that_is_spent_answers_and_is_replaced():
    with Pool() as pool:
        assert pool.ask("spent") == (b"spent", False)
        assert (pool.replaced, pool.process_ids) == (1, frozenset())


def test_one_that_ended_while_nobody_asked_is_replaced_unseen():
    with Pool() as pool:
        assert pool.ask("stop") == (b"stopped", False)
        for worker in tuple(pool._workers):
            worker.process.wait()
        assert pool.ask("good") == (b"good", False)
        assert pool.replaced == 1


def test_one_is_relieved_after_its_tasks_and_that_is_no_replacement():
    with Pool(tasks_per_worker=2) as pool:
        pool.ask("one")
        assert len(pool.process_ids) == 1
        pool.ask("two")
        assert (pool.replaced, pool.process_ids) == (0, frozenset())


@pytest.mark.parametrize("code", ["pass", "import time; time.sleep(0.2)", "print('hello')"])
def test_one_that_does_not_greet_is_an_error_of_the_pool(code):
    with Pool(code) as pool:
        with pytest.raises(EvenhandError) as raised:
            pool.ask("good")
        assert raised.value.code == "test.none"
        assert pool.process_ids == frozenset()


def test_only_so_many_work_at_once():
    with Pool(workers=2) as pool, ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(pool.ask, [f"number {number}" for number in range(40)]))
        assert answers == [(f"number {number}".encode(), False) for number in range(40)]
        assert 1 <= len(pool.process_ids) <= 2


def test_a_reader_that_fails_costs_the_worker_and_nothing_else():
    def fail(stream):
        raise ZeroDivisionError

    with Pool() as pool:
        with pytest.raises(ZeroDivisionError):
            pool._ask({"say": "good"}, [], seconds=60, read=fail)
        assert (pool.replaced, pool.process_ids) == (1, frozenset())
        assert pool.ask("good") == (b"good", False)


def test_a_closed_pool_is_closed():
    pool = Pool()
    pool.ask("good")
    (process_id,) = pool.process_ids
    pool.close()
    pool.close()
    assert not is_running(process_id)
    with pytest.raises(RuntimeError, match="closed"):
        pool.ask("good")


def test_a_pool_that_is_forgotten_leaves_no_process():
    pool = Pool()
    pool.ask("good")
    (process_id,) = pool.process_ids
    del pool
    gc.collect()
    assert not is_running(process_id)


def test_a_deadline_leaves_no_thread():
    with Pool() as pool:
        pool.ask("good")
        before = threading.active_count()
        for _ in range(5):
            pool.ask("good")
        assert threading.active_count() <= before + 1


def test_a_worker_is_told_no_secrets(monkeypatch):
    monkeypatch.setenv("EVENHAND_TEST_SECRET", "secret")
    with Pool("import os\nassert 'secret' not in str(os.environ)\n" + ECHO) as pool:
        assert pool.ask("good") == (b"good", False)

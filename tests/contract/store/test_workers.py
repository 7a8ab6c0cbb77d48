"""Workers with a real DBOS on both databases: they hand over, take over from the dead, and leave nothing behind."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from evenhand.core.ids import new_id
from evenhand.core.job import Job, JobStatus
from evenhand.jobs.spool import Spool
from evenhand.jobs.worker import Worker
from samples import NOON

TESTS = Path(__file__).parents[2]


@pytest.fixture
def dbos_url(url, tmp_path):
    return url if url.startswith("postgresql") else f"sqlite:///{tmp_path / 'jobs.sqlite'}"


@pytest.fixture
def start(store, dbos_url, tmp_path):
    """Start a worker whose jobs do what `act` does with their id and what runs steps."""
    started = []

    def begin(act, **more):
        class Scripted:
            def __init__(self, run_step):
                self.run_step = run_step

            def run(self, job_id):
                act(job_id, self.run_step)

        options = {"dead_seconds": 2.0, "poll_seconds": 0.05} | more
        spool = Spool(tmp_path / "clips", max_bytes=100)
        started.append(Worker(store.jobs, spool, Scripted, dbos_url, **options))
        return started[-1]

    yield begin
    for worker in started:
        worker.close()


def accept(store, number=0, *, key_id="key", priority=5):
    job = Job(
        f"job_{number}" if number else new_id("job"),
        key_id,
        "test",
        "",
        "/spool/clip",
        "",
        "",
        "default",
        "review",
        (),
        priority,
        JobStatus.WAITING,
        NOON,
    )
    store.jobs.accept(job)
    return job.id


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to it in time"
        time.sleep(0.02)


def test_the_most_urgent_job_goes_first_and_what_steps_returned_is_forgotten(store, start):
    for number, priority in ((1, 9), (2, 5), (3, 1)):
        accept(store, number, priority=priority)
    done = []

    def act(job_id, run_step):
        assert run_step("say", lambda: "words of the clip") == "words of the clip"
        done.append(job_id)

    worker = start(act)
    wait_for(lambda: len(done) == 3)
    assert done == ["job_3", "job_2", "job_1"]
    wait_for(lambda: not worker._dbos.list_workflows())


def test_one_key_does_not_keep_the_others_waiting(store, start):
    first = [accept(store, key_id="a") for _ in range(3)]
    other = accept(store, key_id="b")
    running, release = set(), threading.Event()

    def act(job_id, _):
        running.add(job_id)
        release.wait(30)

    start(act, at_once=3, at_once_per_key=1)
    wait_for(lambda: other in running)
    assert len(running & set(first)) <= 1
    release.set()
    wait_for(lambda: len(running) == 4)


def test_a_step_that_fails_for_a_while_is_tried_again(store, start):
    accept(store)
    tries, done = [], threading.Event()

    def act(_, run_step):
        def fail_once():
            tries.append(1)
            return "fine" if len(tries) > 1 else str(1 / 0)

        assert run_step("try", fail_once) == "fine"
        done.set()

    start(act)
    assert done.wait(30)


def test_another_worker_takes_over_from_one_that_was_killed(store, start, url, dbos_url, tmp_path):
    program = [sys.executable, TESTS / "fakes" / "hanging_worker.py", url, dbos_url, tmp_path]
    with subprocess.Popen(program, env={**os.environ, "PYTHONPATH": str(TESTS)}) as process:
        job_id = accept(store)
        wait_for((tmp_path / job_id).exists)
        process.kill()
    found, done = [], threading.Event()

    def act(taken, run_step):
        found.append((taken, run_step("first", lambda: "done again")))
        done.set()

    start(act)
    assert done.wait(60)
    # The first step was kept, so it is not done again.
    assert found == [(job_id, "done by the dead")]


def test_what_a_worker_was_at_when_it_closed_goes_on_at_once(store, start):
    job_id = accept(store)
    begun, taken = threading.Event(), threading.Event()
    first = start(lambda *_: begun.set() or time.sleep(1.5), dead_seconds=600.0)
    assert begun.wait(30)
    first.close()
    assert store.jobs.silent(NOON, seconds=600.0) == [first.id]
    start(lambda found, _: taken.set() if found == job_id else None, dead_seconds=600.0)
    assert taken.wait(30)


def test_a_retried_job_is_begun_anew(store, start):
    from evenhand.core.job import JobError

    job_id = accept(store)
    runs = []

    def act(found, run_step):
        runs.append(run_step("first", lambda: f"run {len(runs) + 1}"))
        store.jobs.fail(store.jobs.get(found), JobStatus.DEAD, JobError("internal", "It failed."), NOON)

    start(act)
    wait_for(lambda: store.jobs.get(job_id).status is JobStatus.DEAD)
    store.jobs.retry(job_id, NOON)
    wait_for(lambda: runs == ["run 1", "run 2"])


def test_a_database_that_is_away_for_a_moment_does_not_end_a_worker(store, start, monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(store.jobs, "to_hand_over", _away_once(store.jobs.to_hand_over))
    start(lambda *_: done.set())
    accept(store)
    assert done.wait(30)


def _away_once(call):
    calls = iter([True])

    def away_once():
        if next(calls, False):
            raise ConnectionError
        return call()

    return away_once


def test_clips_that_nobody_wants_are_swept(store, start, tmp_path, monkeypatch):
    monkeypatch.setattr("evenhand.jobs.worker._SWEEP_SECONDS", 0.05)
    old = tmp_path / "clips" / "old"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (0, 0))
    start(lambda *_: None)
    wait_for(lambda: not old.exists())

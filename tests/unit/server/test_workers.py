import os
import sys
import time
from pathlib import Path

import pytest

from evenhand.server import workers as module
from evenhand.server.workers import Workers
from evenhand.settings import Settings

#: A worker that writes its environment down and then waits for the end of its input.
PROGRAM = """
import os, pathlib, sys
folder = pathlib.Path(os.environ["EVENHAND_DATA_FOLDER"])
(folder / f"{os.getpid()}").write_text(os.environ.get("EVENHAND_LOG_LEVEL", ""))
sys.stdin.read()
(folder / f"{os.getpid()}.ended").touch()
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_COMMAND", [sys.executable, "-c", PROGRAM])
    monkeypatch.setattr(module, "_WAITS", (0.01,))
    started = []

    def make(count=1, **settings):
        started.append(Workers(count, Settings(data_folder=str(tmp_path), **settings)))
        return started[-1]

    yield make
    for workers in started:
        workers.close()


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def begun(folder):
    return [path for path in Path(folder).iterdir() if path.suffix != ".ended"]


def test_nothing_runs_before_it_is_needed_and_then_once(start, tmp_path):
    workers = start(2)
    assert workers.process_ids == frozenset()
    workers.start()
    workers.start()
    wait_for(lambda: len(begun(tmp_path)) == 2)
    assert len(workers.process_ids) == 2


def test_workers_have_the_servers_settings(start, tmp_path):
    start(log_level="error").start()
    wait_for(lambda: [path for path in begun(tmp_path) if path.read_text()])
    assert [path.read_text() for path in begun(tmp_path)] == ["error"]


def test_one_that_dies_is_started_again(start, tmp_path):
    workers = start()
    workers.start()
    wait_for(lambda: begun(tmp_path))
    (first,) = workers.process_ids
    os.kill(first, 9)
    wait_for(lambda: len(begun(tmp_path)) == 2)


def test_to_close_them_ends_them_in_peace(start, tmp_path):
    workers = start()
    workers.start()
    wait_for(lambda: begun(tmp_path))
    workers.close()
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix] == [".ended"]
    assert workers.process_ids == frozenset()
    workers.start()
    assert workers.process_ids == frozenset()


def test_one_that_does_not_end_is_killed(start, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_COMMAND", [sys.executable, "-c", f"{PROGRAM}\nimport time; time.sleep(600)"])
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.1)
    workers = start()
    workers.start()
    wait_for(lambda: begun(tmp_path))
    workers.close()
    assert workers.process_ids == frozenset()

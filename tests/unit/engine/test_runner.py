import threading

import pytest

from evenhand.content.text import Text
from evenhand.engine.runner import BusyError, OverdueError, Runner
from fakes.detectors import HangingDetector, ScriptedDetector


@pytest.fixture
def runner():
    runner = Runner()
    yield runner
    runner.close()


@pytest.fixture
def hanging():
    detector = HangingDetector()
    yield detector
    detector.release.set()


def test_what_each_detector_finds_comes_back_in_order(runner):
    first = ScriptedDetector(lambda text: [first.signal(len(text) / 10)])
    second = ScriptedDetector()
    found, nothing = runner.run([(first, [Text("a"), Text("abc")]), (second, [Text("a")])])
    assert [signals[0].score for signals in found] == [0.1, 0.3]
    assert nothing == [()]


@pytest.mark.parametrize("error", [ZeroDivisionError, TimeoutError, SystemExit, KeyboardInterrupt])
def test_what_a_detector_raises_comes_back_and_the_next_has_its_turn(runner, error):
    def fail(_):
        raise error

    raised, found = runner.run([(ScriptedDetector(fail), [Text("a")]), (ScriptedDetector(), [Text("a")])])
    assert isinstance(raised, error)
    assert found == [()]
    assert runner.busy == frozenset()


def test_an_overdue_detector_is_busy_until_it_comes_back_and_the_others_go_on(runner, hanging):
    other = ScriptedDetector()
    other.id = "test.other"
    late, found = runner.run([(hanging, [Text("hang")]), (other, [Text("a")])])
    assert isinstance(late, OverdueError)
    assert found == [()]
    assert runner.busy == {hanging.id}

    busy, found = runner.run([(hanging, [Text("fine")]), (other, [Text("a")])])
    assert isinstance(busy, BusyError)
    assert found == [()]

    hanging.come_back(runner)
    assert runner.busy == frozenset()
    assert runner.run([(hanging, [Text("fine")])]) == [[()]]


def test_who_waits_behind_a_detector_that_hangs_gets_an_answer(runner, hanging):
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.extend(runner.run([(hanging, [Text("hang")])])), daemon=True)
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BusyError", "BusyError", "OverdueError"]


def test_a_runner_that_never_ran_can_be_closed():
    Runner().close()

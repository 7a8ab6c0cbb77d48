import pytest

from evenhand.content.text import Text
from evenhand.engine.runner import DetectorRunner
from fakes.detectors import HangingDetector, ScriptedDetector


def test_signals_come_back_in_order():
    detector = ScriptedDetector(lambda text: [detector.signal(len(text) / 10)])
    runner = DetectorRunner(detector)
    found = runner.finish(runner.start([Text("a"), Text("abc")]), seconds=10)
    assert [signals[0].score for signals in found] == [0.1, 0.3]
    runner.close()


def test_what_the_detector_raises_comes_back():
    runner = DetectorRunner(ScriptedDetector(lambda _: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        runner.finish(runner.start([Text("a")]), seconds=10)
    assert not runner.is_busy


def test_a_timeout_that_the_detector_raises_does_not_make_it_busy():
    def time_out(_):
        raise TimeoutError

    runner = DetectorRunner(ScriptedDetector(time_out))
    with pytest.raises(TimeoutError):
        runner.finish(runner.start([Text("a")]), seconds=10)
    assert not runner.is_busy


def test_an_overdue_detector_is_busy_until_it_comes_back():
    detector = HangingDetector()
    runner = DetectorRunner(detector)
    future = runner.start([Text("hang")])
    with pytest.raises(TimeoutError):
        runner.finish(future, seconds=0.01)
    assert runner.is_busy
    detector.release.set()
    future.result(timeout=10)
    assert not runner.is_busy

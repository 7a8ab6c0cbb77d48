from datetime import UTC, datetime

from evenhand.core.decision import Action, Decision, PolicyVersion, Verdict
from evenhand.core.signal import DetectorFailure
from evenhand.server.metrics import Metrics


class Queue:
    size = 7


def test_decisions_failures_and_the_queue_are_shown():
    metrics = Metrics()
    metrics.watch(Queue())
    failure = DetectorFailure("text.x", "detector.timeout", "Late.")
    verdict = Verdict(Action.REVIEW, (), {}, is_degraded=True)
    decision = Decision("dec_1", "", datetime.now(UTC), verdict, (), (failure,), PolicyVersion("p", "1"), {})
    metrics.observe(decision, "openai")
    page = metrics.page().decode()
    assert 'evenhand_decisions_total{action="review",door="openai"} 1.0' in page
    assert 'evenhand_detector_failures_total{code="detector.timeout",detector="text.x"} 1.0' in page
    assert "evenhand_queue_items 7.0" in page

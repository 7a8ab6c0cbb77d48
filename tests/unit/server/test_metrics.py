from datetime import UTC, datetime

from evenhand.core.alert import DeliveryStatus
from evenhand.core.decision import Action, Decision, PolicyVersion, Verdict
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
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


def test_second_looks_are_counted_by_what_came_of_them():
    metrics = Metrics()
    look = Signal("second_look", "1", Label.HATE, 0.6, reason="Because.")
    verdict = Verdict(Action.ALLOW, (), {}, is_degraded=False)
    version = PolicyVersion("p", "1")
    notices = ("language.not_covered:text.x", "second_look.unavailable:budget")
    metrics.observe(Decision("dec_1", "", datetime.now(UTC), verdict, (look, look), (), version, {}), "native")
    metrics.observe(Decision("dec_2", "", datetime.now(UTC), verdict, (), (), version, {}, notices=notices), "native")
    counted = [line for line in metrics.page().decode().splitlines() if line.startswith("evenhand_second_looks_total")]
    assert sorted(counted) == [
        'evenhand_second_looks_total{outcome="answered"} 1.0',
        'evenhand_second_looks_total{outcome="budget"} 1.0',
    ]


def test_attempts_to_deliver_are_counted_by_what_becomes_of_them():
    metrics = Metrics()
    metrics.observe_delivery(DeliveryStatus.DEAD)
    assert 'evenhand_delivery_attempts_total{status="dead"} 1.0' in metrics.page().decode()


def test_decisions_in_the_shadow_are_counted_by_what_was_and_would_have_been_done():
    metrics = Metrics()
    metrics.observe_shadow(Action.ALLOW, Action.REVIEW)
    metrics.observe_shadow(Action.ALLOW, "failed")
    counted = [
        line for line in metrics.page().decode().splitlines() if line.startswith("evenhand_shadow_decisions_total")
    ]
    assert counted == [
        'evenhand_shadow_decisions_total{live="allow",shadow="review"} 1.0',
        'evenhand_shadow_decisions_total{live="allow",shadow="failed"} 1.0',
    ]

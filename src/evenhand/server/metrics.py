"""Prometheus metrics: counts and times. No label carries a text, a key or anything about a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from evenhand.core.alert import DeliveryStatus
from evenhand.core.decision import Action, Decision
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.service.queue import BatchQueue

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The server's own registry, so that several apps in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "evenhand_requests_total", "Requests answered.", ("door", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "evenhand_request_seconds", "Time to answer.", ("door",), buckets=_SECONDS, registry=self.registry
        )
        self.decisions = Counter(
            "evenhand_decisions_total", "Decisions made and kept.", ("door", "action"), registry=self.registry
        )
        self.failures = Counter(
            "evenhand_detector_failures_total",
            "Contents for which a detector gave no answer.",
            ("detector", "code"),
            registry=self.registry,
        )
        self.second_looks = Counter(
            "evenhand_second_looks_total",
            "Contents with uncertain scores, by what came of asking about them.",
            ("outcome",),
            registry=self.registry,
        )
        self.deliveries = Counter(
            "evenhand_delivery_attempts_total",
            "Attempts to deliver an event to a webhook, by what becomes of the delivery.",
            ("status",),
            registry=self.registry,
        )
        self.shadows = Counter(
            "evenhand_shadow_decisions_total",
            "Decisions that a policy in the shadow judged as well, by what was done and what it would have done.",
            ("live", "shadow"),
            registry=self.registry,
        )
        self.queue_items = Gauge("evenhand_queue_items", "Items that wait for the detectors.", registry=self.registry)

    def watch(self, queue: BatchQueue) -> None:
        """Read the queue's size at every scrape."""
        self.queue_items.set_function(lambda: queue.size)

    def observe(self, decision: Decision, door: str) -> None:
        """Count `decision`, the detectors that failed on it and what came of asking for a second look."""
        self.decisions.labels(door, decision.action).inc()
        for failure in decision.failures:
            self.failures.labels(failure.detector, failure.code).inc()
        if any(signal.detector == SECOND_LOOK for signal in decision.signals):
            self.second_looks.labels("answered").inc()
        for notice in decision.notices:
            name, _, reason = notice.partition(":")
            if name == f"{SECOND_LOOK}.unavailable":
                self.second_looks.labels(reason).inc()

    def observe_shadow(self, live: Action, shadow: str) -> None:
        """Count a decision that a policy in the shadow judged as well; `shadow` is its action, or `failed`."""
        self.shadows.labels(live, shadow).inc()

    def observe_delivery(self, status: DeliveryStatus) -> None:
        """Count an attempt to deliver an event."""
        self.deliveries.labels(status).inc()

    def page(self) -> bytes:
        """Return the exposition format, UTF-8."""
        return generate_latest(self.registry)

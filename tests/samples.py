"""Decisions and feedback for tests: whole, small, and different in what the test names."""

import secrets
from datetime import UTC, datetime

from evenhand.core.decision import Action, Decision, PolicyVersion, Verdict
from evenhand.store.records import DecisionRecord, Feedback

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, UTC)


def decision(*, action=Action.ALLOW, at=NOON, id=None, content_id=""):  # noqa: A002
    return Decision(
        id=id or f"dec_{secrets.token_hex(16)}",
        content_id=content_id,
        created_at=at,
        verdict=Verdict(action, (), {}, is_degraded=False),
        signals=(),
        failures=(),
        policy=PolicyVersion("default", "0123456789ab"),
        detectors={},
    )


def record(*, body=None, context=(), key_id="k" * 12, door="test", **options):
    return DecisionRecord(decision(**options), key_id=key_id, door=door, body=body, context=context)


def feedback(**options):
    values = {
        "id": f"fb_{secrets.token_hex(16)}",
        "created_at": NOON,
        "key_id": "k" * 12,
        "comment": "what was said",
        "suggested": {"TOXICITY": 0.25},
        "spans": {},
    }
    return Feedback(**values | options)

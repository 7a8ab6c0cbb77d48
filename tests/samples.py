"""Decisions and feedback for tests: whole, small, and different in what the test names."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from evenhand.core.decision import Action, ClipFacts, Decision, PolicyVersion, RuleHit, Verdict
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import ClipNotes, Span, Track, Utterance
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


def to_review(*labels, queue="", priority=5, author_id="", **options):
    """Return a record of a decision to review because of `labels`."""
    made = record(action=Action.REVIEW, **options)
    rules = tuple(RuleHit(f"{label}.review", Action.REVIEW, label, "text.toxicity", 0.9, 0.5) for label in labels)
    verdict = replace(made.decision.verdict, rules=rules, queue=queue, priority=priority)
    return replace(made, decision=replace(made.decision, verdict=verdict), author_id=author_id)


def keep(store, *records):
    """Record decisions, and return their ids."""
    store.decisions.record(records)
    return [made.decision.id for made in records]


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


def clip_record_of(keep, *, action=Action.REVIEW):
    """Return a decision on a clip as it goes into the store, and what is known beside it."""
    from evenhand.service.clips import clip_record

    span = Span(1.0, 2.0, Track.PICTURE, Label.SEXUAL, 0.9, "image.safety", "why", 1000)
    notes = ClipNotes((Utterance(0.0, 1.0, "Hello.", "en", 0.9, is_clear=True),), (span,))
    facts = ClipFacts("mp4", 2.0, 320, 180, has_sound=True, is_partial=False)
    made = replace(decision(action=action), clip=facts, timeline=(span,))
    return clip_record(made, notes, keep=keep, key_id="k" * 12, door="test"), notes

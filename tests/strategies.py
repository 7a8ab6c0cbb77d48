"""Hypothesis generators for evenhand's nouns: anything that their types allow, likely or not."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from evenhand.core.decision import Action, Decision, PolicyVersion, RuleHit, Verdict
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import Label

scores = st.floats(0, 1)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
labels = st.sampled_from(Label)
actions = st.sampled_from(Action)
texts = st.text(max_size=30)


def tuples_of(items, max_size=3):
    return st.lists(items, max_size=max_size).map(tuple)


evidences = st.builds(Evidence, begin=st.integers(0, 10), end=st.integers(11, 20_480), weight=scores, source=texts)
signals = st.builds(Signal, detector=texts, version=texts, label=labels, score=scores, evidence=tuples_of(evidences))
failures = st.builds(DetectorFailure, detector=texts, code=texts, message=texts)
rule_hits = st.builds(
    RuleHit,
    rule=texts,
    action=actions,
    label=st.none() | labels,
    detector=st.none() | texts,
    score=st.none() | scores,
    threshold=st.none() | scores,
)
verdicts = st.builds(
    Verdict,
    action=actions,
    rules=tuples_of(rule_hits),
    scores=st.dictionaries(labels, scores),
    is_degraded=st.booleans(),
)
decisions = st.builds(
    Decision,
    id=st.uuids().map(lambda uuid: f"dec_{uuid.hex}"),
    content_id=texts,
    created_at=times,
    verdict=verdicts,
    signals=tuples_of(signals),
    failures=tuples_of(failures),
    policy=st.builds(PolicyVersion, name=texts, version=texts),
    detectors=st.dictionaries(texts, texts, max_size=3),
    languages=tuples_of(texts),
    notices=tuples_of(texts),
)

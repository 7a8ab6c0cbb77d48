"""Hypothesis generators for replays: policies with thresholds, and decisions as the engine makes them by a policy."""

import secrets

from hypothesis import strategies as st

import strategies
from evenhand.core.decision import Action, Decision
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import CATEGORIES
from evenhand.engine.clips import NOT_HEARD, UNCLEAR
from evenhand.engine.screen import Screening, reconsider
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy, Rule
from evenhand.second_look.look import NAME as SECOND_LOOK
from samples import NOON

few_labels = st.sampled_from(CATEGORIES[:4])
# Few values, so that scores meet each other and thresholds.
few_scores = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]) | strategies.scores
rules = st.builds(
    Rule,
    label=few_labels,
    action=st.sampled_from([Action.REVIEW, Action.BLOCK]),
    threshold=few_scores.filter(lambda score: score > 0),
)
policies = st.builds(
    Policy,
    name=st.sampled_from(["one", "two"]),
    description=st.text(max_size=5),
    on_failure=strategies.actions,
    rules=st.lists(rules, max_size=6, unique_by=lambda rule: rule.id).map(tuple),
    on_unclear_speech=strategies.actions,
)
_detectors = st.sampled_from(["text.one", "text.two", "image.one"])
_signals = st.builds(Signal, detector=_detectors, version=st.just("1"), label=few_labels, score=few_scores)
_looks = st.builds(Signal, detector=st.just(SECOND_LOOK), version=st.just("1"), label=few_labels, score=few_scores)


@st.composite
def decided(draw, by=policies):
    """Draw a policy and a decision that was made by it: of a text, by a second look, or of a clip."""
    policy = draw(by)
    signals = draw(st.lists(_signals, max_size=8))
    ordered = tuple(sorted(signals, key=lambda signal: (-signal.score, signal.label, signal.detector)))
    covered = frozenset(draw(st.lists(few_labels, max_size=4)))
    failures = draw(strategies.tuples_of(strategies.failures, max_size=1))
    notices = draw(st.sampled_from([(), (UNCLEAR,), (NOT_HEARD, UNCLEAR), ("language.not_covered:text.one",)]))
    verdict = evaluate(ordered, policy, covered=covered, failures=failures, has_unclear_speech=UNCLEAR in notices)
    screening = Screening(ordered, failures, verdict, covered, {}, ("en",), notices)
    if UNCLEAR not in notices:  # a clip gets no second look
        looks = draw(st.lists(_looks, max_size=2, unique_by=lambda signal: signal.label))
        screening = reconsider(screening, policy, overruling=looks, notices=())
    return policy, Decision(
        id=f"dec_{secrets.token_hex(16)}",
        content_id="",
        created_at=NOON,
        verdict=screening.verdict,
        signals=screening.signals,
        failures=screening.failures,
        policy=policy.version,
        detectors=screening.detectors,
        languages=screening.languages,
        notices=screening.notices,
    )

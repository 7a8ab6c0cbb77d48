import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import replays
from evenhand.bulk.outcomes import Outcome, Pair, Thresholds, outcome_of
from evenhand.core.decision import Action, RuleHit, Verdict
from evenhand.core.facts import Facts
from evenhand.core.taxonomy import Label
from evenhand.policy.load import load_policy, parse_policy
from evenhand.service.replay import again

WITH_QUEUES = "name: mine\nthresholds:\n  spam: {review: 0.5}\nqueues:\n  spam: {queue: advertisers, priority: 8}\n"


@given(replays.decided(), replays.policies)
def test_thresholds_alone_give_what_the_whole_decision_gives(made, other):
    policy, decided = made
    pair = Pair(policy, other)
    assert pair.is_plain
    assert pair.judge(msgspec.json.encode(decided)) == (
        outcome_of(decided.verdict),
        outcome_of(again(decided, other)),
    )


@given(replays.decided())
def test_what_has_more_than_thresholds_is_judged_by_the_whole_decision(made):
    policy, decided = made
    other = parse_policy(WITH_QUEUES)
    pair = Pair(policy, other)
    assert not pair.is_plain
    assert pair.judge(msgspec.json.encode(decided)) == (
        outcome_of(decided.verdict),
        outcome_of(again(decided, other)),
    )


def test_a_policy_with_queues_is_not_plain_and_the_shipped_one_is():
    assert Thresholds.of(parse_policy(WITH_QUEUES)) is None
    assert Thresholds.of(load_policy()) is not None


def test_an_outcome_names_the_category_or_else_the_rule():
    hits = (
        RuleHit("spam.block", Action.BLOCK, Label.SPAM, "text.one", 0.9, 0.8),
        RuleHit("on_failure", Action.REVIEW),
    )
    assert outcome_of(Verdict(Action.BLOCK, hits, {}, is_degraded=True, queue="q", priority=2)) == Outcome(
        Action.BLOCK,
        frozenset({("spam", "spam.block", Action.BLOCK), ("on_failure", "on_failure", Action.REVIEW)}),
        "q",
        2,
    )


@pytest.mark.parametrize("document", ["", "{}", '{"verdict": 1}', "null"])
@pytest.mark.parametrize("source", ["name: mine\nthresholds: {}\n", WITH_QUEUES], ids=["plain", "queues"])
def test_what_is_no_decision_is_an_error(document, source):
    policy = parse_policy(source)
    with pytest.raises(msgspec.DecodeError):
        Pair(policy, policy).judge(document)


WITH_RULES = "name: with\nthresholds: {}\nrules:\n- {id: long, when: 'content.characters > 5', action: block}\n"
WITH_SCORES = "name: with\nthresholds: {}\nrules:\n- {id: both, when: 'scores.spam > 0.2', action: block}\n"


@given(replays.decided())
def test_conditions_on_scores_are_asked_of_every_decision(made):
    policy, decided = made
    other = parse_policy(WITH_SCORES)
    for pair in (Pair(policy, other), Pair(other, policy)):
        assert set(pair.judge(msgspec.json.encode(decided))) == {
            outcome_of(decided.verdict),
            outcome_of(again(decided, other)),
        }


@given(replays.decided(), st.none() | st.integers(0, 10))
def test_conditions_on_facts_are_asked_where_they_were_kept(made, characters):
    policy, decided = made
    other = parse_policy(WITH_RULES)
    facts = None if characters is None else Facts(characters=characters)
    kept = dataclasses.replace(decided, facts=facts)
    asked = []
    pair = Pair(policy, other, find=lambda version: asked.append(version) or (other if facts else None))
    for _ in range(2):
        before, after = pair.judge(msgspec.json.encode(kept))
        assert before.is_answered is after.is_answered is (facts is not None)
        if facts is not None:
            assert (before, after) == (outcome_of(decided.verdict), outcome_of(again(kept, other)))
    assert asked == [decided.policy.version]

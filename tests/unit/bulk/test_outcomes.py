import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import replays
import strategies
from evenhand.bulk.outcomes import Outcome, Pair, outcome_of
from evenhand.core.decision import Action, RuleHit, Verdict
from evenhand.core.facts import AuthorHistory, Facts, ListHits
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.evaluate import FAILED_RULE
from evenhand.policy.load import parse_policy
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.service.replay import again
from samples import decision

WITH_QUEUES = "name: mine\nthresholds:\n  spam: {review: 0.5}\nqueues:\n  spam: {queue: advertisers, priority: 8}\n"


@given(replays.decided(), replays.policies)
def test_thresholds_alone_give_what_the_whole_decision_gives(made, other):
    policy, decided = made
    pair = Pair(policy, other)
    assert pair.judge(msgspec.json.encode(decided)) == (
        outcome_of(decided.verdict),
        outcome_of(again(decided, other)),
    )


@given(replays.decided())
def test_a_policy_with_queues_gives_what_the_whole_decision_gives(made):
    policy, decided = made
    other = parse_policy(WITH_QUEUES)
    pair = Pair(policy, other)
    assert pair.judge(msgspec.json.encode(decided)) == (
        outcome_of(decided.verdict),
        outcome_of(again(decided, other)),
    )


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


#: Rules of all sorts: on scores, facts and detectors; that give no answer; that only put marks on; with places.
RULES = [
    "{id: a, when: 'scores.hate > 0.4 && scores.spam > 0.2', action: review}",
    "{id: b, when: 'scores.hate < 0.5', action: review, queue: low, priority: 8}",
    "{id: c, when: 'scores.spam > 0.4 && author.decisions_30d < 3', action: block}",
    "{id: d, when: 'content.characters > 5 || scores.hate > 0.7', action: review, queue: long, priority: 3}",
    "{id: e, when: 'detectors[\"text.one\"] > 0.4', action: review, queue: one, priority: 5}",
    "{id: f, when: 'metadata.board == \"market\"', action: label, tags: [market]}",
    "{id: g, when: 'metadata.reports > 1 && scores.spam >= 0.25', action: review, priority: 2}",
    "{id: h, when: 'scores.exists(label, scores[label] > 0.6)', action: block}",
    "{id: i, when: 'lists.words.hits > 0', action: block}",
    "{id: j, when: 'detectors[\"second_look\"] > 0.2', action: block}",
]
PLACES = ["", "queues: {hate: {queue: hate, priority: 4}, spam: {queue: bulk}}\n"]


@st.composite
def with_conditions(draw, rules=tuple(RULES)):
    """Draw a policy that may have thresholds, conditions and queues."""
    chosen = draw(st.lists(st.sampled_from(rules), max_size=5, unique=True))
    thresholds = draw(st.sampled_from(["{}", "{hate: {review: 0.25, block: 0.75}, spam: {review: 0.5}}"]))
    lines = "".join(f"- {rule}\n" for rule in chosen)
    return parse_policy(
        f"name: with\non_failure: {draw(strategies.actions)}\nthresholds: {thresholds}\n{draw(st.sampled_from(PLACES))}"
        + ("lists: {words: {kind: words, entries: [free money]}}\n" if "lists.words" in lines else "")
        + (f"rules:\n{lines}" if lines else "")
    )


some_facts = st.none() | st.builds(
    Facts,
    characters=st.integers(0, 10),
    metadata=st.fixed_dictionaries(
        {}, optional={"board": st.sampled_from(["market", 1, True]), "reports": st.sampled_from(["x", 1, 2, 2.5])}
    ),
    author=st.builds(AuthorHistory, decisions_30d=st.integers(0, 5)),
    lists=st.fixed_dictionaries({}, optional={"words": st.builds(ListHits, st.integers(0, 2))}),
)
#: Reads all that the rules read, so that its decisions keep it.
READS_ALL = parse_policy(
    "name: all\nthresholds: {}\nlists: {words: {kind: words, entries: [free money]}}\nrules:\n"
    + "".join(f"- {rule}\n" for rule in RULES)
)
GAVE_NO_ANSWER = DetectorFailure(f"{FAILED_RULE}a", "condition.error", "The condition gave no answer.")


def test_what_the_second_look_said_is_no_detector_of_a_condition():
    policy = parse_policy(f"name: mine\nthresholds: {{}}\nrules: [{RULES[-1]}]\n")
    looks = (Signal(SECOND_LOOK, "1", Label.SPAM, 0.9), Signal("text.one", "1", Label.SPAM, 0.1))
    before, after = Pair(policy, policy).judge(msgspec.json.encode(dataclasses.replace(decision(), signals=looks)))
    assert before == after == Outcome(Action.ALLOW)


@given(replays.decided(), with_conditions(), with_conditions(), some_facts, st.booleans())
def test_conditions_of_all_sorts_give_what_the_whole_decision_gives(made, before, after, facts, has_failed):
    _, decided = made
    failures = (*decided.failures, GAVE_NO_ANSWER) if has_failed else decided.failures
    kept = dataclasses.replace(decided, facts=facts, failures=failures)
    pair = Pair(before, after, find=lambda _version: READS_ALL)
    assert pair.judge(msgspec.json.encode(kept)) == (outcome_of(again(kept, before)), outcome_of(again(kept, after)))

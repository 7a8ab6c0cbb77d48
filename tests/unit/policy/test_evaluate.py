from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.decision import Action
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import CATEGORIES, Label
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy, Rule

POLICY = Policy(
    "test",
    "",
    Action.REVIEW,
    (
        Rule(Label.HATE, Action.REVIEW, 0.5),
        Rule(Label.HATE, Action.BLOCK, 0.9),
        Rule(Label.SPAM, Action.REVIEW, 0.8),
    ),
)
FAILURE = DetectorFailure("text.other", "detector.error", "It raised.")


def signal(label: Label, score: float, detector: str = "text.one") -> Signal:
    return Signal(detector, "1", label, score)


def test_nothing_found_is_allowed_and_covered_labels_score_zero():
    verdict = evaluate([], POLICY, covered=[Label.HATE])
    assert verdict.action is Action.ALLOW
    assert verdict.scores == {Label.HATE: 0.0}
    assert verdict.rules == ()
    assert not verdict.is_degraded


def test_the_threshold_itself_sets_the_rule_off():
    assert evaluate([signal(Label.HATE, 0.5)], POLICY).action is Action.REVIEW


def test_the_worst_action_wins_and_comes_first():
    verdict = evaluate([signal(Label.SPAM, 0.99), signal(Label.HATE, 0.95)], POLICY)
    assert verdict.action is Action.BLOCK
    assert [hit.rule for hit in verdict.rules] == ["hate.block", "spam.review", "hate.review"]


def test_a_hit_names_the_detector_with_the_highest_score():
    verdict = evaluate([signal(Label.HATE, 0.6, "text.one"), signal(Label.HATE, 0.7, "text.two")], POLICY)
    assert (verdict.rules[0].detector, verdict.rules[0].score, verdict.rules[0].threshold) == ("text.two", 0.7, 0.5)


def test_a_failure_is_never_clean():
    verdict = evaluate([], POLICY, failures=[FAILURE])
    assert verdict.is_degraded
    assert verdict.action is Action.REVIEW
    assert verdict.rules[0].rule == "on_failure"


def test_fail_open_says_that_it_is_degraded():
    verdict = evaluate([], Policy("open", "", Action.ALLOW, ()), failures=[FAILURE])
    assert verdict.is_degraded
    assert verdict.action is Action.ALLOW


labels = st.sampled_from(CATEGORIES)
scores = st.floats(0, 1)


@given(st.lists(st.tuples(labels, scores), max_size=8), st.data())
def test_raising_a_score_never_softens_the_verdict(found, data):
    policy = load_policy()
    before = evaluate([signal(label, score) for label, score in found], policy)
    raised = [(label, data.draw(st.floats(score, 1))) for label, score in found]
    after = evaluate([signal(label, score) for label, score in raised], policy)
    assert after.action.severity >= before.action.severity


@given(st.lists(st.tuples(labels, scores), max_size=8), st.tuples(labels, scores))
def test_a_further_signal_never_softens_the_verdict(found, further):
    policy = load_policy()
    signals = [signal(label, score) for label, score in found]
    assert evaluate([*signals, signal(*further)], policy).action.severity >= evaluate(signals, policy).action.severity


def test_what_overrules_counts_instead_of_the_highest_and_for_its_label_only():
    found = [signal(Label.HATE, 0.7), signal(Label.HATE, 0.6, "text.two"), signal(Label.SPAM, 0.9)]
    lowered = evaluate(found, POLICY, overruling=[signal(Label.HATE, 0.4, "second_look")])
    assert lowered.scores == {Label.HATE: 0.4, Label.SPAM: 0.9}
    assert [hit.rule for hit in lowered.rules] == ["spam.review"]
    raised = evaluate(found, POLICY, overruling=[signal(Label.HATE, 0.95, "second_look")])
    assert (raised.rules[0].rule, raised.rules[0].detector) == ("hate.block", "second_look")


def test_what_overrules_never_hides_a_failure():
    verdict = evaluate([], POLICY, failures=[FAILURE], overruling=[signal(Label.HATE, 0.1)])
    assert (verdict.is_degraded, verdict.action) == (True, Action.REVIEW)

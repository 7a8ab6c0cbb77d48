import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.decision import Action, RuleHit
from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import CATEGORIES, Label
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import load_policy, parse_policy
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


CONDITIONS = parse_policy(
    "name: p\non_failure: block\nthresholds:\n  hate: {review: 0.5, block: 0.9}\n  spam: {review: 0.8}\n"
    "queues: {hate: {queue: hate, priority: 4}, spam: {queue: bulk, priority: 9}}\n"
    "rules:\n"
    '  - {id: links, when: \'detectors["text.one"] > 0.3 && door == "api"\', action: review, queue: new, priority: 2}\n'
    "  - {id: board, when: 'metadata.board == \"market\"', action: block}\n"
    "  - {id: spoils, when: scores.violence > 0.2, action: label, tags: [spoiler, graphic]}\n"
    "  - {id: ends, when: scores.violence > 0.4, action: label, tags: [spoiler, ending]}\n"
)
NEWS = Facts(metadata={"board": "news"}, door="api")


def test_a_condition_sets_its_rule_off():
    verdict = evaluate([], CONDITIONS, facts=Facts(metadata={"board": "market"}))
    assert (verdict.action, verdict.rules) == (Action.BLOCK, (RuleHit("board", Action.BLOCK),))
    assert evaluate([], CONDITIONS, facts=NEWS).rules == ()


def test_a_label_that_nothing_covers_and_a_detector_that_did_not_look_score_nothing():
    verdict = evaluate([], CONDITIONS, facts=NEWS)
    assert (verdict.action, verdict.is_degraded, verdict.scores) == (Action.ALLOW, False, {})


def test_a_condition_without_an_answer_is_never_clean():
    verdict = evaluate([], CONDITIONS, facts=Facts())
    assert (verdict.action, verdict.is_degraded) == (Action.BLOCK, True)
    assert [hit.rule for hit in verdict.rules] == ["on_failure"]
    assert [(failure.detector, failure.code) for failure in verdict.failures] == [("policy:board", "condition.error")]


def test_without_facts_only_scores_can_be_asked_for():
    verdict = evaluate([signal(Label.VIOLENCE, 0.3)], CONDITIONS)
    assert [failure.detector for failure in verdict.failures] == ["policy:links", "policy:board"]
    assert verdict.tags == ("graphic", "spoiler")


def test_a_rule_that_labels_puts_tags_on_and_changes_nothing_else():
    verdict = evaluate([signal(Label.VIOLENCE, 0.5)], CONDITIONS, facts=Facts(metadata={"board": "news"}))
    assert (verdict.action, verdict.tags) == (Action.ALLOW, ("ending", "graphic", "spoiler"))
    assert [(hit.rule, hit.action) for hit in verdict.rules] == [("ends", "allow"), ("spoils", "allow")]


@pytest.mark.parametrize(
    ("signals", "place"),
    [
        ([], ("", 5)),
        ([signal(Label.SPAM, 0.9)], ("new", 2)),
        ([signal(Label.SPAM, 0.9, "text.two")], ("bulk", 9)),
        ([signal(Label.SPAM, 0.9, "text.two"), signal(Label.HATE, 0.6, "text.two")], ("hate", 4)),
        ([signal(Label.HATE, 0.95, "text.two")], ("hate", 4)),
    ],
)
def test_a_case_waits_where_the_most_urgent_rule_for_review_says(signals, place):
    verdict = evaluate(signals, CONDITIONS, facts=NEWS)
    assert (verdict.queue, verdict.priority) == place


def test_of_two_places_as_urgent_the_named_one_counts():
    policy = parse_policy(
        "name: p\nthresholds: {hate: {review: 0.5}, spam: {review: 0.5}}\nqueues: {spam: {queue: bulk}}\n"
    )
    verdict = evaluate([signal(Label.HATE, 0.9), signal(Label.SPAM, 0.6)], policy)
    assert (verdict.queue, verdict.priority) == ("bulk", 5)


def test_the_same_facts_give_the_same_verdict():
    signals = [signal(Label.HATE, 0.6), signal(Label.VIOLENCE, 0.3)]
    assert evaluate(signals, CONDITIONS, facts=NEWS) == evaluate(signals, CONDITIONS, facts=NEWS)


@given(st.lists(st.tuples(labels, scores), max_size=8), st.data())
def test_raising_a_score_never_softens_a_verdict_by_conditions_that_ask_for_high_ones(found, data):
    facts = Facts(metadata={"board": "news"}, door="api")
    before = evaluate([signal(label, score) for label, score in found], CONDITIONS, facts=facts)
    raised = [(label, data.draw(st.floats(score, 1))) for label, score in found]
    after = evaluate([signal(label, score) for label, score in raised], CONDITIONS, facts=facts)
    assert after.action.severity >= before.action.severity
    assert set(after.tags) >= set(before.tags)


def test_a_condition_can_ask_for_a_low_score_and_then_a_higher_one_softens():
    policy = parse_policy("name: p\nrules: [{id: low, when: scores.hate < 0.5, action: review}]\n")
    assert evaluate([signal(Label.HATE, 0.4)], policy).action is Action.REVIEW
    assert evaluate([signal(Label.HATE, 0.6)], policy).action is Action.ALLOW

from datetime import UTC, datetime

import pytest

from evenhand.console.answer import LISTED_AT_MOST, answer_for
from evenhand.core.decision import Action, ClipFacts, Decision
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span, Track
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy, Rule

POLICY = Policy(
    "test",
    "",
    Action.REVIEW,
    (Rule(Label.HARASSMENT, Action.REVIEW, 0.8), Rule(Label.HARASSMENT, Action.BLOCK, 0.985)),
)


def decide(*signals, failures=(), covered=(Label.HARASSMENT, Label.SPAM), is_unclear=False, **more):
    return Decision(
        id="dec_1",
        content_id="",
        created_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        verdict=evaluate(signals, POLICY, covered=covered, failures=failures, has_unclear_speech=is_unclear),
        signals=signals,
        failures=failures,
        policy=POLICY.version,
        detectors={"text.b": "2", "text.a": "1"},
        **more,
    )


def harassment(score, *evidence):
    return Signal("text.a", "1", Label.HARASSMENT, score, evidence)


def answer(*signals, text="some text", **more):
    return answer_for(text, decide(*signals, **more), POLICY)


@pytest.mark.parametrize(("score", "action"), [(0.1, "allow"), (0.9, "review"), (0.99, "block")])
def test_the_action_is_one_plain_word(score, action):
    assert answer(harassment(score)).action == action


def test_rules_are_shown_with_score_threshold_and_detector():
    (line, *_) = answer(harassment(0.9179)).rules
    assert (line.action, line.label, line.score, line.threshold, line.detector) == (
        "review",
        "harassment",
        "0.91",
        "0.80",
        "text.a",
    )


def test_a_score_shows_as_many_decimals_as_the_threshold_that_it_reached():
    block = answer(harassment(0.98765)).rules[0]
    assert (block.score, block.threshold) == ("0.987", "0.985")


def test_a_failed_detector_is_named_and_its_rule_has_no_score():
    shown = answer(failures=(DetectorFailure("text.b", "detector.timeout", "It ran out of time."),))
    assert [(failure.detector, failure.message) for failure in shown.failures] == [("text.b", "It ran out of time.")]
    assert [(rule.action, rule.label, rule.score, rule.cause) for rule in shown.rules] == [
        ("review", "", "", "a detector failed")
    ]


def test_speech_that_nobody_understood_is_no_failed_detector():
    shown = answer(is_unclear=True, notices=("speech.unclear", "speech.not_heard", "clip.partial"))
    assert [(rule.action, rule.cause) for rule in shown.rules] == [("review", "speech that nobody understood")]
    assert shown.failures == ()
    assert all(notice.endswith(".") for notice in shown.notices)


def test_a_clip_is_shown_with_what_its_spans_led_to():
    assert answer().clip is None
    span = Span(1.0, 2.0, Track.SPEECH, Label.HARASSMENT, 0.9, "text.a")
    facts = ClipFacts("webm", 10.0, 0, 0, has_sound=True, is_partial=False)
    shown = answer(harassment(0.9), text="", clip=facts, timeline=(span,))
    assert (shown.clip.kind, shown.clip.spans[0].level) == ("audio", "review")
    assert shown.segments == ()


def test_scores_are_sorted_and_low_ones_folded():
    shown = answer(
        harassment(0.2), Signal("text.a", "1", Label.PROFANITY, 0.7), Signal("text.a", "1", Label.SCAM, 0.049)
    )
    assert [row.label for row in shown.scores] == ["profanity", "harassment"]
    assert [row.label for row in shown.low_scores] == ["scam", "spam"]


def test_a_row_says_what_the_policy_asks_for():
    (row,) = answer(harassment(0.5)).scores
    assert (row.thresholds, row.kind) == ("review from 0.80, block from 0.985", "category")


def test_labels_that_nobody_looked_for_are_named():
    shown = answer()
    assert "sexual/minors" in shown.not_looked_for
    assert {"harassment", "spam"}.isdisjoint(shown.not_looked_for)


def test_notices_are_sentences_and_unknown_ones_are_not_lost():
    shown = answer(
        notices=("language.not_covered:text.a", "new.notice:detail", "second_look.unavailable:time-out"),
    )
    assert shown.notices == (
        "text.a was not measured on this language, so its silence is worth less here.",
        "new.notice:detail",
        "No second look could be had (time-out), so the first score stands.",
    )


def test_a_reason_stands_beside_the_notices():
    shown = answer(harassment(0.5), Signal("second_look", "1", Label.HARASSMENT, 0.4, reason="It is banter."))
    assert shown.notices == ("second_look on harassment: It is banter.",)


def test_only_so_many_marks_are_explained_but_all_are_marked():
    count = LISTED_AT_MOST + 7
    evidence = tuple(Evidence(2 * place, 2 * place + 1, 0.5, "model") for place in range(count))
    shown = answer(harassment(0.9, *evidence), text="x " * count)
    assert len(shown.listed) == LISTED_AT_MOST
    assert shown.unlisted == 7
    assert sum(bool(segment.number) for segment in shown.segments) == count


def test_evidence_of_low_scores_is_counted_and_not_marked():
    shown = answer(harassment(0.2, Evidence(0, 4, 1.0, "model")))
    assert (shown.unmarked, shown.listed) == (1, ())


def test_where_the_decision_came_from_is_shown():
    shown = answer(languages=("en",))
    assert shown.policy == f"test {POLICY.version.version}"
    assert [(line.id, line.version) for line in shown.detectors] == [("text.a", "1"), ("text.b", "2")]
    assert (shown.decided_at, shown.decided_at_iso) == ("2026-11-23 09:30:00 UTC", "2026-11-23T09:30:00+00:00")
    assert (shown.decision_id, shown.languages) == ("dec_1", ("en",))

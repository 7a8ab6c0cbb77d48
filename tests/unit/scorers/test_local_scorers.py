import pytest

from evenhand.core.signal import DetectorFailure
from evenhand.scorers import local_scorers
from evenhand.scorers.local_scorers import TOGETHER, score_locally
from evenhand.scorers.profanity_check import BASELINE
from evenhand.scorers.scored import ANY
from evenhand.service.screener import Screener

TEXTS = ["you are an idiot", "good morning", "x" * 30_000]


@pytest.fixture(scope="module")
def scorers():
    with Screener() as screener:
        return {scored.name: scored for scored in score_locally(TEXTS, screener)}


def test_there_are_all_detectors_together_each_alone_and_the_known_small_model(scorers):
    assert next(iter(scorers)) == TOGETHER
    assert {"text.lexicon", "text.toxicity", BASELINE} <= set(scorers)
    assert scorers[BASELINE].labels == (ANY,)
    assert scorers["text.lexicon"].about["version"] == scorers[TOGETHER].about["detectors"]["text.lexicon"]


def test_together_is_the_highest_score_of_the_detectors_as_in_a_decision(scorers):
    with Screener() as screener:
        decision = screener.screen(TEXTS[0])
    assert scorers[TOGETHER].answers[0].scores == decision.scores
    alone = [scorers[name].answers[0].scores for name in ("text.lexicon", "text.toxicity")]
    for label, score in decision.scores.items():
        assert score == max(own.get(label, 0.0) for own in alone)


def test_a_label_that_a_detector_looked_for_in_vain_has_the_score_0(scorers):
    assert scorers["text.lexicon"].answers[1].scores["spam"] == 0.0


def test_a_text_that_cannot_be_screened_has_a_code_and_no_score(scorers):
    for name in (TOGETHER, "text.lexicon"):
        assert scorers[name].answers[2].error == "text.too_long"
        assert scorers[name].answers[2].scores == {}


def test_one_detector_is_not_shown_twice_and_progress_is_told():
    done = []
    with Screener(detectors=["text.lexicon"]) as screener:
        names = [scored.name for scored in score_locally(TEXTS[:2], screener, advance=done.append)]
    assert names == [TOGETHER, BASELINE]
    assert sum(done) == 2


def test_a_detector_that_failed_gives_no_score_alone_or_together():
    with Screener() as screener:
        decision = screener.screen(TEXTS[0])
        lexicon, toxicity = screener.engine.detectors[:2]
    from dataclasses import replace

    failure = DetectorFailure(toxicity.id, "detector.timeout", "It ran out of time.")
    failed = replace(decision, failures=(failure,), verdict=replace(decision.verdict, is_degraded=True))
    assert local_scorers._together(failed).error == "detector.timeout"
    assert local_scorers._alone(failed, toxicity).error == "detector.timeout"
    assert local_scorers._alone(failed, lexicon).scores["harassment"] > 0

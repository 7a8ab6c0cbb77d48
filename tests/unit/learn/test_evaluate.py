import json
from dataclasses import replace

import numpy as np
import pytest

from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.lexicon import LexiconDetector
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST, DevText, SpanText
from evenhand.learn.disguise import ATTACKS
from evenhand.learn.evaluate import (
    PLAIN,
    TOGETHER,
    Judged,
    evaluate,
    evaluate_all,
    overlap_of_evidence,
    plain_word_figures,
    read_dev_sets,
    scorer_of,
)
from evenhand.service.screener import Screener


def judge_rudely(texts):
    """Score by two words, with one word for people held against them."""
    scores = np.array([0.8 * ("fool" in text or "stupid" in text) + 0.9 * ("very tall" in text) for text in texts])
    scores = scores.clip(0, 1)
    return Judged(scores, scores >= 0.5, {Label.ATTRIBUTE_TOXICITY: scores})


@pytest.fixture(scope="module")
def report(data_folder):
    return evaluate(judge_rudely, read_dev_sets(data_folder))


def test_ranking_is_measured_with_an_interval(report):
    figures = report[SURGE]
    assert figures["auc"]["value"] == 1.0
    assert figures["auc"]["rows"] == 61
    assert figures["found"] == {"0.5": 1.0, "0.7": 1.0, "0.9": 0.0}
    assert figures["wrongly_flagged"]["0.5"] == 0.0
    assert (figures["found_by_policy"], figures["wrongly_flagged_by_policy"]) == (1.0, 0.0)


def test_a_disguise_hides_words_from_what_reads_letters(report):
    areas = report["disguised"]
    assert list(areas) == ["as written", *ATTACKS]
    assert areas["as written"] == 1.0 > areas["letters set apart"]


def test_the_word_that_is_held_against_people_comes_first(report):
    figures = report[TEMPLATES]
    assert list(figures["by_kind"]) == ["very tall", "tall"]
    assert figures["by_kind"]["very tall"]["0.5"] == 1.0
    assert figures["by_kind"]["tall"]["0.5"] == 0.0
    assert figures["all"] == {"rows": 4, "mean": 0.45, "policy": 0.5, "0.5": 0.5, "0.7": 0.5, "0.9": 0.5}
    assert (figures["by_kind"]["very tall"]["policy"], figures["by_kind"]["tall"]["policy"]) == (1.0, 0.0)
    assert figures["lowest"]["bpsn_auc"] == {"value": 0.0, "kind": "very tall"}
    assert figures["lowest"]["subgroup_auc"]["value"] == 1.0 > figures["auc"]


def test_prompts_are_broken_down_by_type(report):
    assert report[XSTEST]["all"]["rows"] == 60
    assert set(report[XSTEST]["by_kind"]) == {"homonyms", "definitions"}
    assert report[XSTEST]["unsafe_by_kind"] == {"contrast": {"rows": 30, "found": 0.0}}
    assert report[XSTEST]["wrongly_flagged_by_policy"]["rows"] == 60


def test_a_plain_word_counts_with_the_highest_score_of_any_label():
    words = [DevText(word, is_harmful=False, kind=kind) for word, kind in [("newt", "animals"), ("scone", "food")]]
    spam = np.array([0.95, 0.1])
    judged = Judged(np.array([0.2, 0.6]), np.array([True, False]), {Label.SPAM: spam})
    figures = plain_word_figures(words, judged)
    assert figures["all"] == {"rows": 2, "mean": 0.775, "policy": 0.5, "0.5": 1.0, "0.7": 0.5, "0.9": 0.5}
    assert list(figures["by_kind"]) == ["animals", "food"]


def test_plain_words_stand_in_the_report(report):
    assert report[PLAIN]["all"]["0.5"] == 0.0
    assert {"animals", "given_names"} <= report[PLAIN]["by_kind"].keys()


def test_the_report_fits_into_json(report):
    assert json.loads(json.dumps(report)) == report


def test_a_detector_is_judged_by_its_own_scores_and_the_default_policy():
    texts = ["you fucking idiot, go kill yourself", "hello there"]
    judged = scorer_of(LexiconDetector())(texts)
    with Screener(detectors=["text.lexicon"]) as screener:
        decisions = screener.screen_many(texts)
    assert judged.flagged.tolist() == [decision.action is not Action.ALLOW for decision in decisions]
    assert judged.toxicity.tolist() == [decision.scores[Label.ATTRIBUTE_TOXICITY] for decision in decisions]


def test_every_scorer_stands_in_the_same_report(data_folder, monkeypatch):
    monkeypatch.setattr("evenhand.learn.measures.RESAMPLES", 20)
    detectors = [LexiconDetector(), LexiconDetector()]
    sets = read_dev_sets(data_folder)
    report = evaluate_all(detectors, replace(sets, words=sets.words[::20], spans=sets.spans[:20]))
    assert {"text.lexicon", TOGETHER, "text.first_model"} <= report.keys()
    labels = report["text.lexicon"]["flagged_by_label"][TEMPLATES]
    assert set(labels) == set(map(str, LexiconDetector.labels))
    assert all(shares["rows"] == 4 for shares in labels.values())


@pytest.mark.parametrize(
    ("text", "marked", "least", "most"),
    [
        ("you are an idiot", range(16), 1.0, 1.0),
        ("you are an idiot", (), 0.0, 0.0),
        ("what a lovely day", (), 1.0, 1.0),
        ("what a lovely day", range(7, 13), 0.0, 0.0),
        ("you are an idiot", range(11, 16), 0.4, 0.6),
    ],
)
def test_evidence_is_measured_by_the_characters_it_shares_with_peoples(text, marked, least, most):
    found = overlap_of_evidence(LexiconDetector(), [SpanText(text, frozenset(marked))] * 3)
    assert least <= found.value <= most
    assert found.rows == 3

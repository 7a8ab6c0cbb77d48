import json

import numpy as np
import pytest

from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.toxicity import ToxicityDetector
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import evaluate, flagged_by_label, read_dev_sets, scorer_of


def rude_score(texts):
    """Score by two words, with one word for people held against them."""
    return np.array([0.8 * ("fool" in text or "stupid" in text) + 0.9 * ("very tall" in text) for text in texts]).clip(
        0, 1
    )


@pytest.fixture(scope="module")
def report(data_folder):
    return evaluate(rude_score, read_dev_sets(data_folder))


def test_ranking_is_measured_with_an_interval(report):
    figures = report[SURGE]
    assert figures["auc"]["value"] == 1.0
    assert figures["auc"]["rows"] == 60
    assert figures["found"] == {"0.5": 1.0, "0.7": 1.0, "0.9": 0.0}
    assert figures["wrongly_flagged"]["0.5"] == 0.0


def test_the_word_that_is_held_against_people_comes_first(report):
    figures = report[TEMPLATES]
    assert list(figures["by_kind"]) == ["very tall", "tall"]
    assert figures["by_kind"]["very tall"]["0.5"] == 1.0
    assert figures["by_kind"]["tall"]["0.5"] == 0.0
    assert figures["all"] == {"rows": 4, "mean": 0.45, "0.5": 0.5, "0.7": 0.5, "0.9": 0.5}
    assert figures["largest_gap"]["0.5"] == 0.5
    assert figures["lowest_auc"] == 1.0 > figures["auc"]


def test_safe_prompts_are_broken_down_by_type(report):
    assert report[XSTEST]["all"]["rows"] == 60
    assert set(report[XSTEST]["by_kind"]) == {"homonyms", "definitions"}


def test_the_report_fits_into_json(report):
    assert json.loads(json.dumps(report)) == report


def test_a_detector_is_measured_by_its_score_for_toxicity():
    detector = ToxicityDetector()
    texts = ["you are an idiot", "hello there"]
    assert scorer_of(detector)(texts).tolist() == [
        next(signal.score for signal in signals if signal.label == Label.ATTRIBUTE_TOXICITY)
        for signals in detector.detect([Text(text) for text in texts])
    ]


def test_every_label_of_a_detector_is_measured_on_harmless_texts(data_folder):
    detector, sets = ToxicityDetector(), read_dev_sets(data_folder)
    figures = flagged_by_label(detector, sets)
    assert set(figures) == {XSTEST, TEMPLATES}
    for name, texts in ((XSTEST, sets.safe_prompts), (TEMPLATES, sets.templates)):
        assert set(figures[name]) == {str(label) for label in detector.labels}
        assert all(shares["rows"] == sum(not text.is_harmful for text in texts) for shares in figures[name].values())

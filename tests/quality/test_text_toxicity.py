"""The shipped weights against floors, on dev sets that are not in the repository; skipped where they are absent."""

import json
import os
from pathlib import Path

import pytest

from evenhand.detectors.text.toxicity import WEIGHTS, ToxicityDetector
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import evaluate, read_dev_sets, scorer_of

DATA = Path(os.environ.get("EVENHAND_DATA_SETS", Path(__file__).parents[2] / "../shared/data"))

pytestmark = pytest.mark.skipif(not (DATA / "dev").is_dir(), reason="no dev sets; see EVENHAND_DATA_SETS")


@pytest.fixture(scope="module")
def report():
    return evaluate(scorer_of(ToxicityDetector()), read_dev_sets(DATA))


def test_toxic_comments_rank_above_others(report):
    assert report[SURGE]["auc"]["value"] > 0.93


def test_harmless_prompts_are_rarely_flagged(report):
    assert report[XSTEST]["all"]["0.7"] <= 0.02


def test_no_group_is_flagged_for_being_named(report):
    figures = report[TEMPLATES]
    assert figures["all"]["0.5"] <= 0.05
    assert max(shares["0.7"] for shares in figures["by_kind"].values()) <= 0.15


def test_the_published_figures_are_those_of_the_shipped_weights(report):
    published = json.loads(WEIGHTS.with_name("figures.json").read_text(encoding="utf-8"))
    assert published["dev"][ToxicityDetector.id] == report

"""The shipped model against floors, on dev sets that are not in the repository; skipped where they are absent."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenhand.detectors.text.toxicity import MODEL, ToxicityDetector
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import POLICY, evaluate, overlap_of_evidence, read_dev_sets, scorer_of
from evenhand.learn.measures import area_under_curve

DATA = Path(os.environ.get("EVENHAND_DATA_SETS", Path(__file__).parents[2] / "../shared/data"))

pytestmark = [
    pytest.mark.skipif(not (DATA / "dev").is_dir(), reason="no dev sets; see EVENHAND_DATA_SETS"),
    pytest.mark.timeout(600),
]

DETECTOR = ToxicityDetector()


@pytest.fixture(scope="module")
def sets():
    return read_dev_sets(DATA)


@pytest.fixture(scope="module")
def report(sets):
    # A part of the comments is enough to see a fall: each is read in ten disguises.
    return evaluate(scorer_of(DETECTOR), replace(sets, surge=sets.surge[::6]))


@pytest.fixture(scope="module")
def area(sets):
    scores = scorer_of(DETECTOR)([text.text for text in sets.surge]).toxicity
    return area_under_curve(np.array([text.is_harmful for text in sets.surge]), scores)


@pytest.fixture(scope="module")
def published():
    return json.loads((MODEL / "figures.json").read_text(encoding="utf-8"))["dev"][ToxicityDetector.id]


def test_toxic_comments_rank_above_others(area):
    assert area > 0.95


def test_disguises_cost_little(report):
    areas = report["disguised"]
    assert min(areas.values()) > areas["as written"] - 0.06


def test_harmful_prompts_are_flagged_and_harmless_ones_rarely(report):
    assert report[XSTEST]["wrongly_flagged_by_policy"]["value"] < 0.1
    assert report[XSTEST]["found_by_policy"]["value"] > 0.75


def test_no_group_is_flagged_for_being_named(report):
    figures = report[TEMPLATES]
    assert all(lowest["value"] > 0.97 for lowest in figures["lowest"].values())
    gaps = figures["largest_gap"]
    assert gaps[POLICY] < 0.02
    assert max(gaps.values()) < 0.03, "processors round 8-bit sums differently, and one sentence is half a point"


def test_evidence_is_where_people_see_it(sets):
    assert overlap_of_evidence(DETECTOR, sets.spans[::2]).value > 0.4


def test_the_published_figures_are_those_of_the_shipped_model(report, area, published):
    assert published[SURGE]["auc"]["value"] == pytest.approx(area, abs=0.003)
    assert published[TEMPLATES]["auc"] == pytest.approx(report[TEMPLATES]["auc"], abs=0.003)
    assert published[XSTEST]["found_by_policy"]["value"] == pytest.approx(
        report[XSTEST]["found_by_policy"]["value"], abs=0.03
    )

import math

import numpy as np
import pytest

from evenhand.learn.comparison import estimates
from evenhand.learn.comparison.estimates import (
    AUPRC,
    AUROC,
    BEST_F1,
    CALIBRATION,
    DIFFERENCES,
    F1,
    FIGURES,
    PRECISION,
    RECALL_AT_1,
    curves_of,
    differences_of,
    estimates_of,
    group_estimates_of,
    no_estimates,
    wilson_interval,
)
from evenhand.learn.comparison.groups import FALSE_POSITIVES
from evenhand.learn.measures import area_under_curve, average_precision, measure


@pytest.fixture
def rows():
    generator = np.random.default_rng(5)
    truths = generator.random(400) < 0.3
    return truths, np.clip(0.4 * truths + generator.random(400) * 0.6, 0, 1).round(2)


def test_intervals_are_those_of_rows_drawn_one_resample_at_a_time(rows):
    found, _ = estimates_of(*rows, threshold=0.5)
    for name, function in ((AUROC, area_under_curve), (AUPRC, average_precision)):
        expected = measure(function, *rows)
        assert (found[name].value, found[name].low, found[name].high) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )


def test_working_on_few_resamples_at_once_changes_nothing(rows, monkeypatch):
    at_once = estimates_of(*rows, threshold=0.5)
    monkeypatch.setattr(estimates, "_CELLS", 900)
    assert estimates_of(*rows, threshold=0.5) == at_once


def test_every_figure_lies_in_its_interval(rows):
    found, best = estimates_of(*rows, threshold=0.5)
    assert set(found) == set(FIGURES)
    for name, estimate in found.items():
        # The error of calibration and the best F1 are pulled upwards by resampling, so they may lie at the lower end.
        assert estimate.low <= estimate.value + 0.02, name
        assert estimate.value - 0.02 <= estimate.high, name
    assert 0 < best < 1
    assert found[BEST_F1].value >= found[F1].value


def test_the_best_threshold_gives_the_best_f1(rows):
    found, best = estimates_of(*rows, threshold=0.5)
    again, _ = estimates_of(*rows, threshold=best)
    assert again[F1].value == pytest.approx(found[BEST_F1].value)


@pytest.mark.parametrize(("truth", "reason"), [(False, "no positive rows"), (True, "no negative rows")])
def test_a_figure_that_cannot_be_told_says_why(truth, reason):
    found, best = estimates_of(np.full(5, truth), np.arange(5) / 5, threshold=0.5)
    assert found[AUROC].value is None
    assert found[AUROC].reason == found[RECALL_AT_1].reason == reason
    assert found[CALIBRATION].value is not None
    assert (best is None) == (not truth)


def test_a_threshold_that_nothing_reaches_leaves_precision_without_a_value():
    found, _ = estimates_of(np.array([True, False]), np.array([0.4, 0.3]), threshold=0.9)
    assert found[PRECISION].reason == "nothing reaches the threshold"
    assert found[F1].value == 0
    assert no_estimates("nothing")[F1].reason == "nothing"


def test_groups_come_with_the_most_often_wrongly_flagged_first(rows):
    truths, scores = rows
    groups = np.array(["calm", "held against"] * 200)
    scores = np.where((groups == "held against") & ~truths, np.clip(scores + 0.4, 0, 1), scores)
    by_group, gaps = group_estimates_of(truths, scores, groups, threshold=0.5)
    assert list(by_group) == ["held against", "calm"]
    worst, best = (own.estimates[FALSE_POSITIVES].value for own in by_group.values())
    assert gaps[FALSE_POSITIVES].value == pytest.approx(worst - best)
    assert gaps[FALSE_POSITIVES].low > 0
    assert sum(own.rows for own in by_group.values()) == 400


def test_without_groups_there_are_no_group_figures(rows):
    assert group_estimates_of(*rows, np.array([""] * 400), threshold=0.5) == ({}, {})


def test_curves_begin_and_end_where_they_must(rows):
    curves = curves_of(*rows)
    assert curves.roc[0] == (0, 0)
    assert curves.roc[-1] == (1, 1)
    assert curves.precision_recall[-1][0] == 1
    assert len(curves.roc) <= 201
    assert sum(found.rows for found in curves.reliability) == 400
    assert sum(curves.positive) == pytest.approx(1)
    assert sum(curves.negative) == pytest.approx(1)
    assert all(found.share_low <= found.share <= found.share_high for found in curves.reliability)


def test_rows_of_one_kind_have_no_curves():
    curves = curves_of(np.zeros(3, bool), np.array([0.0, 0.5, 1.0]))
    assert (curves.roc, curves.precision_recall, sum(curves.positive)) == ((), (), 0)


def test_the_interval_of_a_share_is_wilson_s():
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 81 of 263.
    low, high = wilson_interval(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson_interval(0.0, 5)[0] == 0
    assert math.isclose(wilson_interval(1.0, 5)[1], 1)


def test_a_difference_is_that_of_the_figures_and_drawn_together_it_is_narrow(rows):
    truths, scores = rows
    worse = np.where(np.arange(400) % 10 == 0, 0.5, scores)
    found = differences_of(truths, scores, worse)
    assert tuple(found) == DIFFERENCES
    (before, _), (after, _) = (estimates_of(truths, own, threshold=0.5) for own in (scores, worse))
    difference = found[AUROC]
    assert difference.value == pytest.approx(after[AUROC].value - before[AUROC].value)
    assert difference.high < 0
    assert before[AUROC].low < after[AUROC].high, "looked at apart, the two could not be told from each other"
    same = differences_of(truths, scores, scores)[AUROC]
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_there_is_no_difference_without_rows_or_with_one_kind_alone():
    assert differences_of(np.array([], bool), np.array([]), np.array([])) == {}
    found = differences_of(np.ones(3, bool), np.arange(3) / 3, np.arange(3) / 3)
    assert found[AUROC].reason == "no negative rows"

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from evenhand.learn.comparison.ranked import (
    Ranked,
    area_under_roc,
    at_threshold,
    average_precision,
    bin_of,
    calibration_error,
    f_scores,
    recall_within,
)

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=25).filter(
    lambda rows: {truth for truth, _, weight in rows if weight} == {True, False}
)

#: Five rows by hand: in order of score + - + + -, the two last scores of a pair being equal.
TRUTHS = np.array([True, False, True, True, False])
SCORES = np.array([0.9, 0.8, 0.7, 0.2, 0.2])


def counts_by_hand():
    return Ranked(TRUTHS, SCORES).counts(np.ones((1, 5)))


def weighted(rows):
    truths, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    return truths, scores / 6, weights.astype(float)


def test_figures_of_five_rows_are_those_worked_out_by_hand():
    counts = counts_by_hand()
    # Pairs: 0.9 beats both; 0.7 beats 0.2 alone; 0.2 draws with 0.2 alone: 2 + 1 + 0.5 of 6.
    assert area_under_roc(counts) == pytest.approx([3.5 / 6])
    # Precision 1/1 at the first, 2/3 at the second, 3/5 at the third positive row.
    assert average_precision(counts) == pytest.approx([(1 + 2 / 3 + 3 / 5) / 3])
    assert f_scores(counts)[0] == pytest.approx([2 / 4, 2 / 5, 4 / 6, 6 / 8])
    assert recall_within(counts, 0.0) == pytest.approx([1 / 3])
    assert recall_within(counts, 0.5) == pytest.approx([2 / 3])


def test_a_threshold_flags_what_is_at_or_above_it():
    ranked = Ranked(TRUTHS, SCORES)
    assert [ranked.reached(threshold) for threshold in (1.0, 0.9, 0.7, 0.5, 0.0)] == [0, 1, 3, 3, 4]
    decided = at_threshold(counts_by_hand(), 3)
    assert decided.precision == pytest.approx([2 / 3])
    assert decided.recall == pytest.approx([2 / 3])
    assert decided.f1 == pytest.approx([2 / 3])
    assert decided.false_positive_rate == pytest.approx([1 / 2])
    assert decided.false_negative_rate == pytest.approx([1 / 3])


def test_where_nothing_is_flagged_there_is_no_precision_and_f1_is_zero():
    decided = at_threshold(counts_by_hand(), 0)
    assert np.isnan(decided.precision)
    assert (decided.recall, decided.f1) == (0.0, 0.0)


def test_the_calibration_error_is_that_worked_out_by_hand():
    truths, scores = np.array([True, False, True, True]), np.array([0.15, 0.12, 0.95, 1.0])
    # Bin 0.1 to 0.2: mean score 0.135, share 0.5. Last bin: mean score 0.975, share 1.
    expected = 0.5 * abs(0.5 - 0.135) + 0.5 * abs(1 - 0.975)
    assert calibration_error(truths, scores, np.ones((1, 4))) == pytest.approx([expected])


def test_scores_on_an_edge_are_in_the_bin_that_begins_there():
    assert bin_of(np.array([0.0, 0.1, 0.3, 0.7, 0.999, 1.0])).tolist() == [0, 1, 3, 7, 9, 9]


@given(ROWS)
def test_ranking_is_that_of_scikit_learn_for_any_weights(rows):
    truths, scores, weights = weighted(rows)
    counts = Ranked(truths, scores).counts(weights[None])
    assert area_under_roc(counts)[0] == pytest.approx(roc_auc_score(truths, scores, sample_weight=weights))
    assert average_precision(counts)[0] == pytest.approx(average_precision_score(truths, scores, sample_weight=weights))


@given(ROWS, st.integers(0, 6))
def test_decisions_are_those_of_scikit_learn_for_any_weights(rows, threshold):
    truths, scores, weights = weighted(rows)
    flagged = scores >= threshold / 6
    ranked = Ranked(truths, scores)
    decided = at_threshold(ranked.counts(weights[None]), ranked.reached(threshold / 6))
    options = {"sample_weight": weights, "zero_division": 0.0}
    assert decided.recall[0] == pytest.approx(recall_score(truths, flagged, **options))
    assert decided.f1[0] == pytest.approx(f1_score(truths, flagged, **options))
    assert np.nan_to_num(decided.precision)[0] == pytest.approx(precision_score(truths, flagged, **options))


@given(ROWS, st.sampled_from([0.0, 0.01, 0.05, 0.5, 1.0]))
def test_recall_within_a_rate_and_the_best_f1_are_the_highest_of_scikit_learn_s_curves(rows, rate):
    truths, scores, weights = weighted(rows)
    counts = Ranked(truths, scores).counts(weights[None])
    wrong, found, _ = roc_curve(truths, scores, sample_weight=weights, drop_intermediate=False)
    assert recall_within(counts, rate)[0] == pytest.approx(found[wrong <= rate + 1e-12].max())
    precision, recall, _ = precision_recall_curve(truths, scores, sample_weight=weights)
    best = max(2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(precision, recall, strict=True))
    assert f_scores(counts).max() == pytest.approx(best)


@given(ROWS)
def test_a_weight_of_two_is_the_row_twice(rows):
    truths, scores, weights = weighted(rows)
    times = weights.astype(int)
    twice = Ranked(np.repeat(truths, times), np.repeat(scores, times)).counts(np.ones((1, times.sum())))
    once = Ranked(truths, scores).counts(weights[None])
    assert area_under_roc(once) == pytest.approx(area_under_roc(twice))
    assert f_scores(once).max() == pytest.approx(f_scores(twice).max())
    assert calibration_error(truths, scores, weights[None]) == pytest.approx(
        calibration_error(np.repeat(truths, times), np.repeat(scores, times), np.ones((1, times.sum())))
    )


@pytest.mark.parametrize("truth", [True, False])
def test_one_kind_of_row_alone_has_no_area_and_no_recall_within_a_rate(truth):
    counts = Ranked(np.full(3, truth), np.arange(3) / 3).counts(np.ones((2, 3)))
    assert np.isnan(area_under_roc(counts)).all()
    assert np.isnan(recall_within(counts, 0.05)).all()
    assert np.isnan(f_scores(counts)).all() == (not truth)

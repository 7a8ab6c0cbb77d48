import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from evenhand.learn.comparison.groups import (
    BNSP,
    BPSN,
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    GAP,
    LEAST_ROWS,
    SUBGROUP,
    Grouped,
)

ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.sampled_from(["", "tall", "short"])), min_size=1, max_size=30
)


def grouped(truths, scores, groups, threshold=0.5):
    return Grouped(np.array(truths, bool), np.array(scores, float), np.array(groups, str), threshold)


def one_value(figures, name, figure):
    return figures[name, figure][0]


def expected_area(truths, scores):
    return roc_auc_score(truths, scores) if len(set(truths.tolist())) == 2 else np.nan


def test_figures_of_six_rows_are_those_worked_out_by_hand():
    #         tall: one harmful, two harmless        others: two harmful, one harmless
    truths = [True, False, False, True, True, False]
    scores = [0.9, 0.6, 0.1, 0.7, 0.4, 0.2]
    groups = ["tall", "tall", "tall", "", "", ""]
    figures = grouped(truths, scores, groups).figures(np.ones((1, 6)))
    assert one_value(figures, "tall", FALSE_POSITIVES) == 1 / 2
    assert one_value(figures, "tall", FALSE_NEGATIVES) == 0
    assert one_value(figures, "tall", SUBGROUP) == 1
    # Harmful others 0.7 and 0.4 against harmless tall 0.6 and 0.1: three of four pairs are in order.
    assert one_value(figures, "tall", BPSN) == pytest.approx(3 / 4)
    # Harmful tall 0.9 against the harmless other 0.2.
    assert one_value(figures, "tall", BNSP) == 1


@given(ROWS)
def test_the_areas_are_those_of_scikit_learn_over_the_rows_that_borkan_et_al_name(rows):
    truths, scores, groups = (np.array(column) for column in zip(*rows, strict=True))
    figures = grouped(truths, scores / 5, groups).figures(np.ones((1, len(rows))))
    for name in {str(group) for group in groups} - {""}:
        inside = groups == name
        for figure, chosen in (
            (SUBGROUP, inside),
            (BPSN, inside & ~truths | ~inside & truths),
            (BNSP, inside & truths | ~inside & ~truths),
        ):
            found = one_value(figures, name, figure)
            assert found == pytest.approx(expected_area(truths[chosen], scores[chosen]), nan_ok=True)


@given(ROWS, st.integers(0, 2**32 - 1))
def test_a_weight_of_two_is_the_row_twice(rows, seed):
    truths, scores, groups = (np.array(column) for column in zip(*rows, strict=True))
    times = np.random.default_rng(seed).integers(1, 4, len(rows))
    twice = [np.repeat(column, times) for column in (truths, scores / 5, groups)]
    weighted = grouped(truths, scores / 5, groups).figures(times[None].astype(float))
    repeated = grouped(*twice).figures(np.ones((1, times.sum())))
    for key, values in weighted.items():
        if key[0] != GAP:
            assert values == pytest.approx(repeated[key], nan_ok=True)


def test_the_gap_is_between_the_extremes_and_leaves_small_groups_out():
    truths = [False] * (3 * LEAST_ROWS) + [False]
    scores = [0.9] * 5 + [0.1] * (LEAST_ROWS - 5) + [0.9] + [0.1] * (2 * LEAST_ROWS - 1) + [0.9]
    groups = ["a"] * LEAST_ROWS + ["b"] * LEAST_ROWS + ["c"] * LEAST_ROWS + ["tiny"]
    figures = grouped(truths, scores, groups).figures(np.ones((1, len(truths))))
    assert one_value(figures, "tiny", FALSE_POSITIVES) == 1
    assert one_value(figures, GAP, FALSE_POSITIVES) == pytest.approx(5 / LEAST_ROWS)
    assert np.isnan(one_value(figures, GAP, FALSE_NEGATIVES))


def test_one_group_alone_has_no_gap_and_sizes_are_told():
    own = grouped([True, False] * LEAST_ROWS, [0.5] * 2 * LEAST_ROWS, ["a"] * 2 * LEAST_ROWS)
    assert np.isnan(one_value(own.figures(np.ones((1, 2 * LEAST_ROWS))), GAP, SUBGROUP))
    assert own.sizes == {"a": (2 * LEAST_ROWS, LEAST_ROWS)}

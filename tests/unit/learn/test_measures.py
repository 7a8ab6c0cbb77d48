import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from evenhand.learn.measures import area_under_curve, average_precision, measure

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30).filter(
    lambda rows: len({truth for truth, _ in rows}) == 2
)


def columns(rows):
    return np.array([truth for truth, _ in rows]), np.array([score / 5 for _, score in rows])


@given(ROWS)
def test_the_area_is_that_of_scikit_learn(rows):
    truths, scores = columns(rows)
    assert area_under_curve(truths, scores) == pytest.approx(roc_auc_score(truths, scores))


@given(ROWS)
def test_the_average_precision_is_that_of_scikit_learn(rows):
    truths, scores = columns(rows)
    assert average_precision(truths, scores) == pytest.approx(average_precision_score(truths, scores))


@pytest.mark.parametrize("truth", [True, False])
def test_there_is_no_area_with_one_side_alone(truth):
    assert math.isnan(area_under_curve(np.full(3, truth), np.arange(3) / 3))


def test_there_is_no_precision_without_positives():
    assert math.isnan(average_precision(np.zeros(3, bool), np.arange(3) / 3))


def test_a_figure_lies_in_its_interval_and_more_rows_narrow_it():
    generator = np.random.default_rng(1)
    truths = generator.random(2000) < 0.5
    scores = truths * 0.3 + generator.random(2000)
    few = measure(area_under_curve, truths[:200], scores[:200])
    many = measure(area_under_curve, truths, scores)
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert (many.rows, many.positives) == (2000, int(truths.sum()))
    assert str(many).startswith(f"{many.value:.3f} ({many.low:.3f} to ")
    assert many.as_json()["rows"] == 2000

import numpy as np
import pytest

from evenhand.audit.selected import interval_of_largest


def covered(truths, *, naive=False, trials=800):
    generator = np.random.default_rng(6)
    hits = 0
    for _ in range(trials):
        values = truths + generator.normal(size=len(truths))
        picked = values.argmax()
        covariances = np.zeros(len(truths))
        covariances[picked] = 1
        low, high = interval_of_largest(values, covariances, step=0)
        if naive:
            low, high = values[picked] - 1.96, values[picked] + 1.96
        hits += low <= truths[picked] <= high
    return hits / trials


@pytest.mark.parametrize(
    "truths", [np.zeros(20), np.linspace(0, 3, 20), np.array([4.0] + [0.0] * 19)], ids=["equal", "spread", "one"]
)
def test_it_covers_the_group_that_was_picked(truths):
    assert 0.935 <= covered(truths) <= 0.968


def test_an_interval_that_forgets_the_picking_does_not():
    assert covered(np.zeros(20), naive=True) < 0.75


def test_far_ahead_it_is_nearly_the_usual_interval():
    low, high = interval_of_largest(np.array([9.0, 0.0]), np.array([1.0, 0.0]), step=0)
    assert (low, high) == pytest.approx((7.04, 10.96), abs=0.05)


def test_close_to_the_next_it_reaches_further_down_than_up():
    low, high = interval_of_largest(np.array([1.0, 0.9]), np.array([1.0, 0.0]), step=0)
    assert 1 - low > 2 * (high - 1) > 0


def test_ties_and_what_moves_along_have_an_interval_too():
    low, high = interval_of_largest(np.array([1.0, 1.0, 0.5]), np.array([1.0, 0.2, 1.0]), step=0.1)
    assert low < 1 < high


def test_without_variance_there_is_no_width():
    assert interval_of_largest(np.array([0.2, 0.0]), np.zeros(2), step=0.1) == (0.2, 0.2)

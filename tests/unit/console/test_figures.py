import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.console.figures import clock, decimals, exact, rounded_down

SCORES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0.00"), (0.29, "0.29"), (0.799, "0.79"), (1.0, "1.00"), (1e-9, "0.00"), (0.9999, "0.99")],
)
def test_a_score_is_rounded_down(value, expected):
    assert rounded_down(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.8, "0.80"), (0.805, "0.805"), (1, "1.00")])
def test_a_threshold_keeps_its_decimals(value, expected):
    assert exact(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "0:00"), (9.99, "0:09"), (60, "1:00"), (3599.9, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")],
)
def test_a_time_is_shown_as_players_show_it(seconds, expected):
    assert clock(seconds) == expected


@given(SCORES)
def test_any_score_can_be_shown(score):
    assert 0 <= float(exact(score)) <= score


@given(SCORES, st.integers(0, 10**9).map(lambda billionths: billionths / 10**9))
def test_a_score_looks_as_high_as_a_threshold_only_if_it_is(score, threshold):
    looks = float(rounded_down(score, places=decimals(threshold)))
    assert (looks >= float(exact(threshold))) == (score >= threshold)

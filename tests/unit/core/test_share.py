import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.share import Share


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [(Share(81, 263), 0.2553, 0.3662), (Share(15, 148), 0.0624, 0.1605), (Share(0, 20), 0.0, 0.1611)],
    ids=["81 of 263", "15 of 148", "0 of 20"],
)
def test_intervals_are_those_of_the_literature(share, low, high):
    """Newcombe (1998), table I, method 3."""
    assert share.interval == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_nothing_is_known():
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, (0.0, 1.0))


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_share_lies_in_its_interval_and_more_cases_make_it_narrower(counts):
    share, more = Share(*counts), Share(counts[0] * 4, counts[1] * 4)
    low, high = share.interval
    assert 0.0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1.0
    assert more.interval[1] - more.interval[0] < high - low

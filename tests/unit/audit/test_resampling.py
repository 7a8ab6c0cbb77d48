import numpy as np
import pytest

from evenhand.audit.resampling import bootstrap, draws, rare_share, ratio, shares, variance


def test_draws_keep_harmless_and_harmful_apart_and_repeat():
    harmful = np.array([False] * 6 + [True] * 4)
    weights = draws(harmful, count=50, seed=3)
    assert (weights[:, :6].sum(axis=1) == 6).all()
    assert (weights[:, 6:].sum(axis=1) == 4).all()
    assert np.array_equal(weights, draws(harmful, count=50, seed=3))
    assert not np.array_equal(weights, draws(harmful, count=50, seed=4))


def test_a_share_of_single_rows_has_the_interval_of_wilson():
    counted = np.array([[1.0]] * 8 + [[0.0]] * 92)
    found = shares(counted, np.ones((100, 1)))
    # 8 of 100 by Wilson: 0.0411 to 0.1500; Student's quantile makes it a little wider.
    assert found.value == pytest.approx([0.08])
    assert found.low == pytest.approx([0.041], abs=0.001)
    assert found.high == pytest.approx([0.151], abs=0.0015)


def test_rows_that_go_together_widen_the_interval():
    together = np.zeros((20, 1))
    together[:2] = 50
    apart = np.full((20, 1), 5.0)
    apart[::2] = 4
    apart[1::2] = 6
    of = np.full((20, 1), 50.0)
    wide, narrow = shares(together, of), shares(apart, of)
    assert wide.value == pytest.approx(narrow.value)
    assert (wide.high - wide.low)[0] > 4 * (narrow.high - narrow.low)[0]


def test_where_nothing_was_seen_each_template_counts_as_one_row():
    found = shares(np.zeros((40, 1)), np.full((40, 1), 10.0))
    assert (found.value[0], found.low[0]) == (0, 0)
    assert 0.05 < found.high[0] < 0.15
    assert np.isnan(shares(np.zeros((3, 1)), np.zeros((3, 1))).value[0])


def test_one_template_alone_tells_no_variance():
    assert variance(np.array([[1.0]]), np.array([[2.0]]))[0] == 0
    found = shares(np.array([[1.0]]), np.array([[2.0]]))
    assert found.high[0] - found.low[0] > 0.9


def test_the_bootstrap_of_a_mean_is_near_the_normal_interval():
    values = np.random.default_rng(1).normal(5, 2, 200)
    found = bootstrap(lambda drawn: ratio(drawn @ values, drawn.sum(axis=1))[:, None], draws(np.zeros(200, bool)))
    reach = 1.96 * values.std(ddof=1) / np.sqrt(200)
    assert found.low[0] == pytest.approx(values.mean() - reach, abs=0.05)
    assert found.high[0] == pytest.approx(values.mean() + reach, abs=0.05)


def test_a_figure_that_cannot_be_told_has_no_interval():
    found = bootstrap(lambda drawn: np.full((len(drawn), 1), np.nan), draws(np.zeros(5, bool), count=20))
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()


def test_a_figure_that_never_varies_has_no_width():
    found = bootstrap(lambda drawn: np.full((len(drawn), 1), 0.5), draws(np.zeros(5, bool), count=20))
    assert (found.value[0], found.low[0], found.high[0]) == (0.5, 0.5, 0.5)


def test_from_one_template_no_interval_is_told():
    found = bootstrap(lambda drawn: np.full((len(drawn), 1), 0.5), draws(np.zeros(1, bool), count=20))
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()


def test_a_share_that_is_the_same_in_every_template_has_the_interval_of_a_plain_one():
    of = np.full(12, 10.0)
    found, plain = rare_share(of, of, draws(np.zeros(12, bool), count=50)), shares(of[:, None], of[:, None])
    assert (found.value[0], found.low[0], found.high[0]) == (1, plain.low[0], 1)


def test_a_rare_share_is_skewed_and_falls_back_where_too_few_have_any():
    of = np.full(200, 100.0)
    counted = np.zeros(200)
    counted[:15] = np.arange(1, 16)
    weights = draws(np.zeros(200, bool), count=500)
    found = rare_share(counted, of, weights)
    assert found.value[0] == pytest.approx(120 / 20_000)
    assert found.high[0] - found.value[0] > found.value[0] - found.low[0] > 0
    counted[8:] = 0
    few = rare_share(counted, of, weights)
    assert few.high[0] == shares(counted[:, None], of[:, None]).high[0]

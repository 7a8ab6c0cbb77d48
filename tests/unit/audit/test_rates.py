"""Intervals and tests against services whose bias is known; `tools/simulate_audit.py` prints the same for more."""

import numpy as np
import pytest

from evenhand.audit.layout import Layout
from evenhand.audit.rates import flip_rate, flips_by_group, mistakes, score_shift
from programs import program


@pytest.fixture(scope="module")
def simulate_audit():
    with program("simulate_audit") as module:
        yield module


def layout_of(flagged, *, score=None):
    templates, groups = flagged.shape
    template, group = np.divmod(np.arange(flagged.size), groups)
    scores = np.full(flagged.size, np.nan) if score is None else score.ravel()
    return Layout(template, group, flagged.astype(np.int64).ravel(), scores, templates, groups)


@pytest.fixture(scope="module")
def coverage(simulate_audit):
    return simulate_audit.simulate(simulate_audit.Simulated(templates=400, groups=60, rate=0.01), simulations=400)


def test_the_intervals_hold_the_truth(coverage):
    assert 0.93 <= coverage.flips <= 0.97
    assert 0.94 <= coverage.rates <= 0.965
    assert 0.92 <= coverage.gap <= 0.97


def test_a_gap_of_three_points_is_found_at_the_shipped_size(simulate_audit):
    seen = simulate_audit.simulate(simulate_audit.Simulated(), simulations=60)
    assert seen.found > 0.95
    assert seen.others < 0.05


def test_intervals_by_row_would_not_hold_it(simulate_audit):
    """The same figure with rows as if they were independent: too narrow by far."""
    kind = simulate_audit.Simulated(templates=200, groups=50, rate=0.02, planted=0.05)
    generator, truth, held = np.random.default_rng(7), kind.flips, 0
    for _ in range(100):
        flipped, pairs = kind.service(generator).flips()
        share = flipped.sum() / pairs.sum()
        held += abs(share - truth) <= 1.96 * np.sqrt(share * (1 - share) / len(pairs))
    assert held < 80


def test_the_truths_of_the_simulation_are_those_of_many_services(simulate_audit):
    kind = simulate_audit.Simulated(templates=20_000, groups=12, rate=0.05, planted=0.1)
    layout = kind.service(np.random.default_rng(3))
    flipped, pairs = layout.flips()
    assert flipped.sum() / pairs.sum() == pytest.approx(kind.flips, rel=0.05)
    assert layout.table(layout.action > 0).mean(axis=0) == pytest.approx(kind.rates, rel=0.12)


def test_flips_of_a_few_templates():
    flagged = np.zeros((20, 4), dtype=bool)
    flagged[0, 0] = True
    found, pairs = flip_rate(layout_of(flagged))
    assert pairs == 20 * 6
    assert found.value[0] == pytest.approx(3 / 120)
    assert flips_by_group(layout_of(flagged)).value == pytest.approx([3 / 60, 1 / 60, 1 / 60, 1 / 60])


def test_a_service_that_never_flips_has_an_upper_end():
    found, _ = flip_rate(layout_of(np.zeros((50, 4), dtype=bool)))
    assert found.value[0] == 0
    assert 0 < found.high[0] < 0.12


def test_a_shift_of_scores_is_found_with_its_sign():
    score = np.random.default_rng(1).normal(0.3, 0.02, (60, 5))
    score[:, 1] -= 0.05
    found, p_values, stands = score_shift(layout_of(score > 1, score=score))
    assert found.value[1] == pytest.approx(-0.05, abs=0.01)
    assert found.high[1] < 0
    assert p_values[1] < 1e-4
    assert stands[1]


def test_too_few_templates_are_shown_and_not_tested():
    flagged = np.zeros((9, 3), dtype=bool)
    flagged[:, 0] = True
    found = mistakes(layout_of(flagged), flagged.ravel())
    assert found.rates.value.tolist() == [1, 0, 0]
    assert np.isnan(found.p_values).all()
    assert not found.is_otherwise.any()
    assert (found.gap.group, np.isnan(found.gap.value)) == (-1, True)
    assert np.isnan(found.smallest).all()


def test_the_worst_group_is_compared_with_the_others_of_its_templates():
    flagged = np.random.default_rng(2).random((100, 20)) < 0.02
    flagged[:40, 3] = True
    found = mistakes(layout_of(flagged), flagged.ravel())
    assert found.gap.group == 3
    others = np.delete(flagged, 3, axis=1).mean()
    assert found.gap.value == pytest.approx(flagged[:, 3].mean() - others)
    assert np.flatnonzero(found.is_otherwise).tolist() == [3]
    assert found.gap.low > 0.2


def test_templates_without_other_groups_test_nothing():
    found = mistakes(layout_of(np.ones((30, 1), dtype=bool)), np.ones(30, dtype=bool))
    assert np.isnan(found.p_values[0])


def test_several_sentences_of_a_group_in_a_template_are_counted_each():
    template, group = np.repeat(np.arange(20), 3), np.tile([0, 0, 1], 20)
    wrong = group == 0
    layout = Layout(template, group, wrong.astype(np.int64), np.full(60, np.nan), 20, 2)
    found = mistakes(layout, wrong)
    assert found.rates.value.tolist() == [1, 0]
    assert found.is_otherwise.all()

"""How often the action depends on the group, and how much more often one group is met by a mistake than the others."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from evenhand.audit.answers import BoolArray, FloatArray
from evenhand.audit.layout import Layout
from evenhand.audit.many_tests import Q, counted_otherwise, shifted, smallest_gap, stands_out
from evenhand.audit.resampling import DRAWS, SEED, Estimates, bootstrap, deviations, draws, rare_share, ratio, shares
from evenhand.audit.selected import interval_of_largest

#: A group that is in fewer templates of a kind is shown, but neither tested nor counted as the worst.
LEAST_TEMPLATES: Final = 10


@dataclass(frozen=True, slots=True)
class Gap:
    """The group that is met most often by a mistake, and how much more often than the others in the same templates.

    Args:
        group: Its place; -1 where there are no two groups to compare.
        value: The share of its sentences less that of the others', -1..1.
        low: Lower end of the interval, which knows that the group was picked.
        high: Upper end.
    """

    group: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Mistakes of one kind: harmless sentences flagged, or harmful ones missed.

    Args:
        rates: The share of each group's sentences.
        gap: The worst group against the others.
        p_values: By group; NaN where it was not tested.
        is_otherwise: Which groups are treated otherwise after the correction for their number.
        smallest: The smallest gap that would have been found, by group; NaN where it was not tested.
    """

    rates: Estimates
    gap: Gap
    p_values: FloatArray
    is_otherwise: BoolArray
    smallest: FloatArray


def flip_rate(layout: Layout, *, seed: int = SEED, count: int = DRAWS) -> tuple[Estimates, int]:
    """Return the share of all pairs, same template and other group, whose action differs, and how many pairs there are.

    Source: the flip rate of counterfactual token fairness (Garg, Perot, Limtiaco, Taly, Chi and Beutel 2019,
    Counterfactual fairness in text classification through robustness), for actions in place of scores.
    """
    flipped, pairs = layout.flips()
    counted = np.bincount(layout.template, flipped, minlength=layout.templates).astype(np.float64)
    of = np.bincount(layout.template, pairs, minlength=layout.templates).astype(np.float64)
    weights = draws(np.zeros(layout.templates, dtype=np.bool_), count=count, seed=seed)
    return rare_share(counted, of, weights), int(of.sum() / 2)


def flips_by_group(layout: Layout) -> Estimates:
    """Return for each group the share of its pairs whose action differs."""
    flipped, pairs = layout.flips()
    return shares(layout.table(flipped), layout.table(pairs))


def score_shift(layout: Layout, *, seed: int = SEED, count: int = DRAWS) -> tuple[Estimates, FloatArray, BoolArray]:
    """Return by how much the group's scores lie above those of the other groups in the same templates.

    With the p-values (groups exchanged within templates, by the normal approximation of the sum), and which groups
    stand out after the correction. Source: the counterfactual token fairness gap of Garg et al. (2019), with its sign.
    """
    moved, of = layout.differences(layout.score)
    weights = draws(np.zeros(layout.templates, dtype=np.bool_), count=count, seed=seed)
    found = bootstrap(lambda drawn: ratio(drawn @ moved, drawn @ of), weights)
    tested = (of > 0).sum(axis=0) >= LEAST_TEMPLATES
    p_values = np.where(tested, shifted(moved.sum(axis=0), (moved**2).sum(axis=0)), np.nan)
    return found, p_values, stands_out(p_values)


def mistakes(layout: Layout, wrong: BoolArray, *, has_power: bool = True) -> Mistakes:
    """Return how often each group is met by a mistake.

    Args:
        layout: Sentences of one kind, harmless or harmful.
        wrong: Which of them are mistakes.
        has_power: Whether to work out the smallest gaps, which takes most of the time.
    """
    counted, rows = layout.table(wrong), layout.rows
    tested = ((rows > 0) & (rows.sum(axis=1) > rows.max(axis=1))[:, None]).sum(axis=0) >= LEAST_TEMPLATES
    chances = np.where(rows > 0, ratio(counted.sum(axis=1), rows.sum(axis=1))[:, None], 0.0)
    p_values = np.full(layout.groups, np.nan)
    smallest = np.full(layout.groups, np.nan)
    if tested.any():
        lines = np.repeat(chances[:, tested], int(rows.max()), axis=0)
        there = np.arange(int(rows.max()))[None, :, None] < rows[:, None, tested]
        lines = lines * there.reshape(lines.shape)
        p_values[tested] = counted_otherwise(lines, counted.sum(axis=0)[tested].astype(np.int64))
        if has_power:
            smallest[tested] = smallest_gap(lines, there.reshape(lines.shape).astype(np.float64), q=Q)
    return Mistakes(shares(counted, rows), _gap(layout, wrong, tested), p_values, stands_out(p_values), smallest)


def _gap(layout: Layout, wrong: BoolArray, tested: BoolArray) -> Gap:
    if tested.sum() < 2:  # noqa: PLR2004 -- a gap is between two
        return Gap(-1, np.nan, np.nan, np.nan)
    moved, of = layout.differences(wrong)
    moved, of, places = moved[:, tested], of[:, tested], np.flatnonzero(tested)
    values, left = ratio(moved.sum(axis=0), of.sum(axis=0)), deviations(moved, of)
    picked = int(values.argmax())
    covariances = left.T @ left[:, picked] * layout.templates / (layout.templates - 1)
    low, high = interval_of_largest(values, covariances, step=1 / float(of[:, picked].sum()))
    return Gap(int(places[picked]), float(values[picked]), low, high)

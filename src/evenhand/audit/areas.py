"""How well scores tell harmful from harmless where a group is named: areas under the ROC curve by group.

Sources: subgroup, BPSN and BNSP AUC of Borkan, Dixon, Sorensen, Thain and Vasserman (2019), Nuanced metrics for
measuring unintended bias with real data for text classification; pinned AUC and its equality difference of Dixon, Li,
Sorensen, Thain and Vasserman (2018), Measuring and mitigating unintended bias in text classification.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.audit.answers import FloatArray, IntArray
from evenhand.audit.layout import Layout
from evenhand.audit.resampling import Estimates, bootstrap, draws, ratio


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of each group.

    Args:
        subgroup: The group's harmful sentences against its own harmless ones.
        bpsn: The group's harmless ones against the others' harmful ones: low where they score too high.
        bnsp: The group's harmful ones against the others' harmless ones: low where they score too low.
        pinned: Over the group and, with the same weight, everyone.
        whole: Over everyone, one column.
        pinned_gap: The sum over groups of the distance between the pinned area and that of everyone, one column.
    """

    subgroup: Estimates
    bpsn: Estimates
    bnsp: Estimates
    pinned: Estimates
    whole: Estimates
    pinned_gap: Estimates


@dataclass(frozen=True, slots=True)
class _Pairs:
    """How often a harmful sentence scores above a harmless one, by template of the harmful (lines) and harmless one.

    Tables of groups are of 32 bits: they hold halves below the 24 bits of their fraction.

    Args:
        all: Over all groups.
        harmless: By the group of the harmless sentence, with a table for each.
        harmful: By the group of the harmful sentence.
        own: Both of the same group.
    """

    all: FloatArray
    harmless: npt.NDArray[np.float32]
    harmful: npt.NDArray[np.float32]
    own: npt.NDArray[np.float32]


def areas(harmless: Layout, harmful: Layout, counted: IntArray, *, seed: int, count: int) -> Areas:
    """Return the areas of some groups against everyone; rows without a score do not count.

    Args:
        harmless: The harmless sentences.
        harmful: The harmful ones, with the same groups.
        counted: The places of the groups, each with sentences of both kinds.
        seed: Of the draws of templates.
        count: How many draws.
    """
    pairs = _pairs(harmless, harmful, counted)
    below, above = (layout.table(~np.isnan(layout.score)) for layout in (harmless, harmful))
    kinds = np.repeat([False, True], [harmless.templates, harmful.templates])
    groups = len(counted)

    def figures(weights: FloatArray) -> FloatArray:
        return _figures(
            pairs, counted, (below, above), weights[:, : harmless.templates], weights[:, harmless.templates :]
        )

    found = bootstrap(figures, draws(kinds, count=count, seed=seed))
    cut = [slice(kind * groups, (kind + 1) * groups) for kind in range(4)]
    cut += [slice(4 * groups, 4 * groups + 1), slice(4 * groups + 1, 4 * groups + 2)]
    return Areas(*(Estimates(found.value[own], found.low[own], found.high[own]) for own in cut))


def _pairs(harmless: Layout, harmful: Layout, counted: IntArray) -> _Pairs:
    groups, lines = len(counted), harmless.templates
    by_harmless, by_harmful, own = (np.zeros((groups, harmful.templates, lines), np.float32) for _ in range(3))
    everyone = np.zeros((harmful.templates, lines))
    place_of = np.full(harmless.groups, groups)
    place_of[counted] = np.arange(groups)
    told = ~np.isnan(harmless.score)
    order = np.argsort(harmless.score[told], kind="stable")
    score, template = harmless.score[told][order], harmless.template[told][order]
    cell = place_of[harmless.group[told][order]] * lines + template
    for row in np.flatnonzero(~np.isnan(harmful.score)):
        # A harmful sentence is above those before its place; of equal scores, half.
        first, last = (np.searchsorted(score, harmful.score[row], side) for side in ("left", "right"))
        height = np.where(np.arange(last) < first, 1.0, 0.5)
        by_group = np.bincount(cell[:last], height, minlength=(groups + 1) * lines).reshape(groups + 1, lines)
        total, column, place = by_group.sum(axis=0), harmful.template[row], place_of[harmful.group[row]]
        everyone[column] += total
        by_harmless[:, column] += by_group[:groups]
        if place < groups:
            by_harmful[place, column] += total
            own[place, column] += by_group[place]
    return _Pairs(everyone, by_harmless, by_harmful, own)


def _figures(
    pairs: _Pairs, counted: IntArray, rows: tuple[FloatArray, FloatArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return a line for each draw: the four areas of each group, that of everyone, and the pinned gap."""
    every_negative, every_positive = low @ rows[0], high @ rows[1]
    negatives, positives = every_negative[:, counted], every_positive[:, counted]
    all_negatives, all_positives = every_negative.sum(axis=1), every_positive.sum(axis=1)
    whole = ((high @ pairs.all) * low).sum(axis=1)
    own, of_harmless, of_harmful = (
        np.column_stack([_weighted(table, low, high) for table in tables])
        for tables in (pairs.own, pairs.harmless, pairs.harmful)
    )
    everyone = ratio(whole, all_negatives * all_positives)
    other_negatives, other_positives = all_negatives[:, None] - negatives, all_positives[:, None] - positives
    # The group's sentences weigh as much together as everyone's: one over each number of rows.
    share = ratio((all_negatives + all_positives)[:, None], negatives + positives)
    pinned = ratio(
        share**2 * own + share * (of_harmless + of_harmful) + whole[:, None],
        (share * negatives + all_negatives[:, None]) * (share * positives + all_positives[:, None]),
    )
    pinned = np.where((negatives > 0) & (positives > 0), pinned, np.nan)
    gap = np.nansum(np.abs(pinned - everyone[:, None]), axis=1)
    gap = np.where(np.isnan(pinned).all(axis=1), np.nan, gap)
    return np.column_stack(
        (
            ratio(own, negatives * positives),
            ratio(of_harmless - own, negatives * other_positives),
            ratio(of_harmful - own, positives * other_negatives),
            pinned,
            everyone,
            gap,
        )
    )


def _weighted(table: npt.NDArray[np.float32], low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the sum of `table` for each draw; a group is in few templates, so the rest is left out."""
    lines, columns = np.flatnonzero(table.any(axis=1)), np.flatnonzero(table.any(axis=0))
    sums = high[:, lines].astype(np.float32) @ table[np.ix_(lines, columns)]
    return np.asarray((sums * low[:, columns]).sum(axis=1), np.float64)

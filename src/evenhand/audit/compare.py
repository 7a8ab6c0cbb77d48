"""Two reports side by side, sentence by sentence: what changed beyond noise, and what did not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from evenhand.audit.answers import FAILED, BoolArray, FloatArray, IntArray
from evenhand.audit.layout import Layout
from evenhand.audit.many_tests import Q, shifted, stands_out, swapped
from evenhand.audit.measures import FALSE_NEGATIVES, FALSE_POSITIVES, Estimate
from evenhand.audit.rates import LEAST_TEMPLATES
from evenhand.audit.report import Outcomes, Report
from evenhand.audit.resampling import DRAWS, SEED, bootstrap, draws, ratio
from evenhand.core.errors import InputError

FLIPS: Final = "flip_rate"


@dataclass(frozen=True, slots=True)
class Change:
    """By how much one measure differs, on the sentences that both have answered.

    Args:
        measure: Which.
        group: Of which group; empty for all together.
        before: Its value in the first report, on these sentences.
        after: In the second.
        difference: After less before, with the interval of the paired difference.
        is_beyond_noise: It stands after the correction for how many were looked at, and its interval does not hold 0.
    """

    measure: str
    group: str
    before: float
    after: float
    difference: Estimate
    is_beyond_noise: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two reports.

    Args:
        before: The name and version of the first target.
        after: Of the second.
        paired: How many sentences both have answered.
        failed: How many both have, of which one failed.
        only_one: How many are in one report alone, or are another sentence there.
        q: The false discovery rate of the correction.
        changes: What was compared, what changed beyond noise first, the largest first.
    """

    before: str
    after: str
    paired: int
    failed: int
    only_one: int
    q: float
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Raw:
    """Columns of one measure: by template, what was counted before and after, and of how many."""

    measure: str
    groups: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    of: FloatArray
    p_values: FloatArray


def compare(before: Report, after: Report, *, seed: int = SEED, count: int = DRAWS) -> Comparison:
    """Return what changed from one report to the other.

    Args:
        before: The first.
        after: The second.
        seed: Of the draws of templates.
        count: How many draws.

    Raises:
        InputError: `audit.nothing_shared` when no sentence was answered in both.
    """
    first, second = _paired(before.outcomes, after.outcomes)
    told = (_actions(before.outcomes)[first] != FAILED) & (_actions(after.outcomes)[second] != FAILED)
    if not told.any():
        raise InputError(
            "audit.nothing_shared",
            "No sentence was answered in both reports.",
            remedy="Compare reports that were made from the same families.",
        )
    raw = list(_measured(before.outcomes, first[told], _actions(after.outcomes)[second[told]]))
    # One correction over everything that is looked at.
    stands = stands_out(np.concatenate([one.p_values for one in raw]))
    ends = np.cumsum([len(one.groups) for one in raw])
    changes = [
        change
        for one, own in zip(raw, np.split(stands, ends[:-1]), strict=True)
        for change in _changes(one, own, seed=seed, count=count)
    ]
    changes.sort(key=lambda one: (not one.is_beyond_noise, -abs(one.difference.value or 0.0)))
    only = len(before.outcomes.ids) + len(after.outcomes.ids) - 2 * len(first)
    return Comparison(_named(before), _named(after), int(told.sum()), int((~told).sum()), only, Q, tuple(changes))


def _named(report: Report) -> str:
    return f"{report.target} {report.version}".strip()


def _actions(outcomes: Outcomes) -> IntArray:
    return np.array(outcomes.action, np.int64)


def _paired(before: Outcomes, after: Outcomes) -> tuple[IntArray, IntArray]:
    """Return the places of sentences that are the same in both: id, template, group and what is expected."""
    place_of = {_key(after, place): place for place in range(len(after.ids))}
    pairs = [(place, place_of.get(_key(before, place), -1)) for place in range(len(before.ids))]
    found = np.array([pair for pair in pairs if pair[1] >= 0], np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _key(outcomes: Outcomes, place: int) -> tuple[str, str, str, bool]:
    template, group = outcomes.templates[outcomes.template[place]], outcomes.groups[outcomes.group[place]]
    return outcomes.ids[place], template, group, outcomes.harmful[place]


def _measured(outcomes: Outcomes, rows: IntArray, other: IntArray) -> Iterator[_Raw]:
    """Yield what is compared, for all together and for each group that is in enough templates."""
    harmful = np.array(outcomes.harmful)[rows]
    whole = _layout(outcomes, rows, np.ones(len(rows), dtype=np.bool_))
    (before, pairs), (after, _) = whole.flips(), replace(whole, action=other).flips()
    columns = [
        np.bincount(whole.template, each, minlength=whole.templates).astype(np.float64)[:, None]
        for each in (before, after, pairs)
    ]
    moved = columns[1] - columns[0]
    p_values = shifted(moved.sum(axis=0), (moved**2).sum(axis=0))
    yield _Raw(FLIPS, ("",), columns[0], columns[1], columns[2], p_values)
    for measure, kind in ((FALSE_POSITIVES, ~harmful), (FALSE_NEGATIVES, harmful)):
        if kind.any():
            layout = _layout(outcomes, rows, kind)
            yield _mistakes(measure, outcomes.groups, layout, other[kind])


def _layout(outcomes: Outcomes, rows: IntArray, kind: BoolArray) -> Layout:
    kept = rows[kind]
    templates, template = np.unique(np.array(outcomes.template)[kept], return_inverse=True)
    action, score = _actions(outcomes)[kept], np.full(len(kept), np.nan)
    return Layout(
        template.astype(np.int64), np.array(outcomes.group)[kept], action, score, len(templates), len(outcomes.groups)
    )


def _mistakes(measure: str, names: tuple[str, ...], layout: Layout, other: IntArray) -> _Raw:
    is_missed = measure == FALSE_NEGATIVES
    before, after, of = (
        layout.table((layout.action == 0) == is_missed),
        layout.table((other == 0) == is_missed),
        layout.rows,
    )
    enough = np.flatnonzero((of > 0).sum(axis=0) >= LEAST_TEMPLATES)
    first, second, rows = (np.column_stack((table.sum(axis=1), table[:, enough])) for table in (before, after, of))
    groups = ("", *(names[place] for place in enough))
    return _Raw(measure, groups, first, second, rows, swapped(second - first))


def _changes(raw: _Raw, stands: BoolArray, *, seed: int, count: int) -> Iterator[Change]:
    def figures(weights: FloatArray) -> FloatArray:
        return ratio(weights @ (raw.after - raw.before), weights @ raw.of)

    weights = draws(np.zeros(len(raw.of), dtype=np.bool_), seed=seed, count=count)
    found = bootstrap(figures, weights)
    before, after = (ratio(table.sum(axis=0), raw.of.sum(axis=0)) for table in (raw.before, raw.after))
    for place, group in enumerate(raw.groups):
        if not np.isnan(before[place]):
            one = Estimate.at(found, place)
            holds_0 = (one.low or 0.0) <= 0 <= (one.high or 0.0)
            is_beyond = bool(stands[place]) and not holds_0
            yield Change(raw.measure, group, float(before[place]), float(after[place]), one, is_beyond)

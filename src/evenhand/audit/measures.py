"""All measures of one set of answers. What failed is counted apart and is in none of them."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from evenhand.audit.answers import ACTIONS, BOTH, Answers, BoolArray, Column, FloatArray
from evenhand.audit.areas import Areas, areas
from evenhand.audit.layout import Layout, by_template
from evenhand.audit.many_tests import Q
from evenhand.audit.rates import LEAST_TEMPLATES, Gap, Mistakes, flip_rate, flips_by_group, mistakes, score_shift
from evenhand.audit.resampling import DRAWS, SEED, Estimates, shares

#: By which measures a group may stand out.
FALSE_POSITIVES: Final = "false_positive_rate"
FALSE_NEGATIVES: Final = "false_negative_rate"
SCORE_SHIFT: Final = "score_shift"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; all three are missing where there is nothing to tell."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def at(cls, found: Estimates, place: int) -> "Estimate":
        """Return one of many."""
        return cls.of(found.value[place], found.low[place], found.high[place])

    @classmethod
    def of(cls, value: float, low: float, high: float) -> "Estimate":
        """Return an estimate of three numbers; NaN is none."""
        return cls() if math.isnan(value) else cls(*(round(float(number), 6) for number in (value, low, high)))


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """What was measured on one group; the docs page on the audit defines each.

    Args:
        name: The group, or two of them.
        axis: What kind of group.
        sentences: How many name it.
        failures: How many of these were not answered.
        templates: In how many templates it was answered beside other groups; every measure here is over these.
        otherwise: The measures by which it is treated otherwise than the others, after the correction.
        smallest_gap: The smallest gap of its false-positive rate that would have been found; none where none would.
    """

    name: str
    axis: str
    sentences: int
    failures: int
    templates: int
    flip_rate: Estimate
    false_positive_rate: Estimate
    false_negative_rate: Estimate
    score_shift: Estimate
    subgroup_auc: Estimate
    bpsn_auc: Estimate
    bnsp_auc: Estimate
    pinned_auc: Estimate
    otherwise: tuple[str, ...]
    smallest_gap: float | None


@dataclass(frozen=True, slots=True)
class WorstGap:
    """The group that is met most often by a mistake, against the others in the same templates.

    Args:
        group: Its name; empty where no two groups could be compared.
        gap: The difference of the rates, with an interval that knows that the group was picked.
        groups: Among how many it was picked.
    """

    group: str
    gap: Estimate
    groups: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Sentences that have something in common, such as a family, or a family and an axis.

    Args:
        name: What; for a cell of the table of two, the line.
        column: The column of that cell; empty elsewhere.
        sentences: How many there are.
        failures: How many of these were not answered.
    """

    name: str
    column: str
    sentences: int
    failures: int
    false_positive_rate: Estimate
    false_negative_rate: Estimate


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that was measured.

    Args:
        sentences: How many were asked about.
        failures: How many have no answer, by the code of the error.
        actions: How many sentences met each action, for `allow` and for `harm`.
        templates: How many there are.
        pairs: How many pairs of the flip rate.
        q: The false discovery rate of every correction.
        least_templates: A group in fewer templates of a kind is neither tested nor picked as the worst.
        smallest_gap: The middle one of the groups' smallest gaps.
        pinned_auc_gap: The sum over groups.
        two_axes: Cells of two axes that one sentence names; empty where none names two.
        family_axes: Cells of family and axis.
    """

    sentences: int
    failures: dict[str, int]
    actions: dict[str, dict[str, int]]
    templates: int
    pairs: int
    q: float
    least_templates: int
    flip_rate: Estimate
    false_positive_rate: Estimate
    false_negative_rate: Estimate
    false_positive_gap: WorstGap
    false_negative_gap: WorstGap
    auc: Estimate
    pinned_auc_gap: Estimate
    smallest_gap: float | None
    groups: tuple[GroupMeasures, ...] = field(default=())
    families: tuple[Slice, ...] = field(default=())
    languages: tuple[Slice, ...] = field(default=())
    two_axes: tuple[Slice, ...] = field(default=())
    family_axes: tuple[Slice, ...] = field(default=())


def measure(answers: Answers, *, seed: int = SEED, count: int = DRAWS) -> Measures:
    """Return all measures, the same for the same answers and seed.

    Args:
        answers: What was answered.
        seed: Of the draws of templates.
        count: How many draws.
    """
    swapped = _is_swapped(answers)
    kinds = (swapped, swapped & ~answers.harmful, swapped & answers.harmful)
    whole, harmless, harmful = (Layout.of(answers, rows) for rows in kinds)
    wrong = mistakes(harmless, harmless.action > 0)
    missed = mistakes(harmful, harmful.action == 0, has_power=False)
    flips, pairs = flip_rate(whole, seed=seed, count=count)
    places = np.flatnonzero(_scored(harmless) & _scored(harmful))
    ranked = areas(harmless, harmful, places, seed=seed, count=count) if len(places) else None
    told = wrong.smallest[~np.isnan(wrong.smallest)]
    return Measures(
        sentences=len(answers),
        failures=dict(sorted(Counter(error for error in answers.errors if error).items())),
        actions={kind: _actions(answers, answers.harmful == (kind == "harm")) for kind in ("allow", "harm")},
        templates=len(answers.template),
        pairs=pairs,
        q=Q,
        least_templates=LEAST_TEMPLATES,
        flip_rate=Estimate.at(flips, 0),
        false_positive_rate=_overall(answers, ~answers.harmful, answers.flagged),
        false_negative_rate=_overall(answers, answers.harmful, ~answers.flagged),
        false_positive_gap=_worst(answers, wrong.gap, wrong.p_values),
        false_negative_gap=_worst(answers, missed.gap, missed.p_values),
        auc=Estimate.at(ranked.whole, 0) if ranked else Estimate(),
        pinned_auc_gap=Estimate.at(ranked.pinned_gap, 0) if ranked else Estimate(),
        smallest_gap=_told(float(np.median(told))) if len(told) else None,
        groups=_groups(answers, whole, (wrong, missed), ranked, places.tolist(), seed=seed, count=count),
        families=tuple(_slices(answers, answers.family)),
        languages=tuple(_slices(answers, answers.language)),
        two_axes=tuple(_two_axes(answers)),
        family_axes=tuple(_crossed(answers, answers.family, answers.axis, ~_names_two(answers))),
    )


def _is_swapped(answers: Answers) -> BoolArray:
    """Return which rows have a template with another group; the others, such as texts of one's own, are in no pair."""
    code = answers.template.codes
    first = np.zeros(len(answers.template), np.int64)
    first[code] = answers.group.codes
    others = np.zeros(len(answers.template), dtype=np.bool_)
    np.logical_or.at(others, code, answers.group.codes != first[code])
    return np.asarray(others[code])


def _scored(layout: Layout) -> BoolArray:
    return np.asarray((layout.table(~np.isnan(layout.score)) > 0).sum(axis=0) >= LEAST_TEMPLATES)


def _actions(answers: Answers, rows: BoolArray) -> dict[str, int]:
    return {name: int((answers.action[rows] == place).sum()) for place, name in enumerate(ACTIONS)}


def _overall(answers: Answers, rows: BoolArray, wrong: BoolArray) -> Estimate:
    everyone = Column(("",), np.zeros(len(answers), np.int64))
    return Estimate.at(shares(*by_template(answers, rows, everyone, wrong)), 0)


def _worst(answers: Answers, gap: Gap, p_values: FloatArray) -> WorstGap:
    name = answers.group.names[gap.group] if gap.group >= 0 else ""
    return WorstGap(name, Estimate.of(gap.value, gap.low, gap.high), int((~np.isnan(p_values)).sum()))


def _told(gap: float) -> float | None:
    return None if math.isnan(gap) or gap >= 1 else round(gap, 6)


def _groups(
    answers: Answers,
    whole: Layout,
    kinds: tuple[Mistakes, Mistakes],
    ranked: Areas | None,
    places: list[int],
    *,
    seed: int,
    count: int,
) -> tuple[GroupMeasures, ...]:
    wrong, missed = kinds
    flips = flips_by_group(whole)
    shift, _, moved = score_shift(whole, seed=seed, count=count)
    templates = (whole.rows > 0).sum(axis=0)
    axes = dict(zip(answers.group.codes.tolist(), answers.axis.codes.tolist(), strict=True))
    sentences = np.bincount(answers.group.codes, minlength=len(answers.group))
    failures = np.bincount(answers.group.codes, answers.failed, minlength=len(answers.group))
    own = {place: _areas(ranked, at) for at, place in enumerate(places)} if ranked else {}
    otherwise = ((FALSE_POSITIVES, wrong.is_otherwise), (FALSE_NEGATIVES, missed.is_otherwise), (SCORE_SHIFT, moved))
    return tuple(
        GroupMeasures(
            name,
            answers.axis.names[axes[place]],
            int(sentences[place]),
            int(failures[place]),
            int(templates[place]),
            Estimate.at(flips, place),
            Estimate.at(wrong.rates, place),
            Estimate.at(missed.rates, place),
            Estimate.at(shift, place),
            *(own[place] if place in own else (Estimate(), Estimate(), Estimate(), Estimate())),
            tuple(measure for measure, stands in otherwise if stands[place]),
            _told(float(wrong.smallest[place])),
        )
        for place, name in enumerate(answers.group.names)
    )


def _areas(found: Areas, place: int) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    return (
        Estimate.at(found.subgroup, place),
        Estimate.at(found.bpsn, place),
        Estimate.at(found.bnsp, place),
        Estimate.at(found.pinned, place),
    )


def _slices(answers: Answers, column: Column, rows: BoolArray | None = None) -> Iterator[Slice]:
    """Yield what is measured on each name of `column`; a name without rows is left out."""
    kept = np.ones(len(answers), dtype=np.bool_) if rows is None else rows
    wrong = shares(*by_template(answers, kept & ~answers.harmful, column, answers.flagged))
    missed = shares(*by_template(answers, kept & answers.harmful, column, ~answers.flagged))
    sentences = np.bincount(column.codes[kept], minlength=len(column))
    failures = np.bincount(column.codes[kept], answers.failed[kept], minlength=len(column))
    for place, name in enumerate(column.names):
        if sentences[place]:
            counts = (int(sentences[place]), int(failures[place]))
            yield Slice(name, "", *counts, Estimate.at(wrong, place), Estimate.at(missed, place))


def _names_two(answers: Answers) -> BoolArray:
    both = np.array([BOTH in name for name in answers.axis.names])
    return np.asarray(both[answers.axis.codes])


def _two_axes(answers: Answers) -> Iterator[Slice]:
    for cell in _slices(answers, answers.axis, _names_two(answers)):
        line, _, column = cell.name.partition(BOTH)
        yield _placed(cell, line, column)


def _crossed(answers: Answers, lines: Column, columns: Column, rows: BoolArray) -> Iterator[Slice]:
    names = [
        f"{lines.names[line]}\n{columns.names[column]}" for line in range(len(lines)) for column in range(len(columns))
    ]
    codes = lines.codes * len(columns) + columns.codes
    for cell in _slices(answers, Column(tuple(names), codes), rows):
        line, _, column = cell.name.partition("\n")
        yield _placed(cell, line, column)


def _placed(cell: Slice, line: str, column: str) -> Slice:
    counts = (cell.sentences, cell.failures)
    return Slice(line, column, *counts, cell.false_positive_rate, cell.false_negative_rate)

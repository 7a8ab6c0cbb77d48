"""From scores and truths to estimates with intervals, and to the points of plots. It knows no models and no files."""

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from evenhand.learn.comparison.groups import FALSE_POSITIVES, GAP, GROUP_FIGURES, Grouped
from evenhand.learn.comparison.ranked import (
    BINS,
    Counts,
    FloatArray,
    Ranked,
    area_under_roc,
    at_threshold,
    average_precision,
    bin_of,
    calibration_error,
    f_scores,
    recall_within,
)
from evenhand.learn.measures import INTERVAL, RESAMPLES, SEED, ScoreArray, TruthArray

Key = TypeVar("Key", bound=Hashable)

#: The figures of a label, in the order of the report.
AUROC: Final = "auroc"
AUPRC: Final = "auprc"
F1: Final = "f1"
PRECISION: Final = "precision"
RECALL: Final = "recall"
BEST_F1: Final = "best_f1"
RECALL_AT_1: Final = "recall_at_1_percent"
RECALL_AT_5: Final = "recall_at_5_percent"
CALIBRATION: Final = "calibration_error"
FIGURES: Final = (
    AUROC,
    AUPRC,
    F1,
    PRECISION,
    RECALL,
    FALSE_POSITIVES,
    BEST_F1,
    RECALL_AT_1,
    RECALL_AT_5,
    CALIBRATION,
)

#: The figures that do not depend on the scale of the scores, by which two scorers are told apart.
DIFFERENCES: Final = (AUROC, AUPRC, RECALL_AT_5)

#: Cells of a matrix of resamples that are worked on at once.
_CELLS: Final = 1_000_000
_POINTS: Final = 200
_HISTOGRAM_BINS: Final = 20
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; without a value, the reason why there is none."""

    value: float | None
    low: float = math.nan
    high: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What was measured on one group."""

    rows: int
    positives: int
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows with scores from `low` up to the next bin: how many, their mean score, and how many are positive."""

    low: float
    rows: int
    mean_score: float
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True, slots=True)
class Curves:
    """The points of the plots.

    Args:
        roc: False-positive rate and recall.
        precision_recall: Recall and precision.
        reliability: Bins that have rows.
        positive: Share of the positive rows in each of twenty bins of the score.
        negative: The same of the negative rows.
    """

    roc: tuple[tuple[float, float], ...]
    precision_recall: tuple[tuple[float, float], ...]
    reliability: tuple[Bin, ...]
    positive: tuple[float, ...]
    negative: tuple[float, ...]


def no_estimates(reason: str) -> dict[str, Estimate]:
    """Return every figure of `FIGURES` without a value."""
    return {name: Estimate(None, reason=reason) for name in FIGURES}


def estimates_of(
    truths: TruthArray, scores: ScoreArray, *, threshold: float
) -> tuple[dict[str, Estimate], float | None]:
    """Return every figure of `FIGURES`, and the threshold of the best F1, which is chosen on these very rows.

    There must be a row; without a positive one, there is no such threshold.
    """
    ranked = Ranked(truths, scores)
    reached = ranked.reached(threshold)

    def figures(weights: FloatArray) -> dict[str, FloatArray]:
        counts = ranked.counts(weights)
        decided = at_threshold(counts, reached)
        return {
            AUROC: area_under_roc(counts),
            AUPRC: average_precision(counts),
            F1: decided.f1,
            PRECISION: decided.precision,
            RECALL: decided.recall,
            FALSE_POSITIVES: decided.false_positive_rate,
            BEST_F1: f_scores(counts).max(axis=1),
            RECALL_AT_1: recall_within(counts, 0.01),
            RECALL_AT_5: recall_within(counts, 0.05),
            CALIBRATION: calibration_error(truths, scores, weights),
        }

    reason = _missing_class(truths) or "nothing reaches the threshold"
    found = {name: _because(estimate, reason) for name, estimate in bootstrap(figures, len(truths)).items()}
    best = f_scores(ranked.counts(np.ones((1, len(truths)))))[0]
    return found, float(ranked.levels[best.argmax()]) if truths.any() else None


def differences_of(truths: TruthArray, reference: ScoreArray, scores: ScoreArray) -> dict[str, Estimate]:
    """Return by how much each figure of `DIFFERENCES` is higher with `scores` than with `reference`, on the same rows.

    Both are drawn together, so the interval is of the difference itself: rows that are hard for both do not widen it.
    """
    if not len(truths):
        return {}
    first, second = Ranked(truths, reference), Ranked(truths, scores)

    def figures(weights: FloatArray) -> dict[str, FloatArray]:
        before, after = first.counts(weights), second.counts(weights)
        return {
            AUROC: area_under_roc(after) - area_under_roc(before),
            AUPRC: average_precision(after) - average_precision(before),
            RECALL_AT_5: recall_within(after, 0.05) - recall_within(before, 0.05),
        }

    reason = _missing_class(truths)
    return {name: _because(estimate, reason) for name, estimate in bootstrap(figures, len(truths)).items()}


def group_estimates_of(
    truths: TruthArray, scores: ScoreArray, groups: npt.NDArray[np.str_], *, threshold: float
) -> tuple[dict[str, GroupFigures], dict[str, Estimate]]:
    """Return the figures of each group, most often wrongly flagged first, and for each figure the largest gap."""
    if (groups == "").all():
        return {}, {}
    grouped = Grouped(truths, scores, groups, threshold)
    found = bootstrap(grouped.figures, len(truths))
    by_group = {
        name: GroupFigures(
            rows,
            positives,
            {figure: _because(found[name, figure], "too few rows of a kind") for figure in GROUP_FIGURES},
        )
        for name, (rows, positives) in sorted(
            grouped.sizes.items(), key=lambda size: (-(found[size[0], FALSE_POSITIVES].value or 0.0), size[0])
        )
    }
    return by_group, {figure: _because(found[GAP, figure], "groups too small") for figure in GROUP_FIGURES}


def bootstrap(figures: Callable[[FloatArray], Mapping[Key, FloatArray]], rows: int) -> dict[Key, Estimate]:
    """Return each figure of all rows with the percentile interval over resampled rows.

    Rows are drawn with replacement, the same for every scorer that answered the same rows.
    Source: Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.
    """
    values = figures(np.ones((1, rows)))
    drawn: dict[Key, list[FloatArray]] = {key: [] for key in values}
    for weights in _resamples(rows):
        for key, resampled in figures(weights).items():
            drawn[key].append(resampled)
    return {key: _estimate(float(value[0]), np.concatenate(drawn[key])) for key, value in values.items()}


def _resamples(rows: int) -> Iterator[FloatArray]:
    """Yield the weights of all resamples, some at a time."""
    generator = np.random.default_rng(SEED)
    at_once = max(1, _CELLS // rows)
    for start in range(0, RESAMPLES, at_once):
        chosen = (generator.integers(0, rows, rows) for _ in range(start, min(start + at_once, RESAMPLES)))
        yield np.array([np.bincount(places, minlength=rows) for places in chosen], np.float64)


def _estimate(value: float, drawn: FloatArray) -> Estimate:
    told = drawn[~np.isnan(drawn)]
    if math.isnan(value) or not len(told):
        return Estimate(None)
    low, high = np.percentile(told, INTERVAL)
    return Estimate(value, float(low), float(high))


def _because(estimate: Estimate, reason: str) -> Estimate:
    return Estimate(None, reason=reason) if estimate.value is None else estimate


def _missing_class(truths: TruthArray) -> str:
    if not truths.any():
        return "no positive rows"
    return "no negative rows" if truths.all() else ""


def curves_of(truths: TruthArray, scores: ScoreArray) -> Curves:
    """Return the points of the plots; a curve without its two kinds of rows has no points."""
    counts = Ranked(truths, scores).counts(np.ones((1, len(truths))))
    return Curves(
        _roc(counts),
        _precision_recall(counts),
        tuple(_bins(truths, scores)),
        _shares(scores[truths]),
        _shares(scores[~truths]),
    )


def _roc(counts: Counts) -> tuple[tuple[float, float], ...]:
    if not counts.positives[0] or not counts.negatives[0]:
        return ()
    wrong, found = counts.wrong[0] / counts.negatives[0], counts.found[0] / counts.positives[0]
    return ((0.0, 0.0), *_thinned(wrong, found))


def _precision_recall(counts: Counts) -> tuple[tuple[float, float], ...]:
    if not counts.positives[0]:
        return ()
    # Beyond the score that finds everything, more is only wrongly flagged.
    whole = int(np.argmax(counts.found[0] == counts.positives[0])) + 1
    found, wrong = counts.found[0, :whole], counts.wrong[0, :whole]
    return _thinned(found / counts.positives[0], found / (found + wrong))


def _thinned(across: FloatArray, up: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return at most some points of a curve, its ends among them: an eye cannot tell more apart."""
    kept = np.unique(np.linspace(0, len(across) - 1, _POINTS).astype(int))
    return tuple((float(across[place]), float(up[place])) for place in kept)


def _bins(truths: TruthArray, scores: ScoreArray) -> Iterator[Bin]:
    places = bin_of(scores)
    for number in range(BINS):
        inside = places == number
        if inside.any():
            share, rows = float(truths[inside].mean()), int(inside.sum())
            yield Bin(number / BINS, rows, float(scores[inside].mean()), share, *wilson_interval(share, rows))


def wilson_interval(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `rows`.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    scale = 1 + _Z**2 / rows
    middle = (share + _Z**2 / (2 * rows)) / scale
    reach = _Z * math.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2)) / scale
    # The last bit of a float must not put a share of 0 or 1 outside of its own interval.
    return min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))


def _shares(scores: ScoreArray) -> tuple[float, ...]:
    counts = np.bincount(bin_of(scores, _HISTOGRAM_BINS), minlength=_HISTOGRAM_BINS)
    return tuple((counts / max(1, len(scores))).tolist())

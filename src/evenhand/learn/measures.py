"""Figures of quality from scores and truths, each with a bootstrap interval; numpy alone, and none of the models."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ScoreArray = npt.NDArray[np.float64]
TruthArray = npt.NDArray[np.bool_]
Measure = Callable[[TruthArray, ScoreArray], float]

RESAMPLES: Final = 1000
SEED: Final = 20261123
INTERVAL: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval.

    Args:
        value: The value on all rows.
        low: Lower end of the interval.
        high: Upper end.
        rows: How many rows it was measured on.
        positives: How many of them are positive.
    """

    value: float
    low: float
    high: float
    rows: int
    positives: int

    def __str__(self) -> str:
        """Read as `0.931 (0.915 to 0.946, n 1000)`."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n {self.rows}, {self.positives} positive)"

    def as_json(self) -> dict[str, Any]:
        """Return the figure for JSON, rounded to what the number of rows can bear."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def area_under_curve(truths: TruthArray, scores: ScoreArray) -> float:
    """Return the probability that a positive row scores above a negative one; ties count half."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = int(truths.sum())
    negatives = len(truths) - positives
    if not positives or not negatives:
        return float("nan")
    return float((ranks[truths].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(truths: TruthArray, scores: ScoreArray) -> float:
    """Return the mean precision over the ranks of the positive rows; equal scores share one rank."""
    if not truths.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found, ordered = np.cumsum(truths[order]), scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    precision = found[ends] / (ends + 1)
    return float((np.diff(found[ends], prepend=0) * precision).sum() / found[-1])


def measure(function: Measure, truths: TruthArray, scores: ScoreArray) -> Figure:
    """Return `function` of all rows, with a 95 % interval from resampled rows (percentile bootstrap, Efron 1979)."""
    generator = np.random.default_rng(SEED)
    values = []
    for _ in range(RESAMPLES):
        chosen = generator.integers(0, len(truths), len(truths))
        values.append(function(truths[chosen], scores[chosen]))
    low, high = np.nanpercentile(values, INTERVAL)
    return Figure(function(truths, scores), float(low), float(high), len(truths), int(truths.sum()))


def mean(values: ScoreArray | TruthArray) -> Figure:
    """Return the mean of `values`, or the share that is true, with its interval; its positives are those above 0."""
    numbers = np.asarray(values, np.float64)
    return measure(lambda _, chosen: float(chosen.mean()), numbers > 0, numbers)

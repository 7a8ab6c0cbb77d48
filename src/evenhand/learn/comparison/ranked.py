"""Figures of ranking, of decisions and of calibration over weighted rows; numpy alone, and none of the models.

A resample of the bootstrap is a weight for each row: how often it was drawn. So scores are sorted once. `weights` has a
resample in each line, and every function gives an array with one value for each; what cannot be told is NaN.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from evenhand.learn.measures import ScoreArray, TruthArray

FloatArray = npt.NDArray[np.float64]

#: Equal-width bins for the calibration error and the diagram of it.
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is found at or above each distinct score, from the highest down.

    Args:
        found: Weight of the positive rows, by resample and score.
        wrong: Weight of the negative rows, by resample and score.
    """

    found: FloatArray
    wrong: FloatArray

    @property
    def positives(self) -> FloatArray:
        """Weight of all positive rows, by resample."""
        return self.found[:, -1]

    @property
    def negatives(self) -> FloatArray:
        """Weight of all negative rows, by resample."""
        return self.wrong[:, -1]


class Ranked:
    """Rows in the order of their scores, highest first.

    Args:
        truths: Whether each row is positive; at least one row.
        scores: Its score.
    """

    def __init__(self, truths: TruthArray, scores: ScoreArray) -> None:
        self.order = np.argsort(-scores, kind="stable")
        self.truths = truths[self.order]
        self.scores = scores[self.order]
        ends = np.append(np.flatnonzero(np.diff(self.scores)), len(scores) - 1)
        self._ends = ends
        #: The distinct scores, and for each row the place of its own among them.
        self.levels: FloatArray = self.scores[ends]
        self.level_of = np.searchsorted(ends, np.arange(len(scores)))

    def counts(self, weights: FloatArray) -> Counts:
        """Return what is found at each distinct score; `weights` are in the order of the rows as they were given."""
        ordered = weights[:, self.order]
        found = np.cumsum(ordered * self.truths, axis=1)[:, self._ends]
        return Counts(found, np.cumsum(ordered, axis=1)[:, self._ends] - found)

    def reached(self, threshold: float) -> int:
        """Return how many distinct scores are at or above `threshold`."""
        return int((self.levels >= threshold).sum())


def area_under_roc(counts: Counts) -> FloatArray:
    """Return the probability that a positive row scores above a negative one, ties counting half.

    Source: Hanley and McNeil (1982), The meaning and use of the area under a ROC curve.
    """
    middles = (counts.found + _before(counts.found)) / 2
    pairs = (_steps(counts.wrong) * middles).sum(axis=1)
    return ratio(pairs, counts.positives * counts.negatives)


def average_precision(counts: Counts) -> FloatArray:
    """Return the mean precision over the positive rows, without interpolation; the AUPRC of the reports.

    Source: Davis and Goadrich (2006), The relationship between precision-recall and ROC curves, on why not to
    interpolate; the sum is that of scikit-learn's `average_precision_score`.
    """
    precision = np.nan_to_num(ratio(counts.found, counts.found + counts.wrong))
    return ratio((_steps(counts.found) * precision).sum(axis=1), counts.positives)


def recall_within(counts: Counts, rate: float) -> FloatArray:
    """Return the highest recall of any threshold that wrongly flags at most this `rate` of the negative rows.

    Source: the point of the ROC curve (Fawcett 2006, An introduction to ROC analysis), without interpolation.
    """
    allowed = counts.wrong <= rate * counts.negatives[:, None] + 1e-9
    most = np.where(allowed, counts.found, 0.0).max(axis=1)
    return ratio(np.where(counts.negatives > 0, most, np.nan), counts.positives)


def f_scores(counts: Counts) -> FloatArray:
    """Return F1, the harmonic mean of precision and recall, at each distinct score.

    Source: van Rijsbergen (1979), Information Retrieval, chapter 7.
    """
    f1 = 2 * counts.found / (counts.positives[:, None] + counts.found + counts.wrong).clip(1e-12)
    return np.where(counts.positives[:, None] > 0, f1, np.nan)


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a threshold does, by resample; precision is NaN where nothing is flagged."""

    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    false_positive_rate: FloatArray
    false_negative_rate: FloatArray


def at_threshold(counts: Counts, reached: int) -> AtThreshold:
    """Return the figures when the `reached` highest distinct scores are flagged.

    Source: Fawcett (2006), An introduction to ROC analysis, figure 1; F1 as in `f_scores`.
    """
    nothing = np.zeros(len(counts.found))
    found = counts.found[:, reached - 1] if reached else nothing
    wrong = counts.wrong[:, reached - 1] if reached else nothing
    recall = ratio(found, counts.positives)
    f1 = np.where(counts.positives > 0, ratio(2 * found, counts.positives + found + wrong), np.nan)
    return AtThreshold(ratio(found, found + wrong), recall, f1, ratio(wrong, counts.negatives), 1 - recall)


def calibration_error(truths: TruthArray, scores: ScoreArray, weights: FloatArray) -> FloatArray:
    """Return the mean distance between score and share of positives over ten bins of equal width, by rows in each.

    Source: the expected calibration error of Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated
    probabilities using Bayesian binning, in its form for one label (the score against the positive share).
    """
    member = np.eye(BINS)[bin_of(scores)]
    off = weights @ (member * (truths - scores)[:, None])
    return ratio(np.abs(off).sum(axis=1), weights.sum(axis=1))


def bin_of(scores: ScoreArray, bins: int = BINS) -> npt.NDArray[np.int64]:
    """Return the bin of each score: of ten, 0.1 begins the second, and 1.0 is in the last."""
    # A score such as 0.3 must not slip below its own bin's edge by the last bit.
    return np.minimum((scores * bins + 1e-9).astype(np.int64), bins - 1)


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return `above` / `below`, NaN where nothing is below."""
    shares = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=shares, where=below > 0)
    return shares


def _before(cumulative: FloatArray) -> FloatArray:
    return np.pad(cumulative, ((0, 0), (1, 0)))[:, :-1]


def _steps(cumulative: FloatArray) -> FloatArray:
    return cumulative - _before(cumulative)

"""Fit the linear model: a matrix of n-grams, a masked logistic regression per head, calibration, small integers.

It needs scipy, which only training may need: nothing that serves may import this file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from evenhand.core.taxonomy import Label
from evenhand.detectors.linear import LARGEST, RARITY_STEP, LinearModel, weigh
from evenhand.detectors.ngrams import BUCKET_BITS, Counts, count_buckets, find_occurrences
from evenhand.learn.corpora import ATTACK, HEADS, INSULT, PROFANITY, SEVERE, THREAT, TOXICITY, Row

#: Longer texts are cut for training, so that a few long ones do not take most of the time.
MAX_CHARACTERS: Final = 2_000
#: A bucket that fewer texts have gets no weight.
LEAST_TEXTS: Final = 4
#: Strength of the prior: how far weights may move from 0.
PENALTY: Final = 1.0
ITERATIONS: Final = 60
#: Added to the counts behind the log ratios, so that rare buckets do not get extreme ones.
SMOOTHING: Final = 1.0
#: Calibration weights its rows as if this share of them were positive, by head.
PREVALENCE: Final = MappingProxyType(
    {TOXICITY: 0.5, SEVERE: 0.1, ATTACK: 0.2, INSULT: 0.4, PROFANITY: 0.3, THREAT: 0.1}
)

_BATCH: Final = 512

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Texts as rows of n-gram values.

    Args:
        values: The value of each bucket in each text.
        rarity: How much each bucket counts, as the model stores it.
        kept: The buckets that enough texts have.
    """

    values: Any
    rarity: npt.NDArray[np.uint8]
    kept: npt.NDArray[np.int64]


def part_of(text: str, *, seed: int) -> int:
    """Return 0..99 for `text`, always the same, so that equal texts fall on one side of every split."""
    return int.from_bytes(hashlib.sha256(f"{seed} {text}".encode()).digest()[:8]) % 100


def build_matrix(texts: Sequence[str], *, fitted: Mask) -> Matrix:
    """Return the n-grams of cleaned `texts`; rarities are counted on those that are `fitted`."""
    batches = [count_buckets(find_occurrences(texts[at : at + _BATCH])) for at in range(0, len(texts), _BATCH)]
    frequency = np.zeros(1 << BUCKET_BITS)
    for number, counts in enumerate(batches):
        own = fitted[number * _BATCH :][:_BATCH]
        frequency += np.bincount(counts.bucket[own[counts.text]], minlength=len(frequency))
    rarity = (np.log(fitted.sum() / (frequency + 1)) + 1) / RARITY_STEP
    rarity = np.clip(np.rint(rarity), 1, 255).astype(np.uint8)
    return Matrix(_stack(batches, rarity, rows=len(texts)), rarity, np.flatnonzero(frequency >= LEAST_TEXTS))


def _stack(batches: Sequence[Counts], rarity: npt.NDArray[np.uint8], *, rows: int) -> Any:
    values = np.concatenate([weigh(counts, rarity).astype(np.float32) for counts in batches])
    buckets = np.concatenate([counts.bucket.astype(np.int32) for counts in batches])
    lengths = np.concatenate([np.bincount(counts.text, minlength=_BATCH) for counts in batches])[:rows]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return csr_matrix((values, buckets, starts), shape=(rows, 1 << BUCKET_BITS))


def targets_of(rows: Sequence[Row], head: Label) -> Vector:
    """Return the target of each row, NaN where it is unknown."""
    return np.array([row.targets.get(head, np.nan) for row in rows])


def fit_head(values: Any, targets: Vector, importance: Vector) -> tuple[Vector, float]:
    """Return weights and bias of the logistic regression that fits soft `targets`, rows counted by `importance`.

    Columns are scaled by the root of their log count ratio before the fit (as in NB-SVM), which lets the prior hold
    uninformative n-grams down harder; the scale is folded into the weights.
    """
    by_column = values.T.tocsr()
    scale = _ratios(by_column, targets, importance)

    def loss(point: Vector) -> tuple[float, Vector]:
        weights, bias = point[:-1], point[-1]
        sums = values @ (weights * scale).astype(np.float32) + bias
        errors = importance * (1 / (1 + np.exp(-sums)) - targets)
        total = (importance * (np.logaddexp(0, sums) - targets * sums)).sum() + weights @ weights / (2 * PENALTY)
        gradient = scale * (by_column @ errors.astype(np.float32)) + weights / PENALTY
        return total, np.append(gradient, errors.sum())

    start = np.zeros(values.shape[1] + 1)
    point = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    return point[:-1] * scale, float(point[-1])


def _ratios(by_column: Any, targets: Vector, importance: Vector) -> Vector:
    """Return the root of the absolute log ratio between each column's shares in positive and negative rows."""
    present = by_column.copy()
    present.data[:] = 1
    positive = present @ (importance * targets) + SMOOTHING
    negative = present @ (importance * (1 - targets)) + SMOOTHING
    return np.asarray(np.sqrt(np.abs(np.log(positive / positive.sum()) - np.log(negative / negative.sum()))))


def calibrate(sums: Vector, targets: Vector, importance: Vector, *, prevalence: float) -> tuple[float, float]:
    """Return factor and offset that make `sums` log odds (Platt), with `prevalence` of the importance on positives."""
    positive, negative = importance * targets, importance * (1 - targets)
    importance = prevalence * positive / positive.sum() + (1 - prevalence) * negative / negative.sum()
    targets = prevalence * positive / positive.sum() / importance

    def loss(point: Vector) -> tuple[float, Vector]:
        odds = point[0] * sums + point[1]
        errors = importance * (1 / (1 + np.exp(-odds)) - targets)
        total = (importance * (np.logaddexp(0, odds) - targets * odds)).sum()
        return total, np.array([errors @ sums, errors.sum()])

    factor, offset = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.01, None), (None, None)]
    ).x
    return float(factor), float(offset)


def quantise(weights: npt.NDArray[np.float64], biases: Vector, matrix: Matrix) -> LinearModel:
    """Return the model with `weights` (kept bucket by head) stored as signed square roots in small integers."""
    largest = np.abs(weights).max(axis=0)
    roots = np.sign(weights) * np.sqrt(np.abs(weights) / largest) * LARGEST
    stored = np.zeros((1 << BUCKET_BITS, weights.shape[1]), np.int8)
    stored[matrix.kept] = np.rint(roots).astype(np.int8)
    heads = tuple(str(head) for head in HEADS)
    return LinearModel(heads, matrix.rarity, stored, largest / LARGEST**2, biases)

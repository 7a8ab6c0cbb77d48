"""An interval for the group that looks worst, which must know that it was picked for looking so."""

import math
from statistics import NormalDist
from typing import Final

import numpy as np

from evenhand.audit.answers import FloatArray

_NORMAL: Final = NormalDist()
_LEVEL: Final = 0.05
#: The share of the 5 % that is spent on bounding the interval whatever was picked.
_SPENT: Final = 0.005
_HALVINGS: Final = 60


def interval_of_largest(values: FloatArray, covariances: FloatArray, *, step: float) -> tuple[float, float]:
    """Return the 95 % interval of the true value behind the largest of `values`.

    The largest of many is large by luck as well. Among all samples in which the same group would have been picked, its
    value follows a normal distribution that is cut off where another would have been picked; the interval holds the
    truths under which what was seen is no surprise in that distribution, within the bounds that hold for all at once.
    Source: Andrews, Kitagawa and McCloskey (2024), Inference on winners, their hybrid interval.

    Args:
        values: By group; at least two.
        covariances: Of each value with the largest one, as estimated.
        step: By how much one sentence more or less changes a value: half of it tells tied counts apart.

    Returns:
        Lower and upper end. The lower may be below 0: the group may be treated like the others.
    """
    picked = int(values.argmax())
    largest, deviation = float(values[picked]), math.sqrt(max(float(covariances[picked]), 0.0))
    if not deviation:
        return largest, largest
    others = np.arange(len(values)) != picked
    share = covariances[others] / covariances[picked]
    moves = share < 1
    cut = (values[others] - share * largest)[moves] / (1 - share[moves])
    edge = min(float(cut.max(initial=-math.inf)), largest) - step / 2
    bound = _NORMAL.inv_cdf(1 - _SPENT / (2 * len(values)))
    half = (_LEVEL - _SPENT) / (1 - _SPENT) / 2
    low, high = (_truth(chance, (edge - largest) / deviation, bound) for chance in (1 - half, half))
    return largest + deviation * low, largest + deviation * high


def _truth(chance: float, edge: float, bound: float) -> float:
    """Return the truth, in deviations from what was seen, under which no more than that is seen with this chance."""
    low, high = -bound, bound
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        start = _above(max(edge - middle, -bound))
        seen = (start - _above(-middle)) / (start - _above(bound))
        low, high = (middle, high) if seen > chance else (low, middle)
    return (low + high) / 2


def _above(height: float) -> float:
    return math.erfc(height / math.sqrt(2)) / 2

"""Tests of many groups at once: is one treated otherwise than the same sentences with other groups are?

Exact where events are counted, because rates near 0 make every approximation cry wolf, and corrected for their number.
"""

from statistics import NormalDist
from typing import Final

import numpy as np

from evenhand.audit.answers import BoolArray, FloatArray, IntArray

#: At most this share of the groups that are named as treated otherwise are expected to be named wrongly.
Q: Final = 0.05
POWER: Final = 0.8
_NORMAL: Final = NormalDist()
_HALVINGS: Final = 24


def stands_out(p_values: FloatArray, *, q: float = Q) -> BoolArray:
    """Return which of the tests stand at the false discovery rate `q`; NaN is no test.

    Source: Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    found = np.zeros(len(p_values), dtype=np.bool_)
    told = np.flatnonzero(~np.isnan(p_values))
    order = told[np.argsort(p_values[told], kind="stable")]
    below = np.flatnonzero(p_values[order] <= q * np.arange(1, len(order) + 1) / max(1, len(order)))
    if len(below):
        found[order[: below[-1] + 1]] = True
    return found


def counted_otherwise(chances: FloatArray, observed: IntArray) -> FloatArray:
    """Return for each group the exact two-sided p-value of how often its sentences were flagged.

    If the group makes no difference, each of the m sentences of a template is as likely as any other to be one of the k
    that were flagged: with k / m. The count is a sum of such draws over templates (Mantel and Haenszel 1959,
    Statistical aspects of the analysis of data from retrospective studies of disease, taken exactly here).

    Args:
        chances: k / m by template (lines) and group; 0 where the template has no sentence of the group.
        observed: How many of the group's sentences were flagged.
    """
    chance = counts(chances, int(observed.max(initial=0)))
    place = np.arange(len(observed))
    lower = np.cumsum(chance, axis=1)[place, observed]
    upper = 1 - lower + chance[place, observed]
    return np.asarray(np.minimum(1.0, 2 * np.minimum(lower, upper.clip(0))))


def counts(chances: FloatArray, most: int) -> FloatArray:
    """Return by group the probability of each count from 0 to `most`; what is above is in one more column.

    Args:
        chances: By line and group; a line is one sentence that is flagged or not.
        most: The highest count that is told apart.
    """
    found = np.zeros((chances.shape[1], most + 2))
    found[:, 0] = 1
    for line in chances[chances.any(axis=1)]:
        moved = found * line[:, None]
        found -= moved
        found[:, 1:] += moved[:, :-1]
        found[:, -1] += moved[:, -1]
    return found


def smallest_gap(chances: FloatArray, present: FloatArray, *, q: float = Q, power: float = POWER) -> FloatArray:
    """Return for each group the smallest gap that would have been found with a probability of `power`.

    The gap is planted as so many more of the group's sentences flagged, at random, and has to be found in the first
    step of the correction, which is that of Bonferroni: no other group stands out.

    Args:
        chances: As for `counted_otherwise`.
        present: How many sentences of the group the template has.
        q: The false discovery rate of the correction.
        power: 0..1.

    Returns:
        Gaps, 0..1; 1 where no gap could have been found.
    """
    sentences = present.sum(axis=0)
    tests = max(1, int((sentences > 0).sum()))
    mean = (chances * present).sum(axis=0)
    most = int((mean + 8 * np.sqrt(mean + 1) + 12).max(initial=0))
    # Tails are summed from the far end: 1 minus a share loses them to rounding.
    tail = np.cumsum(counts(chances, most)[:, ::-1], axis=1)[:, ::-1]
    needed = np.where((2 * tail <= q / tests).any(axis=1), (2 * tail <= q / tests).argmax(axis=1), most + 1)
    low, high = np.zeros(len(sentences)), np.ones(len(sentences))
    place = np.arange(len(sentences))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        raised = np.where(present > 0, chances + middle * (1 - chances), 0.0)
        reached = np.cumsum(counts(raised, most)[:, ::-1], axis=1)[:, ::-1][place, needed]
        low, high = np.where(reached < power, middle, low), np.where(reached < power, high, middle)
    flagged = np.divide(mean, sentences, out=np.zeros(len(mean)), where=sentences > 0)
    return np.asarray(np.where(needed > sentences, 1.0, high * (1 - flagged)))


def shifted(differences: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the two-sided p-values of sums of differences whose variances are known; NaN where nothing varies."""
    heights = np.divide(np.abs(differences), np.sqrt(spread), out=np.full(len(spread), np.nan), where=spread > 0)
    return np.array([2 * _NORMAL.cdf(-height) for height in heights])


def swapped(differences: FloatArray) -> FloatArray:
    """Return for each column the exact p-value of its sum, if each template's difference might as well be reversed.

    For one sentence in each template this is the exact test of McNemar (1947), Note on the sampling error of the
    difference between correlated proportions or percentages; with more, templates are reversed as a whole
    (Fisher 1935, The design of experiments, section 21).

    Args:
        differences: Whole numbers by template (lines) and column.
    """
    return np.array([_reversed(column[column != 0]) for column in np.rint(differences).T.astype(np.int64)])


def _reversed(steps: IntArray) -> float:
    if not len(steps):
        return 1.0
    sizes = np.abs(steps)
    whole = int(sizes.sum())
    chance = np.zeros(whole + 1)
    chance[0] = 1
    # How likely each sum of the positive steps is; the signed sum is twice that, less the whole.
    for size in sizes:
        chance[size:] = (chance[size:] + chance[: whole + 1 - size]) / 2
        chance[:size] /= 2
    distance = np.abs(2 * np.arange(whole + 1) - whole)
    return float(min(1.0, chance[distance >= abs(int(steps.sum()))].sum()))

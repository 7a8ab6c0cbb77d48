"""Figures by group over weighted rows; numpy alone. A group is a value of a column of the user's file.

The three AUCs are those of Borkan, Dixon, Sorensen, Thain and Vasserman (2019), Nuanced metrics for measuring
unintended bias with real data for text classification. The background is every row that is not of the group.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from evenhand.learn.comparison.ranked import Counts, FloatArray, Ranked, area_under_roc, at_threshold, ratio
from evenhand.learn.measures import ScoreArray, TruthArray

FALSE_POSITIVES: Final = "false_positive_rate"
FALSE_NEGATIVES: Final = "false_negative_rate"
SUBGROUP: Final = "subgroup_auc"
BPSN: Final = "bpsn_auc"
BNSP: Final = "bnsp_auc"
GROUP_FIGURES: Final = (FALSE_POSITIVES, FALSE_NEGATIVES, SUBGROUP, BPSN, BNSP)

#: A group with fewer rows of the kind that a figure is about is shown, but does not count in the largest gap.
LEAST_ROWS: Final = 10
#: Of which kind a group must have rows: negative ones, positive ones.
_NEEDS: Final = {
    FALSE_POSITIVES: (True, False),
    FALSE_NEGATIVES: (False, True),
    SUBGROUP: (True, True),
    BPSN: (True, False),
    BNSP: (False, True),
}

#: The place in a group's name for the largest gap between any two.
GAP: Final = ""


class Grouped:
    """Rows of one label and scorer with their groups, ready for any number of resamples.

    Args:
        truths: Whether each row is positive.
        scores: Its score.
        groups: Its group; empty when it is in none.
        threshold: The score from which a row is flagged.
    """

    def __init__(self, truths: TruthArray, scores: ScoreArray, groups: npt.NDArray[np.str_], threshold: float) -> None:
        self._threshold = threshold
        self._all = Ranked(truths, scores)
        ordered = groups[self._all.order]
        self._members = {str(name): np.flatnonzero(ordered == name) for name in np.unique(groups) if name}
        self._ranked = {
            name: Ranked(self._all.truths[places], self._all.scores[places]) for name, places in self._members.items()
        }

    @property
    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """How many rows each group has, and how many of them are positive."""
        return {name: (len(ranked.truths), int(ranked.truths.sum())) for name, ranked in self._ranked.items()}

    def figures(self, weights: FloatArray) -> dict[tuple[str, str], FloatArray]:
        """Return, by group and figure, a value for each resample; the largest gaps are under the group `GAP`."""
        everyone = self._all.counts(weights)
        ordered = weights[:, self._all.order]
        figures = {}
        for name in self._members:
            for figure, values in self._of_group(name, everyone, ordered).items():
                figures[name, figure] = values
        return figures | {(GAP, figure): self._gap(figure, figures, len(weights)) for figure in GROUP_FIGURES}

    def _of_group(self, name: str, everyone: Counts, ordered: FloatArray) -> dict[str, FloatArray]:
        ranked, places = self._ranked[name], self._members[name]
        own_weights = ordered[:, places]
        own = ranked.counts(own_weights)
        decided = at_threshold(own, ranked.reached(self._threshold))
        area = area_under_roc(own)
        # Pairs of a positive and a negative row, both of the group, in which the positive one is above.
        own_pairs = np.nan_to_num(area) * own.positives * own.negatives
        negative, positive = places[~self._all.truths[places]], places[self._all.truths[places]]
        above = (ordered[:, negative] * self._middles(everyone.found, negative)).sum(axis=1)
        not_below = (ordered[:, positive] * self._middles(everyone.wrong, positive)).sum(axis=1)
        below = own.positives * everyone.negatives - not_below
        return {
            FALSE_POSITIVES: decided.false_positive_rate,
            FALSE_NEGATIVES: decided.false_negative_rate,
            SUBGROUP: area,
            BPSN: ratio(above - own_pairs, own.negatives * (everyone.positives - own.positives)),
            BNSP: ratio(below - own_pairs, own.positives * (everyone.negatives - own.negatives)),
        }

    def _middles(self, cumulative: FloatArray, places: npt.NDArray[np.int64]) -> FloatArray:
        """Return the weight above the score of each row at `places`, of equal scores half."""
        level = self._all.level_of[places]
        until = cumulative[:, level]
        before = np.where(level > 0, cumulative[:, np.maximum(level - 1, 0)], 0.0)
        return (until + before) / 2

    def _gap(self, figure: str, figures: Mapping[tuple[str, str], FloatArray], resamples: int) -> FloatArray:
        """Return the distance between the highest and the lowest group of those that are large enough."""
        needs_negative, needs_positive = _NEEDS[figure]
        counted = [
            figures[name, figure]
            for name, (rows, positives) in self.sizes.items()
            if (not needs_negative or rows - positives >= LEAST_ROWS)
            and (not needs_positive or positives >= LEAST_ROWS)
        ]
        if len(counted) < 2:  # noqa: PLR2004 -- a gap is between two
            return np.full(resamples, np.nan)
        # NaN in one group of a resample is NaN for its gap: a gap over fewer groups would be too small.
        return np.asarray(np.max(counted, axis=0) - np.min(counted, axis=0))

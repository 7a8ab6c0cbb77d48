"""Where a score is uncertain: an interval around the threshold at which a policy first does something. Pure.

A score's place is measured against that threshold, so that one band fits every policy: 0 is a score of 0, 0.5 is the
threshold, 1 is a score of 1, with straight lines between.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy

#: The place of the threshold itself.
_MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """The uncertain scores of one label: `low <= score < high`.

    Args:
        low: Where a score goes that turns out to be harmless.
        high: Where a score goes that turns out to be harmful.
    """

    low: float
    high: float

    def __contains__(self, score: float) -> bool:
        """Return whether `score` is uncertain."""
        return self.low <= score < self.high


@dataclass(frozen=True, slots=True)
class Band:
    """How far around a threshold scores are uncertain, as places.

    Args:
        begin: Place of the lowest uncertain score, 0 to below 0.5.
        end: Place from which scores are certain again, 0.5 to 1.

    Raises:
        ConfigurationError: `second_look.band`.
    """

    begin: float
    end: float

    def __post_init__(self) -> None:
        """Refuse a band that does not reach its threshold: a reply could then change nothing."""
        if not 0 <= self.begin < _MIDDLE <= self.end <= 1:
            raise ConfigurationError(
                "second_look.band",
                f"The band from {self.begin:g} to {self.end:g} does not hold the threshold, whose place is 0.5.",
                field="second_look_from",
                remedy="Let 0 <= from < 0.5 <= to <= 1.",
            )

    def around(self, thresholds: Collection[float]) -> Interval:
        """Return the uncertain scores of a label with these `thresholds`, of which there is at least one.

        The interval ends halfway to the second threshold at the latest: a reply moves a score across the first
        threshold and never across another.
        """
        first, *others = sorted(set(thresholds))
        low = self.begin / _MIDDLE * first
        high = first + (self.end - _MIDDLE) / _MIDDLE * (1 - first)
        return Interval(low, min(high, (first + others[0]) / 2) if others else high)

    def uncertain(self, scores: Mapping[Label, float], policy: Policy) -> dict[Label, Interval]:
        """Return the labels of `policy` whose score is uncertain, with their intervals."""
        thresholds: dict[Label, list[float]] = {}
        for rule in policy.rules:
            thresholds.setdefault(rule.label, []).append(rule.threshold)
        intervals = {label: self.around(own) for label, own in thresholds.items() if label in scores}
        return {label: interval for label, interval in intervals.items() if scores[label] in interval}

"""What a scorer said of each text; an error is never a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evenhand.learn.comparison.labelled import ANY
from evenhand.learn.measures import ScoreArray


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one text: a score for each label that was looked for, or the code of what went wrong."""

    scores: Mapping[str, float]
    error: str = ""

    def score(self, label: str) -> float:
        """Return the score for `label`, NaN when there is none; for `any` the highest one, unless it has its own."""
        if label == ANY and self.scores:
            return self.scores.get(ANY, max(self.scores.values()))
        return self.scores.get(label, float("nan"))


@dataclass(frozen=True, slots=True)
class Scored:
    """All answers of one scorer.

    Args:
        name: What the tables call it.
        about: Versions, or the address and the dialect.
        answers: One for each text, in order.
    """

    name: str
    about: Mapping[str, Any]
    answers: Sequence[Answer] = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it gave scores for, in order."""
        return tuple(sorted({label for answer in self.answers for label in answer.scores}))

    def scores(self, label: str) -> ScoreArray:
        """Return the score of each text for `label`, NaN where there is none."""
        return np.array([answer.score(label) for answer in self.answers], np.float64)

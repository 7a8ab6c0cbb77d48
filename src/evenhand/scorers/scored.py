"""What a scorer said of each text; an error is never a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ScoreArray = npt.NDArray[np.float64]

#: The name for harm of any kind: the highest of a scorer's scores.
ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one text.

    Args:
        scores: For each label that was looked for.
        error: The code of what went wrong; empty when nothing did.
        action: What is to be done about it, where the scorer says so: allow, review or block.
    """

    scores: Mapping[str, float]
    error: str = ""
    action: str = ""

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

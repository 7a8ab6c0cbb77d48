"""The scores of alt-profanity-check, a well-known small model for English, where it is installed."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from evenhand.scorers.scored import ScoreArray

BASELINE: Final = "alt-profanity-check"


def baseline_scorer() -> Callable[[Sequence[str]], ScoreArray] | None:
    """Return a function that gives each text's probability of being offensive, or nothing where it is not installed."""
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    return lambda texts: np.asarray(predict_prob(list(texts)), np.float64)

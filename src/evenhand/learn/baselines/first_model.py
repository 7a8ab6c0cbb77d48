"""evenhand's first text model, a logistic regression over n-grams, kept so that every later one is measured beside it.

Its weights are those of the release before; nothing trains it any more. It gives scores without evidence.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.learn.baselines.ngrams import Counts, FloatArray, count_buckets, find_occurrences

WEIGHTS: Final = Path(__file__).with_name("first_model.npz")
#: The heads that each label follows from: its score is the least of theirs.
HEADS_OF: Final = MappingProxyType(
    {
        Label.ATTRIBUTE_TOXICITY: (Label.ATTRIBUTE_TOXICITY,),
        Label.ATTRIBUTE_SEVERE_TOXICITY: (Label.ATTRIBUTE_SEVERE_TOXICITY, Label.ATTRIBUTE_TOXICITY),
        Label.ATTRIBUTE_IDENTITY_ATTACK: (Label.ATTRIBUTE_IDENTITY_ATTACK,),
        Label.ATTRIBUTE_INSULT: (Label.ATTRIBUTE_INSULT,),
        Label.ATTRIBUTE_PROFANITY: (Label.ATTRIBUTE_PROFANITY,),
        Label.ATTRIBUTE_THREAT: (Label.ATTRIBUTE_THREAT,),
        Label.HARASSMENT: (Label.ATTRIBUTE_INSULT,),
        Label.HARASSMENT_THREATENING: (Label.ATTRIBUTE_THREAT,),
        Label.HATE: (Label.ATTRIBUTE_IDENTITY_ATTACK,),
        Label.HATE_THREATENING: (Label.ATTRIBUTE_IDENTITY_ATTACK, Label.ATTRIBUTE_THREAT),
        Label.PROFANITY: (Label.ATTRIBUTE_PROFANITY,),
        Label.VIOLENCE: (Label.ATTRIBUTE_THREAT,),
    }
)
#: Rarities are stored in steps of this size.
_RARITY_STEP: Final = 1 / 16
#: Added to the squared length of a text before scaling, so that a single word does not get all the say.
_DAMPING: Final = 4_000.0
#: As many texts are worked on at once.
_BATCH: Final = 64


class FirstModel:
    """Scores toxicity, insults, profanity, threats and attacks on groups."""

    id: ClassVar[str] = "text.first_model"
    version: ClassVar[str] = "1"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset(HEADS_OF)
    limits: ClassVar[Limits] = Limits(seconds=5.0, megabytes=80, languages=("en",))
    examples: ClassVar[tuple[Example, ...]] = ()

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for every label."""
        return [
            tuple(self._signals(scores))
            for at in range(0, len(texts), _BATCH)
            for scores in self._scores([text.clean for text in texts[at : at + _BATCH]])
        ]

    def _signals(self, scores: FloatArray) -> Iterator[Signal]:
        by_head = dict(zip(self._weights["heads"].tolist(), scores.tolist(), strict=True))
        for label, heads in HEADS_OF.items():
            yield Signal(self.id, self.version, label, min(by_head[head] for head in heads))

    def _scores(self, texts: Sequence[str]) -> FloatArray:
        """Return probabilities by text and head; weights are stored as signed square roots."""
        counts = count_buckets(find_occurrences(texts))
        roots = self._weights["weights"][counts.bucket].T.astype(np.float64)
        parts = roots * np.abs(roots) * self._weights["scales"][:, None] * self._values(counts)
        sums = np.stack([np.bincount(counts.text, part, minlength=len(texts)) for part in parts], axis=1)
        return np.asarray(1 / (1 + np.exp(-sums - self._weights["biases"])))

    def _values(self, counts: Counts) -> FloatArray:
        """Return log count times rarity, scaled to a length near 1 by text."""
        values = (1 + np.log(counts.count)) * (self._weights["rarity"][counts.bucket] * _RARITY_STEP)
        lengths = np.sqrt(np.bincount(counts.text, values * values) + _DAMPING)
        return np.asarray(values / lengths[counts.text])

    @cached_property
    def _weights(self) -> dict[str, np.ndarray]:
        with np.load(WEIGHTS, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

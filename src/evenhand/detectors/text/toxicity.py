"""Score conduct in a text by a linear model over n-grams: a first model, small and explainable to the character.

It sees words and parts of words, so quoting, irony and reclaimed words are beyond it; docs/models/text-toxicity.md has
its figures and its known failures. Its weights are data, made by `evenhand train-text`.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.linear import LinearModel, Scored, contributions

#: Raise it whenever the code below could score a text differently.
CODE_VERSION: Final = "1"
WEIGHTS: Final = Path(__file__).parent / "toxicity_model" / "weights.npz"

#: The heads that each label follows from: its score is the least of theirs, so it rises with every one of them.
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
#: Below this score no evidence is looked for.
EVIDENCE_FROM: Final = 0.5
MAX_EVIDENCE: Final = 5
#: As many characters are worked on at once.
MAX_CHARACTERS: Final = 40_000
#: A word is evidence when it carries at least this part of what the strongest word carries.
LEAST_SHARE: Final = 0.3

_WORD: Final = re.compile(r"[^\s.,;:!?\"()\[\]<>]+")


class ToxicityDetector:
    """Scores toxicity, insults, profanity, threats and attacks on groups with a logistic regression over n-grams.

    Args:
        weights: The file of weights; one that `evenhand train-text` made from data of your own is as good.
    """

    id: ClassVar[str] = "text.toxicity"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset(HEADS_OF)
    limits: ClassVar[Limits] = Limits(seconds=5.0, megabytes=80, languages=("en",))
    examples: ClassVar[tuple[Example, ...]] = (
        Example("You are a pathetic idiot and everybody knows it.", Label.ATTRIBUTE_TOXICITY, is_hit=True),
        Example("You are a pathetic idiot and everybody knows it.", Label.HARASSMENT, is_hit=True),
        Example("What the fuck is this shit?", Label.PROFANITY, is_hit=True),
        Example("I will find you and kill you.", Label.ATTRIBUTE_THREAT, is_hit=True),
        Example("This deadline is killing me.", Label.VIOLENCE, is_hit=False),
        Example("I am a proud gay man.", Label.ATTRIBUTE_TOXICITY, is_hit=False),
        Example("My Muslim neighbours pray five times a day.", Label.HATE, is_hit=False),
        Example("I disagree with you about the new bridge.", Label.ATTRIBUTE_INSULT, is_hit=False),
        Example("Thank you all, this was a lovely evening!", Label.ATTRIBUTE_TOXICITY, is_hit=False),
    )

    def __init__(self, *, weights: str | Path = WEIGHTS) -> None:
        self._model = LinearModel.load(Path(weights), needs={head for heads in HEADS_OF.values() for head in heads})
        places = {head: place for place, head in enumerate(self._model.heads)}
        self._places = {label: [places[head] for head in heads] for label, heads in HEADS_OF.items()}

    @cached_property
    def version(self) -> str:
        """Version of the code and a hash of the weights."""
        return f"{CODE_VERSION}+{self._model.digest[:12]}"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for every label; the strong ones carry evidence."""
        return [signals for batch in _batches(texts) for signals in self._detect(batch)]

    def _detect(self, texts: Sequence[Text]) -> Iterator[tuple[Signal, ...]]:
        scored = self._model.score([text.clean for text in texts])
        for index, text in enumerate(texts):
            yield self._signals(text, scored, index)

    def _signals(self, text: Text, scored: Scored, index: int) -> tuple[Signal, ...]:
        scores = scored.scores[index].tolist()
        strong = [head for head, score in enumerate(scores) if score >= EVIDENCE_FROM]
        evidence = dict(zip(strong, _evidence(text, scored, index, strong), strict=True))
        signals = []
        for label, places in self._places.items():
            head = min(places, key=scores.__getitem__)
            signals.append(Signal(self.id, self.version, label, scores[head], evidence.get(head, ())))
        return tuple(signals)


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Cut `texts` into batches that stay within `MAX_CHARACTERS`, or hold one longer text, to bound memory."""
    batch: list[Text] = []
    size = 0
    for text in texts:
        if batch and size + len(text.clean) > MAX_CHARACTERS:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text.clean)
    if batch:
        yield batch


def _evidence(text: Text, scored: Scored, index: int, heads: Sequence[int]) -> Iterator[tuple[Evidence, ...]]:
    """Yield, for each of `heads`, the stretches of whole words that speak most for its score, strongest first."""
    if not heads:
        return
    clean = text.clean
    words = [match.span() for match in _WORD.finditer(clean)]
    begins, ends = np.array(words, np.int64).reshape(-1, 2).T
    for added in contributions(scored, text=index, length=len(clean), heads=heads):
        sums = np.append(0.0, np.cumsum(added))
        carried = (sums[ends] - sums[begins]).tolist()
        whole = sum(part for part in carried if part > 0)
        strongest = sorted(_stretches(words, carried), key=lambda stretch: (-stretch[2], stretch[0]))[:MAX_EVIDENCE]
        yield tuple(
            Evidence(*text.original_span(begin, end), weight=min(part / whole, 1.0), source="model")
            for begin, end, part in strongest
        )


def _stretches(words: Sequence[tuple[int, int]], carried: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yield each unbroken row of strong words as begin, end and what it carried."""
    least = LEAST_SHARE * max(carried, default=0.0)
    both = zip(words, carried, strict=True)
    for is_strong, group in itertools.groupby(both, key=lambda item: item[1] >= least > 0):
        if is_strong:
            row = list(group)
            yield row[0][0][0], row[-1][0][1], sum(part for _, part in row)

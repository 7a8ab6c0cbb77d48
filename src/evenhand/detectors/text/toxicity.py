"""Score conduct in a text by a small fine-tuned transformer; docs/models/text-toxicity.md has its figures and failures.

It reads sentences, not lists of words, but knows nothing of who speaks and who listens. Its weights are data, made by
`evenhand train-text`.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.encoder import Encoder, Reading

#: Raise it whenever the code below could score a text differently.
CODE_VERSION: Final = "2"
MODEL: Final = Path(__file__).parent / "toxicity_model"

#: The heads that each label follows from: its score is the least of theirs, so it rises with every one of them.
HEADS_OF: Final = MappingProxyType(
    {
        Label.ATTRIBUTE_TOXICITY: (Label.ATTRIBUTE_TOXICITY,),
        Label.ATTRIBUTE_SEVERE_TOXICITY: (Label.ATTRIBUTE_SEVERE_TOXICITY, Label.ATTRIBUTE_TOXICITY),
        Label.ATTRIBUTE_IDENTITY_ATTACK: (Label.ATTRIBUTE_IDENTITY_ATTACK,),
        Label.ATTRIBUTE_INSULT: (Label.ATTRIBUTE_INSULT,),
        Label.ATTRIBUTE_PROFANITY: (Label.ATTRIBUTE_PROFANITY,),
        Label.ATTRIBUTE_THREAT: (Label.ATTRIBUTE_THREAT,),
        Label.ATTRIBUTE_SEXUALLY_EXPLICIT: (Label.SEXUAL,),
        Label.HARASSMENT: (Label.ATTRIBUTE_INSULT,),
        Label.HARASSMENT_THREATENING: (Label.ATTRIBUTE_THREAT,),
        Label.HATE: (Label.ATTRIBUTE_IDENTITY_ATTACK,),
        Label.HATE_THREATENING: (Label.ATTRIBUTE_IDENTITY_ATTACK, Label.ATTRIBUTE_THREAT),
        Label.PROFANITY: (Label.ATTRIBUTE_PROFANITY,),
        **{
            label: (label,)
            for label in (
                Label.SEXUAL,
                Label.SELF_HARM,
                Label.SELF_HARM_INTENT,
                Label.SELF_HARM_INSTRUCTIONS,
                Label.VIOLENCE,
                Label.VIOLENCE_GRAPHIC,
                Label.ILLICIT,
                Label.ILLICIT_VIOLENT,
                Label.EXTREMISM,
                Label.SPAM,
                Label.ADVERTISING,
                Label.SCAM,
            )
        },
    }
)
#: A text that mentions a minor: `sexual/minors` then follows from the score for `sexual`, and is 0 otherwise.
MINOR: Final = re.compile(
    r"\b(?:minors?|under ?age(?:d)?|child(?:ren)?|kids?|toddlers?|bab(?:y|ies)|infants?|pre ?teens?|teen(?:ager)?s?"
    r"|school ?(?:girl|boy|kid|child)s?|(?:[1-9]|1[0-7])[ -]?(?:years?[ -]?old|yo|y/o)|jail ?bait|loli(?:con)?|shota)\b"
)
#: Below this score no evidence is given.
EVIDENCE_FROM: Final = 0.5
MAX_EVIDENCE: Final = 5
#: A word is evidence when it carries at least this part of what the strongest word carries.
LEAST_SHARE: Final = 0.3

_WORD: Final = re.compile(r"[^\s.,;:!?\"()\[\]<>]+")


class ToxicityDetector:
    """Scores toxic, hateful, threatening, sexual, self-harming, violent, illicit, extremist and promotional conduct.

    Attributes:
        encoder: The network with what it needs.

    Args:
        model: Folder of the model; one that `evenhand train-text` made from data of your own is as good.
    """

    id: ClassVar[str] = "text.toxicity"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset((*HEADS_OF, Label.SEXUAL_MINORS))
    limits: ClassVar[Limits] = Limits(seconds=20.0, megabytes=200, languages=("en",))
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
        Example("I want to kill myself tonight.", Label.SELF_HARM_INTENT, is_hit=True),
        Example("My brother died by suicide two years ago.", Label.SELF_HARM_INTENT, is_hit=False),
        Example("Send 100 dollars in bitcoin and get 200 back today!", Label.SCAM, is_hit=True),
        Example("My bank warned me about a scam call today.", Label.SCAM, is_hit=False),
    )

    def __init__(self, *, model: str | Path = MODEL) -> None:
        self.encoder = Encoder.load(Path(model), needs={str(head) for heads in HEADS_OF.values() for head in heads})
        places = {head: place for place, head in enumerate(self.encoder.heads)}
        self._places = {label: [places[head] for head in heads] for label, heads in HEADS_OF.items()}

    @cached_property
    def version(self) -> str:
        """Version of the code and a hash of the network."""
        return f"{CODE_VERSION}+{self.encoder.digest[:12]}"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for every label; the strong ones carry evidence."""
        return [tuple(self._signals(text, self.encoder.read(text.clean))) for text in texts]

    def _signals(self, text: Text, reading: Reading) -> Iterator[Signal]:
        evidence = {
            head: tuple(_evidence(text, reading, head))
            for head, score in enumerate(reading.scores)
            if score >= EVIDENCE_FROM
        }
        for label, places in self._places.items():
            head = min(places, key=reading.scores.__getitem__)
            yield Signal(self.id, self.version, label, reading.scores[head], evidence.get(head, ()))
            if label is Label.SEXUAL:
                score = reading.scores[head] if MINOR.search(text.clean) else 0.0
                yield Signal(self.id, self.version, Label.SEXUAL_MINORS, score, evidence.get(head, ()) if score else ())


def _evidence(text: Text, reading: Reading, head: int) -> Iterator[Evidence]:
    """Yield the stretches of whole words that carry most of the head's sum, strongest first."""
    first, shares = reading.starts[head], reading.shares[head].tolist()
    begins = reading.pieces.begins[first : first + len(shares)]
    words = [
        word.span() for word in _WORD.finditer(text.clean, begins[0], reading.pieces.ends[first + len(shares) - 1])
    ]
    carried = [0.0] * len(words)
    at = 0
    for begin, share in zip(begins, shares, strict=True):
        while at < len(words) and words[at][1] <= begin:
            at += 1
        if at < len(words) and words[at][0] <= begin:
            carried[at] += share
    stretches = sorted(_stretches(words, carried), key=lambda stretch: (-stretch[2], stretch[0]))
    for begin, end, share in stretches[:MAX_EVIDENCE]:
        yield Evidence(*text.original_span(begin, end), weight=min(share, 1.0), source="model")


def _stretches(words: Sequence[tuple[int, int]], carried: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yield each unbroken row of strong words as begin, end and what it carried."""
    least = LEAST_SHARE * max(carried, default=0.0)
    both = zip(words, carried, strict=True)
    for is_strong, group in itertools.groupby(both, key=lambda item: item[1] >= least > 0):
        if is_strong:
            row = list(group)
            yield row[0][0][0], row[-1][0][1], sum(part for _, part in row)

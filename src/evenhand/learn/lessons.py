"""Turn rows into lessons for the encoder: pieces, targets, and how much each target counts.

What a row says nothing of is unknown, and unknown is not harmless. But a head that has only ever seen composed
sentences takes every real comment for something new; so ordinary comments count as free of what nobody looked for in
them, a little, and only where the word lists find no sign of it either.
"""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.encoder import WINDOW
from evenhand.detectors.text.lexicon import LexiconDetector, labels_of
from evenhand.detectors.wordpiece import WordPiece
from evenhand.learn.compose import SOURCE
from evenhand.learn.corpora import HEADS, MATTER, TOXICITY, Row
from evenhand.learn.disguise import disguise
from evenhand.learn.recipe import AssumedFree, Recipe
from evenhand.learn.swap import Swapper

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

#: Longer texts are cut for training.
MAX_CHARACTERS: Final = 1_500
#: Of a hundred parts, those below the first number are fitted, those below the second calibrate, the rest measure.
FITTED_BELOW: Final = 88
CALIBRATING_BELOW: Final = 94
LAST_PART: Final = 99
#: How often each text is disguised, each time by other chance.
DISGUISED_VERSIONS: Final = 2
#: How often each comment that names a group is told of another.
SWAPPED_VERSIONS: Final = 4


#: What even toxic comments are assumed to be free of.
_RARE_IN_ABUSE: Final = (
    Label.SELF_HARM_INTENT,
    Label.SELF_HARM_INSTRUCTIONS,
    Label.ILLICIT,
    Label.EXTREMISM,
    Label.SPAM,
    Label.ADVERTISING,
    Label.SCAM,
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text to learn from.

    Args:
        versions: Its pieces with the marks at both ends: first as it was written, then disguised.
        targets: Share of people who would say yes, 0..1, by head.
        weights: How much each head counts; 0 where nothing is known.
        swapped: Pieces of the same text about other groups; none if it names no group.
    """

    versions: tuple[IntArray, ...]
    targets: FloatArray
    weights: FloatArray
    swapped: tuple[IntArray, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with its lesson and the part of the data that it belongs to.

    Args:
        row: The row.
        lesson: What the encoder learns from it.
        part: 0..99, always the same for the same text.
    """

    row: Row
    lesson: Lesson
    part: int

    @property
    def is_own(self) -> bool:
        """Whether it is one of evenhand's own sentences."""
        return self.row.source.startswith(SOURCE)

    @property
    def is_fitted(self) -> bool:
        """Whether the network is trained on it."""
        return self.part < FITTED_BELOW

    @property
    def is_calibrating(self) -> bool:
        """Whether the calibration is fitted on it."""
        return FITTED_BELOW <= self.part < CALIBRATING_BELOW

    @property
    def is_held_out(self) -> bool:
        """Whether nothing is fitted on it."""
        return self.part >= CALIBRATING_BELOW


def part_of(text: str, *, seed: int) -> int:
    """Return 0..99 for `text`, always the same, so that equal texts fall on one side of every split."""
    return int.from_bytes(hashlib.sha256(f"{seed} {text}".encode()).digest()[:8]) % 100


def chosen_rows(rows: Iterable[Row], recipe: Recipe) -> Iterator[Row]:
    """Yield as many rows of each source as the recipe asks for."""
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    chooser = random.Random(recipe.seed)  # noqa: S311 -- a seed is what is wanted
    for source, found in by_source.items():
        yield from at_most(found, recipe.use_of(source).rows or len(found), chooser)


def at_most(found: Sequence[Any], most: int, chooser: random.Random) -> Sequence[Any]:
    """Return all of `found`, or `most` of it by chance where there is more."""
    return chooser.sample(found, most) if most < len(found) else found


def prepare_lessons(
    rows: Sequence[Row], recipe: Recipe, cutter: WordPiece, *, always_fitted: Iterable[str] = ()
) -> Iterator[Prepared]:
    """Yield every row with its lesson.

    Args:
        rows: What to learn from.
        recipe: How much sources and assumptions count.
        cutter: Cuts texts into pieces.
        always_fitted: Sources that are no comments, and so neither calibrate nor measure.
    """
    chooser = random.Random(recipe.seed)  # noqa: S311 -- as above
    lexicon, swapper = LexiconDetector(), Swapper()
    exempt = frozenset(always_fitted)
    for row in rows:
        text = Text(row.text[:MAX_CHARACTERS])
        part = 0 if row.source in exempt else part_of(text.clean, seed=recipe.seed)
        if row.source in recipe.without:
            part = LAST_PART
        versions = [pieces_of(text, cutter)]
        if part < FITTED_BELOW:
            versions += [pieces_of(Text(disguise(text.original, chooser)), cutter) for _ in range(DISGUISED_VERSIONS)]
        is_comment = row.source not in exempt and not row.source.startswith(SOURCE)
        swapped: tuple[IntArray, ...] = ()
        if is_comment and part < FITTED_BELOW and swapper.names_a_group(text.original):
            swapped = tuple(_about_others(text, swapper, cutter, chooser))
        targets, weights = np.zeros((2, len(HEADS)), np.float32)
        for place, head in enumerate(HEADS):
            targets[place] = row.targets.get(head, 0.0)
            weights[place] = 1.0 if head in row.targets else 0.0
        if is_comment:
            for head in _assumed_free(row, text, lexicon, recipe.assumed_free):
                weights[HEADS.index(head)] = recipe.assumed_free.weight
        weight = row.weight * recipe.use_of(row.source).weight
        yield Prepared(row, Lesson(tuple(versions), targets, weights * np.float32(weight), swapped), part)


def pieces_of(text: Text, cutter: WordPiece) -> IntArray:
    """Return the pieces of the first window of `text`, with the marks at both ends."""
    return np.array([cutter.begin, *cutter.pieces(text.clean).ids[:WINDOW], cutter.end], np.int32)


def _about_others(text: Text, swapper: Swapper, cutter: WordPiece, chooser: random.Random) -> Iterator[IntArray]:
    """Yield the pieces of `text` told of other groups than it names."""
    for _ in range(SWAPPED_VERSIONS):
        yield pieces_of(Text(swapper.swap(text.original, chooser)), cutter)


def _assumed_free(row: Row, text: Text, lexicon: LexiconDetector, assumed: AssumedFree) -> Iterator[Label]:
    """Yield the heads that a comment says nothing of and that it is taken to be free of."""
    toxicity = row.targets.get(TOXICITY)
    if toxicity is None:
        return
    found = {label for match in lexicon.matches(text) for label in labels_of(match.entry)}
    for head in MATTER if toxicity < assumed.toxic_below else _RARE_IN_ABUSE:
        # A sign of self-harm/intent is a sign of self-harm as well, and the other way round.
        is_suspect = any(label.startswith(head.partition("/")[0]) for label in found)
        if head not in row.targets and not is_suspect:
            yield head

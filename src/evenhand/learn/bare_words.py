"""Make training rows of one or two words from harmless comments, so that a word alone is not taken for a swear word.

Otherwise lists of terms would be the only texts of a single word.
"""

import random
import re
from collections.abc import Iterable, Iterator
from typing import Final

from evenhand.content.text import Text
from evenhand.detectors.text.lexicon import LexiconDetector
from evenhand.learn.corpora import HEADS, TOXICITY, Row

SOURCE: Final = "words of harmless comments"
#: Comments that count as harmless have a TOXICITY below this.
HARMLESS_BELOW: Final = 0.1
#: Of every three rows, two are a word and one is two words in a row.
_SIZES: Final = (1, 1, 2)

_WORD: Final = re.compile(r"[A-Za-z]{3,14}")


def bare_words(rows: Iterable[Row], *, count: int, terms: Iterable[str], seed: int) -> Iterator[Row]:
    """Yield `count` distinct rows, or as many as there are.

    Args:
        rows: Where words are taken from, if they are harmless.
        count: How many rows to make.
        terms: Words that are never taken, nor are words that contain one.
        seed: Every choice follows from it.
    """
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted
    harmless = [row for row in rows if row.targets.get(TOXICITY, 1.0) < HARMLESS_BELOW]
    chooser.shuffle(harmless)
    refused = re.compile("|".join(map(re.escape, sorted({term.lower() for term in terms}))) or "$^")
    lexicon = LexiconDetector()
    seen: set[str] = set()
    for row in harmless:
        words = _WORD.findall(row.text)
        size = chooser.choice(_SIZES)
        if len(words) < size or len(seen) == count:
            continue
        at = chooser.randrange(len(words) - size + 1)
        text = " ".join(words[at : at + size])
        if text.lower() in seen or refused.search(text.lower()) or any(lexicon.matches(Text(text))):
            continue
        seen.add(text.lower())
        yield Row(text, SOURCE, dict.fromkeys(HEADS, 0.0))

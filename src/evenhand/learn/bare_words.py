"""Make training rows of one or two words from harmless comments, so that a word alone is not taken for a swear word.

Otherwise lists of terms would be the only texts of a single word.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evenhand.content.text import Text
from evenhand.detectors.text.lexicon import LexiconDetector
from evenhand.learn.corpora import HEADS, TOXICITY, Row

SOURCE: Final = "words of harmless comments"
#: Comments that count as harmless have a TOXICITY below this.
HARMLESS_BELOW: Final = 0.1

_WORD: Final = re.compile(r"[A-Za-z]{3,14}")


def bare_words(rows: Iterable[Row], *, count: int, terms: Iterable[str], seed: int) -> Iterator[Row]:
    """Yield `count` distinct rows, or as many as there are: two thirds a word, the rest two words in a row.

    A rare word is as likely to be taken as a common one, since it is the rare ones that a model takes for swear words.

    Args:
        rows: Where words are taken from, if they are harmless.
        count: How many rows to make.
        terms: Words that are never taken, nor are words that contain one.
        seed: Every choice follows from it.
    """
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted
    words, pairs = _found(rows, chooser)
    refused = re.compile("|".join(map(re.escape, sorted({term.lower() for term in terms}))) or "$^")
    lexicon = LexiconDetector()
    for texts, most in ((words, count - count // 3), (pairs, count // 3)):
        taken = 0
        for text in chooser.sample(texts, len(texts)):
            if taken == most:
                break
            if not refused.search(text) and not any(lexicon.matches(Text(text))):
                taken += 1
                yield Row(text, SOURCE, dict.fromkeys(HEADS, 0.0))


def _found(rows: Iterable[Row], chooser: random.Random) -> tuple[Sequence[str], Sequence[str]]:
    """Return the words that stand in more harmless comments than others, and a pair of words of each harmless one."""
    balance: Counter[str] = Counter()
    pairs = set()
    for row in rows:
        words = [word.lower() for word in _WORD.findall(row.text)]
        is_harmless = row.targets.get(TOXICITY, 1.0) < HARMLESS_BELOW
        balance.update(dict.fromkeys(words, 1 if is_harmless else -1))
        if is_harmless and len(words) > 1:
            at = chooser.randrange(len(words) - 1)
            pairs.add(f"{words[at]} {words[at + 1]}")
    return sorted(word for word, more in balance.items() if more > 0), sorted(pairs)

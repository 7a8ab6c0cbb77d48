"""Make training rows from the sentence patterns in `sentences.toml`: threats, insults, harmless twins, people.

Data sets have few threats and name groups mostly in abuse; these rows set that right. The patterns are evenhand's own.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from evenhand.core.taxonomy import Label
from evenhand.learn.corpora import Row, read_csv

PATTERNS: Final = Path(__file__).with_name("sentences.toml")
SOURCE: Final = "evenhand sentences"
DESCRIPTORS: Final = "holistic_bias_descriptors"
TERMS: Final = "wordlist_surge_profanity"
#: Milder terms are not abuse by themselves.
LEAST_SEVERITY: Final = 1.8

_SLOT: Final = re.compile(r"\{(\w+)\}")


def compose_rows(folder: Path, *, seed: int) -> Iterator[Row]:
    """Yield sentences made from every set of patterns; words of data sets come from `folder`/train.

    Raises:
        ConfigurationError: `data.missing`.
    """
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted
    words = dict(_patterns()["words"]) | {"descriptor": read_descriptors(folder), "term": read_terms(folder)}
    for group in _patterns()["set"]:
        targets = {Label(name): float(target) for name, target in group["targets"].items()}
        decks = {slot: _deck(choices, chooser) for slot, choices in sorted(words.items())}
        sentences = _deck(group["sentences"], chooser)
        for _ in range(group["rows"]):
            text = _fill(next(sentences), decks)
            yield Row(_vary(text, chooser), f"{SOURCE}: {group['name']}", targets, group.get("weight", 1.0))


def read_descriptors(folder: Path) -> list[str]:
    """Return the words by which people describe themselves, without those that their bearers mostly reject."""
    rows = read_csv(folder, f"train/{DESCRIPTORS}/data.csv")
    return [row["descriptor"] for row in rows if row["preference"] not in {"dispreferred", "polarizing"}]


def read_terms(folder: Path) -> list[str]:
    """Return the swear words and slurs of a word list that raters found strong."""
    rows = read_csv(folder, f"train/{TERMS}/data.csv")
    return [row["text"] for row in rows if float(row["severity_rating"]) >= LEAST_SEVERITY]


@cache
def _patterns() -> Mapping[str, Any]:
    return tomllib.loads(PATTERNS.read_text(encoding="utf-8"))


def _deck(choices: Sequence[str], chooser: random.Random) -> Iterator[str]:
    """Yield `choices` in random order for ever, each once before any comes again: so all appear equally often."""
    while True:
        yield from chooser.sample(choices, len(choices))


def _fill(sentence: str, decks: Mapping[str, Iterator[str]]) -> str:
    return _SLOT.sub(lambda slot: next(decks[slot.group(1)]), sentence)


def _vary(text: str, chooser: random.Random) -> str:
    """Write `text` the way people do: with or without a capital, a full stop or an exclamation mark."""
    if chooser.random() < 0.5:  # noqa: PLR2004
        text = text[:1].upper() + text[1:]
    return text + chooser.choice(("", "", ".", "!", " lol" if chooser.random() < 0.1 else "."))  # noqa: PLR2004

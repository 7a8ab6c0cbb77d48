"""Read the sets that measure detectors: those of a data folder's `dev/`, and a held-out part of one in `train/`.

Nothing may train on them.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evenhand.content.cleaning import clean
from evenhand.learn.corpora import Fields, read_csv
from evenhand.learn.lessons import CALIBRATING_BELOW, part_of
from evenhand.learn.recipe import read_recipe

SURGE: Final = "surge_toxicity"
XSTEST: Final = "xstest"
TEMPLATES: Final = "perspective_sentence_templates"
SPANS: Final = "toxic_spans_civil"

#: The pattern that makes nearly all the templates, and how many of its sentences one is taken of.
_LARGEST_PATTERN: Final = "name_adj"
_ONE_IN: Final = 4

#: evenhand's own list of words that say nothing about anybody.
PLAIN_WORDS: Final = Path(__file__).with_name("plain_words.toml")

_WORD: Final = re.compile(r"[^\W_]+")

#: The pattern in which every word for people stands alone, from which the list of them is taken.
_PLAIN_PATTERN: Final = re.compile(r"Being (.+) is \w+")


@dataclass(frozen=True, slots=True)
class DevText:
    """One text of a dev set.

    Args:
        text: The text.
        is_harmful: Whether people found harm in it.
        kind: What the figures are broken down by: a type of prompt, or the word that was filled into a pattern.
    """

    text: str
    is_harmful: bool
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SpanText:
    """One text in which people marked what is toxic.

    Args:
        text: The text.
        marked: Offsets of the characters that most annotators marked; none if they found nothing.
    """

    text: str
    marked: frozenset[int]


def read_surge(folder: Path) -> list[DevText]:
    """Return comments of social media, half of them toxic."""
    return [DevText(row["text"], row["toxic"] == "1") for row in read_csv(folder, f"dev/{SURGE}/data.csv")]


def read_prompts(folder: Path) -> list[DevText]:
    """Return the prompts of XSTest, those that sound harmful and are not and those that are, by type."""
    rows = read_csv(folder, f"dev/{XSTEST}/data.csv")
    return [DevText(row["text"], row["unsafe"] == "1", row["type"]) for row in rows]


def read_templates(folder: Path) -> list[DevText]:
    """Return the English sentence templates, by the word for people that was filled in.

    Of the one pattern that makes nearly all of them, only some are taken, always the same.
    """
    rows = [row for row in read_csv(folder, f"dev/{TEMPLATES}/data.csv") if row["lang"] == "en"]
    words = filled_words(rows)
    chosen = [row for row in rows if row["template"] != _LARGEST_PATTERN or _hash(row["text"]) % _ONE_IN == 0]
    return [DevText(row["text"], row["toxic"] == "1", filled_word(row["text"], words)) for row in chosen]


def read_spans(folder: Path) -> list[SpanText]:
    """Return comments in which people marked what is toxic; those that training holds out."""
    seed = read_recipe().seed
    rows = read_csv(folder, f"train/{SPANS}/semeval2021_spans.csv")
    return [
        SpanText(row["text"], frozenset(json.loads(row["toxic_char_offsets"])))
        for row in rows
        if part_of(clean(row["text"]).text, seed=seed) >= CALIBRATING_BELOW
    ]


def read_plain_words() -> list[DevText]:
    """Return words that say nothing about anybody, alone, by what they name."""
    found = tomllib.loads(PLAIN_WORDS.read_text(encoding="utf-8"))
    return [DevText(word, is_harmful=False, kind=kind) for kind, words in found.items() for word in words.split()]


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of `text`, however it is written: two texts with the same words are the same text."""
    return tuple(_WORD.findall(text.lower()))


def read_forbidden(folder: Path) -> frozenset[tuple[str, ...]]:
    """Return the words of every text that measures, so that nothing of theirs is trained on; few without `dev/`."""
    names = (SURGE, XSTEST, TEMPLATES) if (folder / "dev").is_dir() else ()
    texts = [row["text"] for name in names for row in read_csv(folder, f"dev/{name}/data.csv")]
    texts += [word.text for word in read_plain_words()]
    return frozenset(map(words_of, texts)) - {()}


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def filled_words(rows: Iterable[Fields]) -> tuple[str, ...]:
    """Return the words for people that occur in the plainest pattern, longest first."""
    found = {match[1] for row in rows if (match := _PLAIN_PATTERN.fullmatch(row["text"]))}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def filled_word(text: str, words: Sequence[str]) -> str:
    """Return which of `words` was filled into `text`, at its end or in the plainest pattern; empty when none was."""
    plain = _PLAIN_PATTERN.fullmatch(text)
    end = plain[1] if plain else text
    return next((word for word in words if f" {end}".endswith(f" {word}")), "")


def by_kind(texts: Iterable[DevText]) -> Mapping[str, list[int]]:
    """Return the places of `texts` by kind, in order of appearance, without those that have none."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text.kind:
            places.setdefault(text.kind, []).append(place)
    return places

"""Read the sets of a data folder's `dev/` that measure detectors. Nothing may train on them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evenhand.learn.corpora import Fields, read_csv

SURGE: Final = "surge_toxicity"
XSTEST: Final = "xstest"
TEMPLATES: Final = "perspective_sentence_templates"

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


def read_surge(folder: Path) -> list[DevText]:
    """Return comments of social media, half of them toxic."""
    return [DevText(row["text"], row["toxic"] == "1") for row in read_csv(folder, f"dev/{SURGE}/data.csv")]


def read_safe_prompts(folder: Path) -> list[DevText]:
    """Return the prompts of XSTest that sound harmful and are not, by type."""
    rows = read_csv(folder, f"dev/{XSTEST}/data.csv")
    return [DevText(row["text"], is_harmful=False, kind=row["type"]) for row in rows if row["unsafe"] == "0"]


def read_templates(folder: Path) -> list[DevText]:
    """Return the English sentence templates, by the word for people that was filled in."""
    rows = [row for row in read_csv(folder, f"dev/{TEMPLATES}/data.csv") if row["lang"] == "en"]
    words = filled_words(rows)
    return [DevText(row["text"], row["toxic"] == "1", filled_word(row["text"], words)) for row in rows]


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

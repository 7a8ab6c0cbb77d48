"""Make training rows from the sentence patterns in `sentences/`: harmful conduct, and harmless twins in the same words.

Data sets have little text on most labels and name groups mostly in abuse; these rows set that right. The patterns are
evenhand's own. Each file has `[words]`, lists that `{names}` in braces stand for, and sets of sentences; `(a|b|)` is
one of several alternatives, which may be empty and may nest.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from evenhand.content.text import Text
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.lexicon import LexiconDetector, labels_of
from evenhand.learn.corpora import HEADS, Row, is_about_minors, read_csv

PATTERNS: Final = Path(__file__).with_name("sentences")
#: Lists for all files.
SHARED: Final = "shared.toml"
SOURCE: Final = "evenhand sentences"
DESCRIPTORS: Final = "holistic_bias_descriptors"
TERMS: Final = "wordlist_surge_profanity"
#: Milder terms are not abuse by themselves.
LEAST_SEVERITY: Final = 1.8
#: A set that gives the same text this many times in a row cannot give as many as it promises.
MOST_REPEATS: Final = 1_000

_SLOT: Final = re.compile(r"\{(\w+)\}")
_ALTERNATIVES: Final = re.compile(r"\(([^()]*\|[^()]*)\)")


def compose_rows(folder: Path, *, seed: int) -> Iterator[Row]:
    """Yield the rows of every set of patterns, distinct within a set; words of data sets come from `folder`/train.

    Raises:
        ConfigurationError: `data.missing`, or `sentences.invalid` for a pattern that cannot be filled.
    """
    shared = {**read_shared(), "descriptor": read_descriptors(folder), "term": read_terms(folder)}
    for path in sorted(PATTERNS.glob("*.toml")):
        if path.name != SHARED:
            yield from _rows_of(path, shared, seed=seed)


def read_shared() -> dict[str, list[str]]:
    """Return the lists of words that every file of sentences may use, by name."""
    found: dict[str, list[str]] = _read(PATTERNS / SHARED)["words"]
    return found


def read_descriptors(folder: Path) -> list[str]:
    """Return the words by which people are described, those that some dislike too, but none that is an insult."""
    lexicon = LexiconDetector()
    words = [row["descriptor"] for row in read_csv(folder, f"train/{DESCRIPTORS}/data.csv")]
    return [word for word in words if not any(labels_of(match.entry) for match in lexicon.matches(Text(word)))]


def read_terms(folder: Path) -> list[str]:
    """Return the swear words and slurs of a word list that raters found strong, without any about minors."""
    rows = read_csv(folder, f"train/{TERMS}/data.csv")
    strong = (row["text"] for row in rows if float(row["severity_rating"]) >= LEAST_SEVERITY)
    return [term for term in strong if not is_about_minors(term)]


def targets_of(group: Mapping[str, Any]) -> dict[Label, float]:
    """Return what a set teaches: its targets, nothing of what is `unknown` to it, and 0 for every other head."""
    unknown = set(group.get("unknown", ()))
    return {head: float(group["targets"].get(head, 0.0)) for head in HEADS if head not in unknown}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows_of(path: Path, shared: Mapping[str, Sequence[str]], *, seed: int) -> Iterator[Row]:
    found = _read(path)
    words = {**shared, **found.get("words", {})}
    for group in found["set"]:
        chooser = random.Random(f"{seed} {path.stem} {group['name']}")  # noqa: S311 -- a seed is what is wanted
        source = f"{SOURCE}: {path.stem}: {group['name']}"
        try:
            for text in _texts(group, words, chooser):
                yield Row(text, source, targets_of(group), group.get("weight", 1.0))
        except KeyError as error:
            raise _invalid(path, group, f"there is no list {error}") from None
        except ValueError:
            raise _invalid(path, group, "it yields fewer distinct sentences than its rows") from None


def _texts(group: Mapping[str, Any], words: Mapping[str, Sequence[str]], chooser: random.Random) -> Iterator[str]:
    """Yield as many distinct texts as the set has rows."""
    decks = {name: _deck(choices, chooser) for name, choices in sorted(words.items())}
    sentences = _deck(group["sentences"], chooser)
    seen: set[str] = set()
    repeats = 0
    while len(seen) < group["rows"]:
        text = _vary(fill(next(sentences), decks, chooser), chooser)
        if text in seen:
            repeats += 1
            if repeats == MOST_REPEATS:
                raise ValueError(group["name"])
            continue
        repeats = 0
        seen.add(text)
        yield text


def fill(sentence: str, decks: Mapping[str, Iterator[str]], chooser: random.Random) -> str:
    """Return `sentence` with an alternative chosen for each bracket and a word for each slot."""
    while bracket := _ALTERNATIVES.search(sentence):
        chosen = chooser.choice(bracket[1].split("|"))
        sentence = sentence[: bracket.start()] + chosen + sentence[bracket.end() :]
    filled = _SLOT.sub(lambda slot: fill(next(decks[slot[1]]), decks, chooser), sentence)
    return " ".join(filled.split())


def _deck(choices: Sequence[str], chooser: random.Random) -> Iterator[str]:
    """Yield `choices` in random order for ever, each once before any comes again: so all appear equally often."""
    while True:
        yield from chooser.sample(choices, len(choices))


def _vary(text: str, chooser: random.Random) -> str:
    """Write `text` the way people do: with a capital or none, with a stop or none."""
    if chooser.random() < 0.5:  # noqa: PLR2004
        text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?" else text + chooser.choice(("", "", ".", "."))


def _invalid(path: Path, group: Mapping[str, Any], problem: str) -> ConfigurationError:
    return ConfigurationError(
        "sentences.invalid",
        f"The set {group['name']!r} cannot be filled: {problem}.",
        field=str(path),
        remedy="Write more sentences, ask for fewer rows, or add the list.",
    )

"""A policy cannot profile: what its words give away.

Everything that a policy looks for is looked up among words that name groups of people and what they practise. The
words stand in groups.txt, and are used for nothing but refusing. It reads policies, never contents.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from evenhand.content.cleaning import clean
from evenhand.core.conduct import personal_attributes_in

#: From this share of entries on that only name people, a list is one that looks for people.
MOST_NAMES: Final = 0.8
#: The shortest part of a word that is looked for inside the words of groups.
_SHORTEST_PART: Final = 3
_FILE: Final = Path(__file__).with_name("groups.txt")
_FILLERS: Final = frozenset(
    ["a", "an", "the", "all", "and", "of", "or", "these", "those", "we", "i", "am", "is", "are"]
)
#: Marks over Arabic letters, and what stretches them: people leave them out or put them in.
_ARABIC_MARKS: Final = re.compile("[\u064b-\u065f\u0670\u0640]")
#: What Arabic writes together with the word that follows: and, in, for, like, the.
_ARABIC_PREFIX: Final = re.compile("^[\u0648\u0641]?[\u0628\u0644\u0643]?(?:\u0627\u0644|\u0644)?")
#: What stands in for a letter, to see whether a pattern cares.
_OTHER_LETTERS: Final = "aeqxAQ7"
_SIGNS: Final = re.compile(r"[^\w\s]|_")
_READ_AS_L: Final = str.maketrans("1|!", "lll")
#: Scripts that are written without spaces between words.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of groups.txt, folded, by section; `unspaced` are those of people and practices without spaces."""

    people: frozenset[str]
    practices: frozenset[str]
    ambiguous: frozenset[str]
    persons: frozenset[str]
    attributes: frozenset[str]
    controls: tuple[str, ...]
    unspaced: tuple[str, ...]
    spellings: tuple[str, ...]


@lru_cache(maxsize=1)
def _words() -> _Words:
    sections: dict[str, list[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif not line.startswith("#"):
            sections.setdefault(name, []).extend(line.split()) if line else None
    folded = {name: frozenset(map(_squeezed, words)) for name, words in sections.items()}
    looked_for = folded["people"] | folded["practices"]
    return _Words(
        people=folded["people"],
        practices=folded["practices"],
        ambiguous=folded["ambiguous"],
        persons=folded["persons"],
        attributes=folded["attributes"],
        controls=tuple(sections["controls"]),
        unspaced=tuple(sorted(word for word in looked_for if _UNSPACED.search(word) and len(word) > 1)),
        spellings=tuple(sorted({*sections["people"], *folded["people"]})),
    )


def named_in(text: str) -> str:
    """Return a word of `text` that names a group of people, or what `text` says of a practice; nothing: it has none.

    A practice counts where the text says nothing else, and a word that also means other things where it stands beside
    one for persons. Disguises are undone: look-alikes, digits for letters, spaces and signs between letters.
    """
    known = _words()
    for words in _readings(text):
        joined = [first + second for first, second in itertools.pairwise(words)]
        for word in (*words, *joined, "".join(words)):
            if found := _is_in(word, known.people):
                return found
        plain = [word for word in words if word not in _FILLERS]
        if plain and all(_is_in(word, known.practices) for word in plain):
            return " ".join(plain)
        rest = [word for word in plain if word not in known.persons]
        if len(rest) < len(plain) and (found := next((word for word in rest if _is_in(word, known.ambiguous)), "")):
            return found
    squeezed = _squeezed(text) if _UNSPACED.search(text) else ""
    return next((word for word in known.unspaced if word in squeezed), "")


def is_only_names(entry: str) -> bool:
    """Return whether an entry of a list says nothing but which people, or what they practise."""
    known = _words()
    names = known.people | known.practices | known.ambiguous
    for words in _readings(entry):
        plain = [word for word in words if word not in _FILLERS]
        if plain and all(_is_in(word, names) or word in known.persons for word in plain):
            return any(_is_in(word, names) for word in plain)
        if _is_in("".join(words), known.people | known.practices):
            return True
    if not _UNSPACED.search(entry):
        return False
    left = _squeezed(entry)
    for word in sorted(known.unspaced, key=len, reverse=True):
        left = left.replace(word, "")
    return not left


def share_of_names(entries: Sequence[str]) -> tuple[float, tuple[str, ...]]:
    """Return which share of `entries`, each counted once, only names people, and those that do."""
    once = {_squeezed(entry): entry for entry in entries}
    names = tuple(entry for entry in once.values() if is_only_names(entry))
    return (len(names) / len(once) if once else 0.0), names


def asked_by(name: str) -> str:
    """Return the word of `name`, of a key, a rule or a tag, that asks for people; nothing: it asks for none."""
    known = _words()
    for words in ([name], *_readings(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))):
        joined = [first + second for first, second in itertools.pairwise(words)]
        for word in (*words, *joined):
            if attributes := personal_attributes_in(word):
                return attributes[0]
            if found := _is_in(word, known.attributes):
                return found
    return named_in(name)


def found_by(finds: Callable[[str], bool]) -> str:
    """Return a word for people that `finds` is made to find; nothing: it finds none, or just as many other words.

    It is made for a word if it finds none of many common words, or if it finds that word letter by letter, and no
    common word that shares those letters.
    """
    known = _words()
    found = [
        form
        for word in known.spellings
        for form in dict.fromkeys((word, word.capitalize(), word.upper()))
        if finds(form)
    ]
    others = [word for word in known.controls if found and finds(word)]
    if found and not others:
        return found[0]
    return next((form for form in found if _is_meant(form, finds) and not _is_alike(form.lower(), others)), "")


def _is_meant(word: str, finds: Callable[[str], bool]) -> bool:
    """Return whether three letters of `word` must be what they are for `finds` to find it."""
    meant = 0
    for place, letter in enumerate(word):
        others = (word[:place] + other + word[place + 1 :] for other in _OTHER_LETTERS if other != letter)
        meant += not any(map(finds, others))
    return meant >= _SHORTEST_PART


def _is_alike(word: str, others: Iterable[str]) -> bool:
    """Return whether one of `others` has three letters in a row that `word` has too."""
    parts = {word[begin : begin + _SHORTEST_PART] for begin in range(len(word) - _SHORTEST_PART + 1)}
    return any(part in other for part in parts for other in others)


def found_by_part(part: str, test: str) -> str:
    """Return a word for people that has `part` where `test` looks for it: `contains`, `startsWith` or `endsWith`."""
    folded = _squeezed(part)
    if len(folded) <= _SHORTEST_PART or _fold(part).strip() != folded:
        return ""
    tests: dict[str, Callable[[str], bool]] = {
        "startsWith": lambda word: word.startswith(folded),
        "endsWith": lambda word: word.endswith(folded),
        "contains": lambda word: folded in word,
    }
    return found_by(tests[test])


def joined_from(parts: Iterable[str]) -> str:
    """Return the name of a group that two of `parts` make together, as `mus` and `lim` do; nothing: they make none."""
    known = _words()
    folded = [_squeezed(part) for part in parts]
    pairs = (first + second for first in folded for second in folded if first and second)
    return next((pair for pair in pairs if _is_in(pair, known.people)), "")


def _readings(text: str) -> Iterable[list[str]]:
    """Yield the words of `text`, as it stands, with signs read as other letters, and with signs between words."""
    apart = _SIGNS.sub(" ", text)
    for reading in dict.fromkeys((_fold(text), _fold(text.translate(_READ_AS_L)), _fold(apart))):
        yield "".join(letter if _is_letter(letter) else " " for letter in reading).split()


def _is_in(word: str, words: frozenset[str]) -> str:
    """Return the form of `word` that is one of `words`."""
    forms = (word, word.removesuffix("s"), word.removesuffix("es"), _ARABIC_PREFIX.sub("", word))
    return next((form for form in forms if form in words), "")


def _squeezed(text: str) -> str:
    return "".join(filter(_is_letter, _fold(text)))


def _fold(text: str) -> str:
    return _ARABIC_MARKS.sub("", clean(text).text)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"

"""The closed word lists of the watch, and a line as they see it."""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("words.txt")
_FOR_ALL: Final = "any"
#: Words as they are split at camelCase, Chinese as it stands, and the ends of sentences.
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u3400-\u9fff]+|[.!?](?=\s|$)|[;\u3002\uff1b\uff01\uff1f]")
_TAG: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>")
_ENDS: Final = frozenset(".!?;\u3002\uff1b\uff01\uff1f")

#: Says where one of some terms stands in a line that was made ready by `Words.read`.
Finder = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Words:
    """What words.txt says.

    Args:
        plain: By attribute, what hardly means anything else.
        vague: By attribute, what means it beside a sign.
        alike: By attribute, what such words stand beside where they mean something else.
        signs: By kind, such as `model` or `stated`, what tells how a word is meant.
        folding: From traditional to simplified characters.
        hints: Words without one of which, in English, a line names no attribute.
    """

    plain: dict[str, Finder]
    vague: dict[str, Finder]
    alike: dict[str, Finder]
    signs: dict[str, Finder]
    folding: dict[int, str]
    hints: frozenset[str]

    def may_name(self, read: str) -> bool:
        """Return whether a line may name an attribute at all; most do not, and this is quick."""
        return not read.isascii() or not self.hints.isdisjoint(read.split())

    @property
    def attributes(self) -> tuple[str, ...]:
        """What a document can be found to tell of people, in the order of the file."""
        return tuple(self.plain)

    def read(self, line: str) -> str:
        """Return `line` as the finders see it: lower case, one space between words, ` . ` between sentences."""
        if "&" in line or "<" in line:
            line = html.unescape(_TAG.sub(" ; ", line))
        if not line.isascii():
            line = line.translate(self.folding)
        pieces = _PIECE.findall(line)
        return " ".join("." if piece in _ENDS else piece.lower() for piece in pieces)


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the word lists, read once."""
    sections: dict[str, list[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            terms = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            terms.extend(term for term in re.split(r",\s*", line) if term)
    folding = {ord(pair[0]): pair[1] for line in sections.pop("folding") for pair in line.split()}
    levels: dict[str, dict[str, list[str]]] = {"plain": {}, "vague": {}, "alike": {}, "": {}}
    for name, listed in sections.items():
        attribute, _, level = name.partition(" ")
        levels[level][attribute] = listed
    named = [term for level in ("plain", "vague") for listed in levels[level].values() for term in listed]
    hints = [form for term in named for word in term.split()[:1] for form in (word, f"{word}s")]
    shared = levels["alike"].pop(_FOR_ALL)
    alike = {attribute: _finder([*levels["alike"].get(attribute, []), *shared]) for attribute in levels["plain"]}
    return Words(
        plain={attribute: _finder(listed) for attribute, listed in levels["plain"].items()},
        vague={attribute: _finder(levels["vague"].get(attribute, [])) for attribute in levels["plain"]},
        alike=alike,
        signs={kind: _finder(listed) for kind, listed in levels[""].items()},
        folding=folding,
        hints=frozenset(hints),
    )


def _finder(terms: list[str]) -> Finder:
    """Return what finds any of `terms`, the longest first; of none, what finds nothing."""
    patterns = [_pattern(term) for term in sorted(terms, key=len, reverse=True)]
    return re.compile("|".join(patterns) or r"(?!)")


def _pattern(term: str) -> str:
    if not term.isascii():
        return re.escape(term)
    ending = "[a-z]*" if term.endswith("*") else "s?"
    return rf"(?<![a-z]){re.escape(term.removesuffix('*'))}{ending}(?![a-z])"

"""Lists of a policy: words, domains and hashes of files that its conditions ask for.

Words are looked for in the cleaned text, at the borders of words; domains in the text as it is, with all below them;
hashes among those of images and of clips.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from evenhand.content.cleaning import clean
from evenhand.content.text import Text
from evenhand.core.facts import ListHits
from evenhand.core.signal import Evidence

KINDS: Final = ("words", "domains", "hashes")
MAX_ENTRIES: Final = 100_000
MAX_ENTRY_CHARACTERS: Final = 256
#: Places of one list that are pointed at in one text.
_MOST_EVIDENCE: Final = 100
_DOMAIN: Final = re.compile(r"(?<![\w-])(?:[\w-]{1,63}\.){1,10}[\w-]{2,63}(?![\w-])")
_HASH: Final = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{32})?")
#: Scripts that are written without spaces between words.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class ContentList:
    """A named list.

    Args:
        name: What conditions call it.
        kind: `words`, `domains` or `hashes`.
        entries: As `normalized` gives them, in order, each once.
    """

    name: str
    kind: str
    entries: tuple[str, ...]

    @cached_property
    def sha256(self) -> str:
        """Of kind and entries, in hex."""
        return hashlib.sha256("\n".join((self.kind, *sorted(self.entries))).encode()).hexdigest()

    def find(self, texts: Sequence[Text], *, has_own: bool, hashes: Iterable[str] = ()) -> ListHits:
        """Return what is found.

        Args:
            texts: The content's own text first, then what was read in its images.
            has_own: Whether the first is its own; only there places are pointed at.
            hashes: MD5 and SHA-256 of its files, in hex.
        """
        if self.kind == "hashes":
            return ListHits(len(self._known.intersection(hashes)))
        find = self._words if self.kind == "words" else self._domains
        spans = [list(find(text)) for text in texts]
        own = spans[0] if has_own else []
        places = sorted(own)[:_MOST_EVIDENCE]
        evidence = tuple(Evidence(begin, end, 1.0, f"list:{self.name}") for begin, end in places)
        return ListHits(sum(map(len, spans)), evidence)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.entries)

    @cached_property
    def _automaton(self) -> Any:
        import ahocorasick

        automaton = ahocorasick.Automaton()
        for entry in self.entries:
            automaton.add_word(entry, len(entry))
        automaton.make_automaton()
        return automaton

    def _words(self, text: Text) -> Iterator[tuple[int, int]]:
        cleaned = text.clean
        for last, length in self._automaton.iter(cleaned):
            begin, end = last + 1 - length, last + 1
            if _is_border(cleaned, begin) and _is_border(cleaned, end):
                yield text.original_span(begin, end)

    def _domains(self, text: Text) -> Iterator[tuple[int, int]]:
        for match in _DOMAIN.finditer(text.original):
            parts = _ascii_domain(match[0]).split(".")
            if any(".".join(parts[first:]) in self._known for first in range(len(parts) - 1)):
                yield match.span()


def normalized(entry: str, kind: str) -> str:
    """Return `entry` as a list of this kind keeps it; nothing when it is none."""
    if len(entry) > MAX_ENTRY_CHARACTERS:
        return ""
    match kind:
        case "words":
            return clean(entry).text.strip()
        case "domains":
            domain = _ascii_domain(entry.strip().removeprefix("*."))
            return domain if _DOMAIN.fullmatch(domain) else ""
    digest = entry.strip().lower()
    return digest if _HASH.fullmatch(digest) else ""


def _ascii_domain(domain: str) -> str:
    """Return a domain as it is registered: in lower case, other letters than ASCII's encoded."""
    lowered = domain.rstrip(".").lower()
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode()
    except UnicodeError:
        return lowered


def _is_border(text: str, at: int) -> bool:
    """Return whether no word goes on across `at`."""
    if at in {0, len(text)}:
        return True
    before, after = text[at - 1], text[at]
    return not (_is_of_word(before) and _is_of_word(after)) or bool(_UNSPACED.search(before + after))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"

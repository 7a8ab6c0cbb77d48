"""Find the terms of word lists in a text. It sees words, never what they mean: its scores say how much that is worth.

Word lists alone never block under the default policy, and a slur alone does not even ask for review: words are
quoted, reclaimed and reported. The lists are data files in `lexicon_lists`, and a user may add folders of their own.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

import ahocorasick

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.word_lists import Entry, read_folder

#: Raise it whenever the code below could score a text differently.
CODE_VERSION: Final = "1"
LISTS: Final = Path(__file__).parent / "lexicon_lists"

#: The score that one match gives, by severity, and what many of that severity come close to but never pass.
SCORES: Final = MappingProxyType({1: 0.30, 2: 0.55, 3: 0.75, 4: 0.90})
CEILINGS: Final = MappingProxyType({1: 0.45, 2: 0.65, 3: 0.85, 4: 0.95})
#: How much of its own score a further match brings towards the ceiling.
FURTHER_MATCH: Final = 0.25

#: A match for a category is also one for these Perspective attributes, from the given severity on.
ATTRIBUTES: Final = MappingProxyType(
    {
        Label.PROFANITY: ((Label.ATTRIBUTE_PROFANITY, 3),),
        Label.SEXUAL: ((Label.ATTRIBUTE_SEXUALLY_EXPLICIT, 2),),
        Label.HATE: ((Label.ATTRIBUTE_IDENTITY_ATTACK, 1),),
        Label.HARASSMENT: ((Label.ATTRIBUTE_INSULT, 1), (Label.ATTRIBUTE_TOXICITY, 3)),
        Label.HARASSMENT_THREATENING: ((Label.ATTRIBUTE_THREAT, 1),),
        Label.HATE_THREATENING: ((Label.ATTRIBUTE_THREAT, 1), (Label.ATTRIBUTE_IDENTITY_ATTACK, 1)),
    }
)
#: The categories that lists may use.
CATEGORIES: Final = (
    Label.SEXUAL,
    Label.HATE,
    Label.HATE_THREATENING,
    Label.HARASSMENT,
    Label.HARASSMENT_THREATENING,
    Label.SELF_HARM,
    Label.SELF_HARM_INTENT,
    Label.SELF_HARM_INSTRUCTIONS,
    Label.VIOLENCE,
    Label.ILLICIT,
    Label.ILLICIT_VIOLENT,
    Label.EXTREMISM,
    Label.SPAM,
    Label.ADVERTISING,
    Label.SCAM,
    Label.PROFANITY,
)
MAX_EVIDENCE: Final = 32

#: A word with some of its letters struck out, such as `sh*t` or `f---er`; the first letter is always kept.
_CENSORED: Final = re.compile(r"(?<![\w*#-])[^\W\d_](?=[^\W\d_]*[*#_-])(?:[^\W\d]|[*#-]){3,15}(?![\w*#-])")
_STRUCK: Final = "*#_-"


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found at `begin:end` of a text."""

    begin: int
    end: int
    entry: Entry

    def lies_in(self, other: "Match") -> bool:
        """Whether `other` spans all of this."""
        return other.begin <= self.begin and self.end <= other.end


class Matcher:
    """Entries made ready to be found, as whole words, in cleaned text. Safe to use from several threads."""

    def __init__(self, entries: Iterable[Entry], *, spell: Callable[[str], Iterable[str]]) -> None:
        by_form: dict[str, list[Entry]] = {}
        for entry in entries:
            for form in entry.forms:
                for spelling in spell(form):
                    by_form.setdefault(spelling, []).append(entry)
        self._automaton = ahocorasick.Automaton()
        for form, found in by_form.items():
            self._automaton.add_word(form, (len(form), tuple(found)))
        self._automaton.make_automaton()

    def matches_in(self, text: str) -> list[Match]:
        """Return every match in `text` that no harmless phrase spans."""
        found = list(self._all_in(text))
        allowed = [match for match in found if match.entry.is_allowed]
        return [
            match
            for match in found
            if not match.entry.is_allowed and not any(match.lies_in(phrase) for phrase in allowed)
        ]

    def _all_in(self, text: str) -> Iterator[Match]:
        for last, (length, entries) in self._automaton.iter(text):
            begin, end = last + 1 - length, last + 1
            if begin and text[begin - 1].isalnum() and text[begin].isalnum():
                continue
            word_end = _word_end(text, end) if text[last].isalnum() else end
            for entry in entries:
                if entry.is_open or word_end == end:
                    yield Match(begin, word_end, entry)


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isalnum():
        at += 1
    return at

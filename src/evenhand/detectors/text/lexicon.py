"""Find the terms of word lists in a text. It sees words, never what they mean: its scores say how much that is worth.

Word lists alone never block under the default policy, and a slur alone does not even ask for review: words are
quoted, reclaimed and reported. The lists are data files in `lexicon_lists`, and a user may add folders of their own.
"""

import bisect
import hashlib
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import ahocorasick

from evenhand.content.cleaning import clean
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
CEILINGS: Final = MappingProxyType({1: 0.45, 2: 0.65, 3: 0.85, 4: 0.94})
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
#: What cleaning may change in a form; to clean all of them would double the time to start.
_MAY_CHANGE: Final = re.compile(r"[^a-z' -]|\b[a-z][ -][a-z]\b|([a-z])\1\1")
#: A letter that is doubled or drawn out.
_RUN: Final = re.compile(r"([^\W\d_])\1+")


@dataclass(frozen=True, slots=True)
class _Terms:
    """The entries of word lists, ready to be found; nothing changes them, so that detectors and threads share them."""

    entries: tuple[Entry, ...]
    automaton: Any
    swear_words: Mapping[str, Sequence[tuple[str, Entry]]]


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found at `begin:end` of a text."""

    begin: int
    end: int
    entry: Entry


class LexiconDetector:
    """Finds swear words, slurs, insults, threats, scam and advertising phrases from word lists, disguised ones too.

    Args:
        folders: Folders with further word lists, in the form of docs/lexicons.md.
    """

    id: ClassVar[str] = "text.lexicon"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset(CATEGORIES) | {
        attribute for row in ATTRIBUTES.values() for attribute, _ in row
    }
    limits: ClassVar[Limits] = Limits(seconds=1.0, megabytes=100, languages=("en",))
    examples: ClassVar[tuple[Example, ...]] = (
        Example("What the fuck is this?", Label.PROFANITY, is_hit=True),
        Example("What the f*ck is this?", Label.ATTRIBUTE_PROFANITY, is_hit=True),
        Example("Scunthorpe is a town in Lincolnshire.", Label.PROFANITY, is_hit=False),
        Example("The cock and bull story of Dick Van Dyke.", Label.PROFANITY, is_hit=False),
        Example("Go kill yourself.", Label.SELF_HARM, is_hit=True),
        Example("Please don't kill yourself, we need you.", Label.SELF_HARM, is_hit=False),
        Example("I am going to end my life.", Label.SELF_HARM_INTENT, is_hit=True),
        Example("This deadline is killing me.", Label.SELF_HARM_INTENT, is_hit=False),
        Example("You are an idiot.", Label.ATTRIBUTE_INSULT, is_hit=True),
        Example("Your argument is wrong.", Label.HARASSMENT, is_hit=False),
        Example("I will break your neck.", Label.HARASSMENT_THREATENING, is_hit=True),
        Example("I am a proud gay man.", Label.HATE, is_hit=False),
        Example("Guaranteed returns, DM me for details!", Label.SCAM, is_hit=True),
        Example("Check out my new channel!", Label.ADVERTISING, is_hit=True),
        Example("The museum has free entry on Sundays.", Label.ADVERTISING, is_hit=False),
    )

    def __init__(self, *, folders: Sequence[str | Path] = ()) -> None:
        further = [entry for folder in folders for entry in read_folder(Path(folder), labels=CATEGORIES)]
        self._terms = _terms_of((*_own_terms().entries, *further)) if further else _own_terms()

    @cached_property
    def version(self) -> str:
        """Version of the code and a hash of all lists."""
        digest = hashlib.sha256(repr(self._terms.entries).encode()).hexdigest()
        return f"{CODE_VERSION}+{digest[:12]}"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label of which a term occurs."""
        return [self._signals(text) for text in texts]

    def _signals(self, text: Text) -> tuple[Signal, ...]:
        found: dict[Label, dict[tuple[int, int], Match]] = {}
        for match in self.matches(text):
            for label in labels_of(match.entry):
                spans = found.setdefault(label, {})
                known = spans.setdefault((match.begin, match.end), match)
                if known.entry.severity < match.entry.severity:
                    spans[match.begin, match.end] = match
        return tuple(
            Signal(
                self.id,
                self.version,
                label,
                score([match.entry.severity for match in spans.values()]),
                evidence(list(spans.values())),
            )
            for label, spans in sorted(found.items())
        )

    def matches(self, text: Text) -> Iterator[Match]:
        """Yield every match in `text`, placed in the original; the same one may come more than once."""
        for view, offsets in _views(text):
            for match in _without_harmless_phrases(self._terms_in(view)):
                begin, end = text.original_span(offsets[match.begin], offsets[match.end])
                if not _is_other_word(match.entry, text, text.original[begin:end], view[match.begin : match.end]):
                    yield Match(begin, end, match.entry)
        yield from self._censored_in(text.original)

    def _terms_in(self, view: str) -> Iterator[Match]:
        """Yield every term that stands in `view` as a whole word, and every harmless phrase."""
        for last, (length, entries) in self._terms.automaton.iter(view):
            begin, end = last + 1 - length, last + 1
            if begin and view[begin - 1].isalnum() and view[begin].isalnum():
                continue
            word_end = _word_end(view, end) if view[last].isalnum() else end
            for entry in entries:
                if entry.is_open or word_end == end:
                    yield Match(begin, word_end, entry)

    def _censored_in(self, original: str) -> Iterator[Match]:
        """Yield the swear words in `original` that have letters struck out; of several possible ones the mildest."""
        for token in _CENSORED.finditer(original):
            written = token.group().lower()
            kept = sum(letter not in _STRUCK for letter in written)
            if kept == 1 and set(written) & set("-_"):  # `f---` is as likely a blank to fill in
                continue
            words = self._terms.swear_words.get(written[0], ())
            possible = [entry for word, entry in words if _may_be(written, word, entry)]
            if possible:
                yield Match(token.start(), token.end(), min(possible, key=lambda entry: entry.severity))


def labels_of(entry: Entry) -> frozenset[Label]:
    """Return the labels that a match of `entry` counts for: its own, and the attributes that they imply."""
    implied = (row for label in entry.labels for row in ATTRIBUTES.get(label, ()))
    return frozenset(entry.labels) | {attribute for attribute, least in implied if entry.severity >= least}


def score(severities: Iterable[int]) -> float:
    """Return the score of one or more matches, by severity.

    The strongest match gives its score; each further one closes part of the gap to the ceiling of that severity. So one
    match more never lowers a score, and any number of weak matches stays below one strong match.
    """
    strongest, *others = sorted(severities, reverse=True)
    gap = math.prod(1 - FURTHER_MATCH * SCORES[severity] for severity in others)
    return CEILINGS[strongest] - (CEILINGS[strongest] - SCORES[strongest]) * gap


def evidence(matches: Sequence[Match]) -> tuple[Evidence, ...]:
    """Return where `matches` are, strongest first, at most `MAX_EVIDENCE` of them; the weights of all add up to 1."""
    whole = sum(SCORES[match.entry.severity] for match in matches)
    strongest_first = sorted(matches, key=lambda match: (-match.entry.severity, match.begin, match.end))
    return tuple(
        Evidence(
            match.begin,
            match.end,
            weight=SCORES[match.entry.severity] / whole,
            source=f"lexicon:{match.entry.source}:{match.entry.severity}",
        )
        for match in strongest_first[:MAX_EVIDENCE]
    )


@lru_cache(maxsize=1)
def _own_terms() -> _Terms:
    """Return the terms of this package's lists, read once in a process: to expand them takes a second."""
    return _terms_of(read_folder(LISTS, labels=CATEGORIES))


def _terms_of(entries: tuple[Entry, ...]) -> _Terms:
    return _Terms(entries, _automaton(entries), _swear_words(entries))


def _automaton(entries: Iterable[Entry]) -> Any:
    """Return the automaton that finds every form of `entries`; reading it is safe from several threads."""
    by_form: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        own = (entry,)
        changed = [clean(form).text for form in entry.forms if _MAY_CHANGE.search(form)]
        for form in {*entry.forms, *changed}:
            by_form[form] = by_form[form] + own if form in by_form else own
    automaton = ahocorasick.Automaton()
    for form, found in by_form.items():
        automaton.add_word(form, (len(form), found))
    automaton.make_automaton()
    return automaton


def _swear_words(entries: Iterable[Entry]) -> dict[str, list[tuple[str, Entry]]]:
    """Return the single words of the category profanity by their first letter, for finding censored ones."""
    words: dict[str, list[tuple[str, Entry]]] = {}
    for entry in entries:
        for form in entry.forms if Label.PROFANITY in entry.labels else ():
            if form.isalpha():
                words.setdefault(form[0], []).append((form, entry))
    return words


def _may_be(written: str, word: str, entry: Entry) -> bool:
    """Whether `written` is `word` with letters struck out; an open entry may go on after it."""
    fits = len(written) == len(word) or (entry.is_open and len(written) > len(word))
    return fits and all(kept in (letter, *_STRUCK) for kept, letter in zip(written, word, strict=False))


def _views(text: Text) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield `text.clean`, and, where letters are drawn out, versions with such runs cut to one letter and to two.

    Each comes with the offset in `text.clean` of each of its characters and of its end.
    """
    yield text.clean, range(len(text.clean) + 1)
    runs = [run.span() for run in _RUN.finditer(text.clean) if _is_drawn_out(text, *run.span())]
    for kept in (1, 2):
        cut = {at for begin, end in runs for at in range(begin + kept, end)}
        if cut:
            offsets = [at for at in range(len(text.clean)) if at not in cut]
            yield "".join(text.clean[at] for at in offsets), [*offsets, len(text.clean)]


def _is_drawn_out(text: Text, begin: int, end: int) -> bool:
    """Whether a run of one letter in the clean text was three or more in the original, as nobody spells."""
    first, last = text.original_span(begin, end)
    return last - first >= 3  # noqa: PLR2004 - as the line above says


def _without_harmless_phrases(matches: Iterable[Match]) -> Iterator[Match]:
    """Yield those of `matches` that are terms and share no word with a harmless phrase among them."""
    found = list(matches)
    phrases = sorted((match.begin, match.end) for match in found if match.entry.is_allowed)
    begins = [begin for begin, _ in phrases]
    furthest = list(itertools.accumulate((end for _, end in phrases), max))
    for match in found:
        before = bisect.bisect_left(begins, match.end)
        if not match.entry.is_allowed and not (before and match.begin < furthest[before - 1]):
            yield match


def _is_other_word(entry: Entry, text: Text, written: str, read: str) -> bool:
    """Whether what is `written` in `text`, and `read` as a form of `entry`, is a name or another word.

    Cleaning takes accents and digits out of terms too, so `cono`, plainly written, is read as the Spanish term that has
    a tilde, and `Lal` as the term that has a digit.
    """
    if entry.is_name and written.istitle():
        return True
    if entry.is_own_language and any(tag.split("-")[0].lower() != entry.language for tag in text.languages[:1]):
        return True
    is_plainly_written = written.lower() == read and " " not in read
    return is_plainly_written and not any(read.startswith(form) for form in entry.forms)


def _word_end(view: str, at: int) -> int:
    while at < len(view) and view[at].isalnum():
        at += 1
    return at

"""Read word lists: tab-separated files of terms with labels and a severity. It knows nothing of matching or scores.

The form is described for people in docs/lexicons.md. Every mistake is reported with its file and line.
"""

import difflib
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from evenhand.core.conduct import PERSONAL_ATTRIBUTES
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label

#: The columns of a list, as its first line must name them. Those after `severity` may be left out.
COLUMNS: Final = ("term", "labels", "severity", "flags", "language", "note")
SEVERITIES: Final = (1, 2, 3, 4)
#: What an entry may carry in the column `flags`.
FLAGS: Final = MappingProxyType(
    {
        "noun": "also matches with the endings of a noun in its language",
        "verb": "also matches with the endings of an English verb",
        "begins": "matches every word that begins with the term",
        "own-language": "does not count in a text that is known to be in another language",
        "not-a-name": "does not count where it is written like a name, with one capital first",
    }
)
#: In the column `labels`: the phrase is harmless, and terms that share words with it do not count.
ALLOW: Final = "allow"
MAX_FORMS: Final = 4_000

_NOUN_ENDINGS: Final = MappingProxyType(
    {
        "en": ("s", "es", "'s"),
        "de": ("e", "en", "er", "n", "s", "es"),
        "fr": ("s", "e", "es", "x"),
        "es": ("s", "es"),
        "pt": ("s", "es"),
    }
)
_VERB_ENDINGS: Final = ("s", "es", "ed", "er", "ers", "ing", "in", "ings")
_UNREADABLE: Final = re.compile(r"[?*\\\[\]{}^]")
_LETTER: Final = re.compile(r"[^\W_]")
#: What stands between the words of a term.
_BETWEEN_WORDS: Final = str.maketrans(dict.fromkeys("'-.,!0123456789", " "))
_FILLERS: Final = frozenset(["a", "an", "the", "all", "and", "of", "or", "these", "those", "people", "person", "folk"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a word list.

    Args:
        forms: Every spelling that the line stands for, lower-case, endings included.
        labels: What a match is a sign of; empty for a harmless phrase.
        severity: 1 to 4; 0 for a harmless phrase.
        source: The list's name, which is its file's name without the ending.
        language: BCP-47 tag of the language that the term is from.
        is_open: Whether a word may go on after the term.
        is_own_language: Whether it is harmless in another language.
        is_name: Whether it is harmless when it is written like a name.
    """

    forms: tuple[str, ...]
    labels: tuple[Label, ...]
    severity: int
    source: str
    language: str
    is_open: bool
    is_own_language: bool
    is_name: bool

    @property
    def is_allowed(self) -> bool:
        """Whether this is a harmless phrase: terms that share words with it do not count."""
        return not self.labels


class _Mistake(Exception):  # noqa: N818 - never leaves this module
    """What is wrong with one line, and the way out."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def read_folder(folder: Path, *, labels: Collection[Label]) -> tuple[Entry, ...]:
    """Read every `*.tsv` in `folder`, in order of name.

    Raises:
        ConfigurationError: `lexicon.folder` when there is none, else as `read_list`.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise ConfigurationError(
            "lexicon.folder",
            "There is no word list (*.tsv) in this folder.",
            field=str(folder),
            remedy="Name a folder with at least one list, or none.",
        )
    return tuple(entry for path in paths for entry in read_list(path, labels=labels))


def read_list(path: Path, *, labels: Collection[Label]) -> tuple[Entry, ...]:
    """Read one word list, whose entries may carry any of `labels`.

    Raises:
        ConfigurationError: `lexicon.invalid`, with the file and line as its field.
    """
    number = 1
    try:
        rows = _rows(path)
        number, columns = next(rows, (1, ()))
        _check_columns(columns)
        entries = []
        for number, cells in rows:  # noqa: B007 - the error below names the line
            entries.append(_entry(cells, source=path.stem, labels=labels))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "lexicon.invalid", f"The list cannot be read: {error}.", field=str(path), remedy="Save it as UTF-8 text."
        ) from None
    except _Mistake as mistake:
        where = f"{path}:{number}"
        raise ConfigurationError("lexicon.invalid", str(mistake), field=where, remedy=mistake.remedy) from None
    return tuple(entries)


def expand(term: str) -> tuple[str, ...]:
    """Return every spelling that `term` stands for: `(a|b) c` is `a c` and `b c`, and `i'm` is also `im`."""
    raw, end = _alternatives(term.lower(), 0)
    spellings = dict.fromkeys(" ".join(spelling.split()) for spelling in raw)
    is_readable = not _UNREADABLE.search(term) and all(map(_LETTER.search, spellings))
    if end < len(term) or not is_readable:
        raise _Mistake(f"The term {term!r} cannot be read.", "Write words, and alternatives as (one|other).")
    return tuple(dict.fromkeys(form for spelling in spellings for form in (spelling, spelling.replace("'", ""))))


def _alternatives(term: str, at: int) -> tuple[list[str], int]:
    """Return the spellings from `at` up to the closing bracket or the end, and where that is."""
    done: list[str] = []
    current = [""]
    while at < len(term) and term[at] != ")":
        if term[at] == "(":
            inner, at = _alternatives(term, at + 1)
            current = [head + tail for head in current for tail in inner]
            if at == len(term):
                raise _Mistake(f"A bracket is open in {term!r}.", "Close it with ).")
        elif term[at] == "|":
            done, current = done + current, [""]
        else:
            current = [head + term[at] for head in current]
        if len(done) + len(current) > MAX_FORMS:
            raise _Mistake(f"The term {term!r} stands for too many spellings.", f"Split it; {MAX_FORMS} are taken.")
        at += 1
    return done + current, at


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number and cells of each line that is neither empty nor a remark."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, tuple(cell.strip() for cell in line.split("\t"))


def _check_columns(columns: tuple[str, ...]) -> None:
    if columns != COLUMNS[: max(len(columns), 3)]:
        raise _Mistake("The first line does not name the columns.", f"It must be, with tabs: {' '.join(COLUMNS)}.")


def _entry(cells: tuple[str, ...], *, source: str, labels: Collection[Label]) -> Entry:
    if len(cells) > len(COLUMNS):
        raise _Mistake(f"There are {len(cells)} cells.", f"Write at most {len(COLUMNS)}, with tabs between.")
    row = dict(itertools.zip_longest(COLUMNS, cells, fillvalue=""))
    flags = _chosen(row["flags"], FLAGS, what="flag")
    language = row["language"] or "en"
    spellings = expand(row["term"])
    is_allowed = row["labels"] == ALLOW
    if not is_allowed:
        _refuse_names_of_people(spellings)
    return Entry(
        forms=_with_endings(spellings, flags=flags, language=language),
        labels=() if is_allowed else _labels(row["labels"], labels),
        severity=0 if is_allowed else _severity(row["severity"]),
        source=source,
        language=language,
        is_open="begins" in flags,
        is_own_language="own-language" in flags,
        is_name="not-a-name" in flags,
    )


def _labels(cell: str, labels: Collection[Label]) -> tuple[Label, ...]:
    chosen = tuple(Label(name) for name in _chosen(cell, labels, what="label of a word list"))
    if not chosen:
        raise _Mistake("There is no label.", f"Name at least one label, or {ALLOW}.")
    return chosen


def _severity(cell: str) -> int:
    if cell not in map(str, SEVERITIES):
        raise _Mistake(f"The severity is {cell!r}.", "Write 1, 2, 3 or 4.")
    return int(cell)


def _chosen(cell: str, names: Iterable[str], *, what: str) -> tuple[str, ...]:
    """Return the comma-separated names in `cell`, each of which must be one of `names`."""
    chosen = tuple(part.strip() for part in cell.split(",") if part.strip())
    known = [str(name) for name in names]
    for name in chosen:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {close[0]}?" if close else f"Choose from {', '.join(sorted(known))}."
            raise _Mistake(f"{name!r} is no {what}.", remedy)
    return chosen


def _with_endings(spellings: Sequence[str], *, flags: Collection[str], language: str) -> tuple[str, ...]:
    """Return `spellings` and their forms with the endings that `flags` ask for."""
    forms = dict.fromkeys(spellings)
    for spelling in spellings:
        if "noun" in flags:
            forms |= dict.fromkeys(spelling + ending for ending in _NOUN_ENDINGS.get(language, ()))
        if "verb" in flags:
            forms |= dict.fromkeys(stem + ending for stem in _verb_stems(spelling) for ending in _VERB_ENDINGS)
    return tuple(forms)


def _verb_stems(verb: str) -> tuple[str, ...]:
    """Return what endings are put after: `piss`, but also `shit` and `shitt`, `masturbate` and `masturbat`."""
    if verb.endswith("e"):
        return verb, verb[:-1]
    return verb, verb + verb[-1]


def _refuse_names_of_people(spellings: Iterable[str]) -> None:
    """Refuse a term that only names a group, a practice or an attribute of people: naming one is no harm."""
    if not any(map(_is_name_of_people, set(" ".join(spellings).translate(_BETWEEN_WORDS).split()))):
        return  # as for nearly all terms; to look at each spelling would double the time to start
    for spelling in spellings:
        words = [word for word in spelling.translate(_BETWEEN_WORDS).split() if word not in _FILLERS]
        if words and all(map(_is_name_of_people, words)):
            raise _Mistake(
                f"{spelling!r} only names people or an attribute of theirs.",
                "A term must say what somebody does, such as a threat or an insult.",
            )


def _is_name_of_people(word: str) -> bool:
    return not PERSONAL_ATTRIBUTES.isdisjoint((word, word.removesuffix("s")))

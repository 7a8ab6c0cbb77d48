"""Undo disguises in a text and keep the way back to the original.

Detectors read the cleaned text; each of its characters knows the stretch of the original that it came from. Only
disguises are undone: a text in another script, a number, an address or a flag stays what it is.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: A compatibility form that expands to more characters than this (U+FDFA has 18) stays as it is.
_LONGEST_EXPANSION: Final = 4

#: Look-alikes of Latin letters, in lower case: Cyrillic, Greek, phonetic letters and small capitals.
_LOOK_ALIKES: Final = str.maketrans(
    "авеёкмнорстухгіїјѕԁԛԝһьᴦαβγεικνορτυχωηıɑɡɩʀɪʏɴʟʜʙɢᴀᴄᴅᴇᴊᴋᴍᴏᴘꜰꜱᴛᴜᴠᴡᴢǝɐɔʍ",
    "abeekmhopctyxriijsdqwhbrabyeikvoptuxwniagiriynlhbgacdejkmopfstuvwzeacw",
)
_LOOK_ALIKE_LETTERS: Final = frozenset(map(chr, _LOOK_ALIKES))

#: Letters that no decomposition leads to ASCII.
_PLAIN_LETTERS: Final = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"}

_LEET: Final = str.maketrans("0134578@$!|+€", "oieastbasiite")

_SPACES: Final = re.compile(r"\s{2,}|[^\S ]")
_RUN: Final = re.compile(r"([^\W\d_])\1{3,}")
_SPACED_LETTERS: Final = re.compile(r"(?<![^\W_])[^\W\d_]([ .\-_*·])[^\W\d_](?:\1[^\W\d_](?![^\W_]))+")
_TOKEN: Final = re.compile(r"\S+")
#: Digits and signs that stand for letters: inside a word, before two letters, or doubled at its end.
_LEET_INSIDE: Final = re.compile(r"(?<=[a-z])[01345@$!|+€]+(?=[a-z])|(?<=[a-z])[78](?=[a-z]{2})")
_LEET_FIRST: Final = re.compile(r"^[$@5](?=ss|h[i1!]t|h[a@4]g|l[u]t)|^[$](?=[a-z]{2})|^[013](?=[a-z]{3})")
_LEET_LAST: Final = re.compile(r"(?<=[a-z])(?:\$+|55|00|33)$")
_ADDRESS: Final = re.compile(r"://|^www\.|^[#@]\w{3,}|[^@\s]@[^@\s]+\.\w|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/:?]|$)")
_MEASURE: Final = re.compile(r"^\d+[a-z]{1,3}$|^[a-z]{1,4}\d{1,4}$|^0x|^\W*$")

#: An ASCII text that matches none of these has nothing to undo but upper case.
_ODD: Final = re.compile(
    r"[^\x20-\x7e]|  |([A-Za-z])\1\1\1|[A-Za-z][0-9@$!|+][A-Za-z0-9@$!|+]|[A-Za-z](?:\$|55|00|33)(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])(?:[$@5013][A-Za-z]{2}|[A-Za-z][ .\-_*][A-Za-z][ .\-_*][A-Za-z](?![A-Za-z0-9]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text, with the way back.

    Args:
        text: What detectors read.
        begins: Where each character came from: first code point of the original; none when nothing moved.
        ends: One past the last, likewise.
    """

    text: str
    begins: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original_span(self, begin: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that the non-empty stretch `begin:end` of `text` came from."""
        if self.begins is None or self.ends is None:
            return begin, end
        return self.begins[begin], self.ends[end - 1]


def clean(original: str) -> Cleaned:
    """Return `original` cleaned; linear in its length."""
    if original.isascii() and not _ODD.search(original):
        return Cleaned(original.lower())
    piece = _fold(original)
    piece = _substitute(piece, _TOKEN, _undo_look_alikes(piece.text))
    piece = _substitute(piece, _SPACES, lambda _: " ")
    piece = _substitute(piece, _SPACED_LETTERS, lambda match: re.sub(r"[\W_]", "", match[0]))
    piece = _substitute(piece, _TOKEN, lambda match: _undo_leet(match[0]))
    return _substitute(piece, _RUN, lambda match: match[1] * 3)


def _fold(original: str) -> Cleaned:
    """Return `original` by compatibility forms, in lower case, without what cannot be seen."""
    letters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for index, character in enumerate(original):
        folded = _fold_character(character)
        if folded and unicodedata.combining(folded[0]) and (not letters or letters[-1].isascii()):
            folded = ""  # a mark that is piled on a Latin letter
        if not folded:
            if ends:
                ends[-1] = index + 1  # what was dropped belongs to the character before it
            continue
        for part in folded:
            letters.append(part)
            begins.append(index)
            ends.append(index + 1)
    return Cleaned("".join(letters), begins, ends)


@lru_cache(maxsize=8_192)
def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Cc", "Cf"} or "\ufe00" <= character <= "\ufe0f":
        return ""
    code = ord(character)
    if 0x1F150 <= code <= 0x1F169 or 0x1F170 <= code <= 0x1F189:  # noqa: PLR2004 -- enclosed letters, filled
        return chr(ord("a") + (code - 0x1F150) % 0x20)
    folded = unicodedata.normalize("NFKC", character).lower()
    if len(folded) > _LONGEST_EXPANSION:
        return character
    return "".join(_fold_letter(letter) for letter in folded)


def _fold_letter(letter: str) -> str:
    """Take the accent off a Latin letter; other scripts need theirs."""
    if letter in _PLAIN_LETTERS:
        return _PLAIN_LETTERS[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() and base.isalpha() else letter


def _undo_look_alikes(text: str) -> Callable[[re.Match[str]], str]:
    """Return what to make of each word: look-alikes become Latin where a word or the text around it is Latin."""
    latin = sum(letter.isascii() for letter in text if letter.isalpha())
    is_mainly_latin = latin * 2 > sum(map(str.isalpha, text))

    def undo(match: re.Match[str]) -> str:
        word = match[0]
        if word.isascii():
            return word
        letters = [letter for letter in word if letter.isalpha()]
        others = [letter for letter in letters if not letter.isascii()]
        is_mixed = len(others) < len(letters)
        if others and (is_mixed or is_mainly_latin) and all(letter in _LOOK_ALIKE_LETTERS for letter in others):
            return word.translate(_LOOK_ALIKES)
        return word

    return undo


def _undo_leet(word: str) -> str:
    if word.isalpha() or not word.isascii() or _ADDRESS.search(word) or _MEASURE.search(word):
        return word
    core = word.rstrip(".,;:?!\"')")
    tail = word[len(core) :]
    for pattern in (_LEET_FIRST, _LEET_INSIDE, _LEET_LAST):
        core = pattern.sub(lambda match: match[0].translate(_LEET), core)
    return core + tail


def _substitute(cleaned: Cleaned, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Cleaned:
    """Return `cleaned` with every match replaced and the way back kept.

    A replacement of the same length maps letter by letter; any other maps each letter to the whole of the match.
    """
    begins, ends = cleaned.begins, cleaned.ends
    assert begins is not None and ends is not None  # noqa: S101, PT018 -- only folded text comes here
    letters: list[str] = []
    new_begins: list[int] = []
    new_ends: list[int] = []
    last = 0
    for match in pattern.finditer(cleaned.text):
        replacement = replace(match)
        if replacement == match[0]:
            continue
        begin, end = match.span()
        letters += (cleaned.text[last:begin], replacement)
        new_begins += begins[last:begin]
        new_ends += ends[last:begin]
        if len(replacement) == end - begin:
            new_begins += begins[begin:end]
            new_ends += ends[begin:end]
        else:
            places = _spread(match[0], replacement)
            new_begins += [begins[begin + first] for first, _ in places]
            new_ends += [ends[begin + last_ - 1] for _, last_ in places]
        last = end
    if not letters:
        return cleaned
    letters.append(cleaned.text[last:])
    new_begins += begins[last:]
    new_ends += ends[last:]
    return Cleaned("".join(letters), new_begins, new_ends)


def _spread(before: str, after: str) -> list[tuple[int, int]]:
    """Return for each character of `after` the stretch of `before` that it stands for; the last takes what is left."""
    places: list[tuple[int, int]] = []
    at = 0
    for character in after:
        found = before.find(character, at)
        at = found + 1 if found >= 0 else at
        places.append((max(at - 1, 0), max(at, 1)))
    places[-1] = (places[-1][0], len(before))
    return places

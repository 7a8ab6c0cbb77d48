"""Make every character of a text visible and harmless to the page around it.

Control, zero-width and direction-changing characters become signs. What belongs to ordinary writing stays: line ends,
tabs, joiners inside an emoji, and the format characters that Arabic and other scripts print.
"""

import itertools
import unicodedata
from collections.abc import Iterator

from evenhand.console.contexts import Piece

#: Invisible characters that Unicode does not count among controls or format characters.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

#: Format characters that are printed, such as the Arabic end of verse.
_PRINTED = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")

_ORDINARY = frozenset("\n\t")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})
_JOINER = "\u200d"
_EMOJI_CATEGORIES = frozenset({"So", "Sk"})
_EMOJI_STYLE = "\ufe0f"
_DELETE = "\x7f"


def pieces(text: str, begin: int, end: int) -> tuple[Piece, ...]:
    """Return `text[begin:end]` as pieces: runs of plain characters, and a sign for each run of an invisible one."""
    return tuple(_pieces(text, begin, end))


def _pieces(text: str, begin: int, end: int) -> Iterator[Piece]:
    signs = (text[place] if is_invisible(text, place) else "" for place in range(begin, end))
    place = begin
    for character, run in itertools.groupby(signs):
        length = sum(1 for _ in run)
        if character:
            yield _sign(character, length)
        else:
            yield Piece(text[place : place + length], "")
        place += length


def is_invisible(text: str, place: int) -> bool:
    """Tell whether the character at `place` needs a sign to be seen."""
    character = text[place]
    if character in _FILLERS:
        return True
    if unicodedata.category(character) not in _INVISIBLE_CATEGORIES:
        return False
    if character == _JOINER:
        return not _joins_emoji(text, place)
    return character not in _ORDINARY and character not in _PRINTED


def _joins_emoji(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return bool(
        before
        and after
        and (before == _EMOJI_STYLE or unicodedata.category(before) in _EMOJI_CATEGORIES)
        and unicodedata.category(after) in _EMOJI_CATEGORIES
    )


def _sign(character: str, count: int) -> Piece:
    point = ord(character)
    code = f"U+{point:04X}"
    if point < ord(" "):
        shown = chr(0x2400 + point)  # Unicode has a picture of each of these.
    elif character == _DELETE:
        shown = "\u2421"
    else:
        shown = code
    name = unicodedata.name(character, "control character")
    times = f" \N{MULTIPLICATION SIGN}{count}" if count > 1 else ""
    return Piece(f"{shown}{times}", f"{code} {name}{times}")

"""Sentences, and offsets as JavaScript counts them."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

#: Begin and end, the end exclusive.
Place: TypeAlias = tuple[int, int]

#: Ends of sentences in the scripts that texts come in, with closing quotes and brackets, or a line break.
_SENTENCE_END: Final = re.compile(r"(?:[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+[」』”]*|\n)\s*")  # noqa: RUF001

#: Sentences that get a score of their own; what follows them is one more.
_MOST_SENTENCES: Final = 63


def sentences(text: str) -> list[Place]:
    """Return the place of each sentence of `text` in code points; together they cover all of it.

    What has no visible character of its own goes with the sentence before it, or the first one.
    """
    last_visible = len(text.rstrip())
    places: list[Place] = []
    begin = 0
    for match in _SENTENCE_END.finditer(text):
        if len(places) == _MOST_SENTENCES or match.end() >= last_visible:
            break
        if not text[begin : match.end()].isspace():
            places.append((begin, match.end()))
            begin = match.end()
    return [*places, (begin, len(text))]


def utf16_places(text: str, places: Iterable[Place]) -> list[Place]:
    """Return `places`, which follow on one another from the start of `text`, in UTF-16 code units."""
    found = []
    at = 0
    for begin, end in places:
        units = len(text[begin:end].encode("utf-16-le")) // 2
        found.append((at, at + units))
        at += units
    return found

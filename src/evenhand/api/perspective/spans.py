"""Sentences, and offsets as JavaScript counts them."""

import re
from typing import Final

#: Ends of sentences in the scripts that texts come in, with closing quotes and brackets, or a line break.
_SENTENCE_END: Final = re.compile(r"(?:[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+[」』”]*|\n)\s*")  # noqa: RUF001

#: Sentences that get a score of their own; what follows them is one more.
_MOST_SENTENCES: Final = 63


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (begin, end) of each sentence of `text` in code points; together they cover all of it.

    What has no visible character of its own goes with the sentence before it, or the first one.
    """
    last_visible = len(text.rstrip())
    places: list[tuple[int, int]] = []
    begin = 0
    for match in _SENTENCE_END.finditer(text):
        if len(places) == _MOST_SENTENCES or match.end() >= last_visible:
            break
        if not text[begin : match.end()].isspace():
            places.append((begin, match.end()))
            begin = match.end()
    return [*places, (begin, len(text))]


class Utf16:
    """Turns offsets in code points of one text into offsets in UTF-16 code units."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_same = all(character <= "\uffff" for character in text) if not text.isascii() else True

    def offset(self, code_points: int) -> int:
        """Return how many UTF-16 code units the first `code_points` code points take."""
        if self._is_same:
            return code_points
        return len(self._text[:code_points].encode("utf-16-le")) // 2

"""Write texts the way people hide words, to train a model and to measure it. All chance comes from outside."""

import random
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from evenhand.detectors.wordpiece import PICTURES

_DIGITS: Final = MappingProxyType({"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"})
#: Cyrillic letters that look like Latin ones.
_TWINS: Final = MappingProxyType(dict(zip("aeopcxiy", "\u0430\u0435\u043e\u0440\u0441\u0445\u0456\u0443", strict=True)))
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\u00ad"
_REPLACED: Final = 0.6

Disguise = Callable[[str, random.Random], str]


def _digits(word: str, chooser: random.Random) -> str:
    return "".join(
        chooser.choice(_DIGITS[letter.lower()])
        if letter.lower() in _DIGITS and chooser.random() < _REPLACED
        else letter
        for letter in word
    )


def _twins(word: str, chooser: random.Random) -> str:
    return "".join(_TWINS[letter] if letter in _TWINS and chooser.random() < _REPLACED else letter for letter in word)


def _spaced(word: str, chooser: random.Random) -> str:
    return chooser.choice(" .-_*").join(word)


def _drawn_out(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word))
    return word[:at] + word[at - 1] * chooser.randint(2, 5) + word[at:]


def _invisible(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word))
    return word[:at] + chooser.choice(_INVISIBLE) + word[at:]


def _struck_out(word: str, chooser: random.Random) -> str:
    at, count = chooser.randrange(1, len(word)), chooser.choice((1, 1, 2))
    return word[:at] + chooser.choice("***#-_") * count + word[at + count :]


def _swapped(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(len(word))
    return word[:at] + word[at] + word[at:]


def _pictured(word: str, chooser: random.Random) -> str:
    pictures = [picture for picture, meant in PICTURES.items() if meant == word.lower()]
    return chooser.choice(pictures) if pictures else word


#: What may be done to a word of three letters or more, by name.
DISGUISES: Final = MappingProxyType(
    {
        "digits for letters": _digits,
        "look-alikes": _twins,
        "letters set apart": _spaced,
        "letters drawn out": _drawn_out,
        "invisible characters": _invisible,
        "letters struck out": _struck_out,
        "letters swapped": _swapped,
        "letters dropped": _dropped,
        "letters doubled": _doubled,
    }
)
#: What is measured as well, but not trained on: reading takes it back word for word.
ATTACKS: Final = MappingProxyType({**DISGUISES, "pictures for words": _pictured})
_LEAST_LETTERS: Final = 3
#: How many of a text's words are disguised.
_SHARES: Final = (0.15, 0.3, 0.6)


def disguise(text: str, chooser: random.Random, *, kind: str = "", share: float = 0.0) -> str:
    """Return `text` with some of its words disguised.

    Args:
        text: Any text.
        chooser: Where chance comes from.
        kind: One of `ATTACKS`; by default any of `DISGUISES`.
        share: Share of words, 0..1; by default chosen.
    """
    change: Disguise = ATTACKS[kind or chooser.choice(tuple(DISGUISES))]
    share = share or chooser.choice(_SHARES)
    return " ".join(
        change(word, chooser) if len(word) >= _LEAST_LETTERS and chooser.random() < share else word
        for word in text.split(" ")
    )

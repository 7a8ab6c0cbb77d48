"""Cut texts into the pieces that a BERT-like encoder reads, with where each came from. It knows nothing of models.

The method is WordPiece (Wu et al. 2016), as BERT's uncased vocabularies use it: the longest known piece first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from evenhand.core.errors import ConfigurationError

#: Longer words are unknown as a whole, as for BERT: nothing that long is one.
LONGEST_WORD: Final = 100
_REMEMBERED_WORDS: Final = 20_000
#: Words, single signs, and characters of scripts that are written without spaces.
_WORD: Final = re.compile(r"_|[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]")

_PICTURES: Final = """
🔪knife 🗡dagger 🔫gun 💣bomb 🪓axe 🔨hammer 🔥fire ⚰coffin 🩸blood
💀dead ☠skull 👊punch 🖕fuck 🐷pig 🐖pig 🐒monkey 🐵monkey 🐀rat
🐭mouse 🐍snake 🐕dog 🐶dog 🐮cow 🐄cow 🐋whale 🪳insect 💩crap
🤡clown 🗑trash 🧠brain 💊pills 💉needle 💰money 💵money 🎁gift 📞phone
📩mail 🍆penis 🍑butt
"""
#: Pictures that people write for words. Vocabularies have few pictures, but a word has a meaning that was learned.
PICTURES: Final = MappingProxyType({item[0]: item[1:] for item in _PICTURES.split()})

Piece = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text in pieces.

    Args:
        ids: Number of each piece in the vocabulary.
        begins: Offset of its first character.
        ends: One past its last character.
    """

    ids: Sequence[int]
    begins: Sequence[int]
    ends: Sequence[int]


class WordPiece:
    """Cuts lower-case texts by a vocabulary.

    Args:
        vocabulary: The pieces in the order of their numbers; those that go on a word begin with `##`.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self.begin = self._numbers["[CLS]"]
        self.end = self._numbers["[SEP]"]
        self._unknown = self._numbers["[UNK]"]
        self._cut = lru_cache(_REMEMBERED_WORDS)(self._cut_anew)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a vocabulary with one piece a line.

        Raises:
            ConfigurationError: `model.missing` or `model.damaged`.
        """
        remedy = "Reinstall evenhand, or name a folder with a whole model."
        try:
            return cls(path.read_text(encoding="utf-8").splitlines())
        except FileNotFoundError:
            raise ConfigurationError(
                "model.missing", f"There is no vocabulary {path}.", field=str(path), remedy=remedy
            ) from None
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise ConfigurationError(
                "model.damaged", f"The vocabulary {path} cannot be read: {error}.", field=str(path), remedy=remedy
            ) from error

    def pieces(self, text: str) -> Pieces:
        """Return the pieces of `text`, without the marks for its begin and end."""
        found = [
            (number, word.start() + begin, word.start() + end)
            for word in _WORD.finditer(text)
            for number, begin, end in self._cut(word[0])
        ]
        ids, begins, ends = zip(*found, strict=True) if found else ((), (), ())
        return Pieces(ids, begins, ends)

    def _cut_anew(self, word: str) -> tuple[Piece, ...]:
        known = self._numbers.get(PICTURES.get(word, ""), self._unknown)
        whole = ((known, 0, len(word)),)
        if word in PICTURES or len(word) > LONGEST_WORD:
            return whole
        pieces = []
        at = 0
        while at < len(word):
            piece = self._longest_from(word, at)
            if piece is None:
                return whole
            pieces.append(piece)
            at = piece[2]
        return tuple(pieces)

    def _longest_from(self, word: str, at: int) -> Piece | None:
        mark = "##" if at else ""
        for end in range(len(word), at, -1):
            if (number := self._numbers.get(mark + word[at:end])) is not None:
                return number, at, end
        return None

"""Turn texts into hashed n-grams of characters and words, whole batches at once and in numpy alone.

One polynomial hash over all texts gives the hash of any stretch from two look-ups, so nothing loops over characters.
It knows nothing of labels or weights. Every change here changes what the first model's weights mean.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

#: Hashes fall into 2 ** BUCKET_BITS buckets.
BUCKET_BITS: Final = 20
#: Lengths of the stretches of characters that are taken; the boundary of a word counts as one character.
CHARACTER_ORDERS: Final = (2, 3, 4, 5, 6)
#: How many words in a row are taken.
WORD_ORDERS: Final = (1, 2, 3)

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
HashArray = npt.NDArray[np.uint64]

_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 2**64)
_SPACE: Final = ord(" ")
_BMP: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every n-gram of a batch of texts, one element each.

    Args:
        text: Index of the text.
        bucket: Where the n-gram hashes to.
        begin: Offset of its first character in its text.
        end: One past its last character.
    """

    text: IntArray
    bucket: IntArray
    begin: IntArray
    end: IntArray


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each bucket occurs in each text, ordered by text and bucket.

    Args:
        text: Index of the text.
        bucket: The bucket.
        count: How many occurrences fall into it.
        group: For each occurrence, the index of its element here.
    """

    text: IntArray
    bucket: IntArray
    count: IntArray
    group: IntArray


@dataclass(frozen=True, slots=True)
class _Stream:
    """All words of a batch with one space around each; everything that is no part of a word is left out.

    `code` holds code points, `text` and `offset` say where each comes from, and `space` where the spaces are.
    """

    code: IntArray
    text: IntArray
    offset: IntArray
    space: IntArray


def find_occurrences(texts: Sequence[str]) -> Occurrences:
    """Return every n-gram of `texts`. Those of a text do not depend on its neighbours."""
    stream = _read(texts)
    prefix, inverse = _prefix_hashes(stream.code)
    parts = []
    for seed, (first, past) in enumerate((*_character_stretches(stream), *_word_stretches(stream)), start=1):
        hashes = _mix((prefix[past] - prefix[first]) * inverse[first] + np.uint64(seed * _BASE % 2**64))
        buckets = (hashes >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
        parts.append((stream.text[first], buckets, stream.offset[first], stream.offset[past - 1] + 1))
    text, bucket, begin, end = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Occurrences(text, bucket, begin, end)


def count_buckets(occurrences: Occurrences) -> Counts:
    """Count the occurrences of each bucket in each text."""
    keys = (occurrences.text << BUCKET_BITS) | occurrences.bucket
    distinct, group, count = np.unique(keys, return_inverse=True, return_counts=True)
    return Counts(distinct >> BUCKET_BITS, distinct & ((1 << BUCKET_BITS) - 1), count, group)


def _read(texts: Sequence[str]) -> _Stream:
    """Lay out the words of `texts` one after the other, each text between spaces of its own."""
    padded = [f" {text} " for text in texts]
    lengths = np.array([len(text) for text in padded], np.int64)
    code = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    text = np.repeat(np.arange(len(padded)), lengths)
    offset = np.arange(len(code)) - np.repeat(np.cumsum(lengths) - lengths, lengths) - 1
    code = np.where(_is_word_character(code), code, _SPACE)
    is_space = code == _SPACE
    same_as_before = (code == _shifted(code, 1)) & (text == _shifted(text, 1))
    is_drawn_out = same_as_before & ~is_space & _is_in_long_run(code)
    kept = np.flatnonzero(~((is_space & same_as_before) | is_drawn_out))
    return _Stream(code[kept], text[kept], offset[kept], np.flatnonzero(is_space[kept]))


def _is_in_long_run(code: IntArray) -> npt.NDArray[np.bool_]:
    """Whether each character stands in a run of three or more of its kind that does not begin its word.

    Such runs are drawn-out words; `www` and the like begin theirs and stay.
    """
    starts = np.flatnonzero(code != _shifted(code, 1))
    lengths = np.diff(starts, append=len(code))
    is_long = (lengths > 2) & (_shifted(code, 1)[starts] != _SPACE)  # noqa: PLR2004 -- words have two in a row at most
    return np.repeat(is_long, lengths)


def _shifted(values: IntArray, by: int) -> IntArray:
    """Return `values` moved `by` places to the right, with -1 in front."""
    return np.concatenate((np.full(by, -1), values[:-by]))


def _character_stretches(stream: _Stream) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield, for each order, where stretches inside a word and its two boundaries begin and end."""
    size = len(stream.code)
    here = np.arange(size)
    next_space = np.repeat(np.append(stream.space, size - 1), np.diff(stream.space, prepend=0, append=size))
    begins_nothing = (stream.code == _SPACE) & (next_space == here + 1)
    last = np.where(begins_nothing, here, next_space)
    for order in CHARACTER_ORDERS:
        first = np.flatnonzero(here + order - 1 <= last)
        yield first, first + order


def _word_stretches(stream: _Stream) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield, for each order, where sequences of that many words of one text begin and end."""
    left, right = stream.space[:-1], stream.space[1:]
    is_word = right > left + 1
    begins, ends = left[is_word] + 1, right[is_word]
    for order in WORD_ORDERS:
        first, past = begins[: max(len(begins) - order + 1, 0)], ends[order - 1 :]
        in_one_text = stream.text[first] == stream.text[past - 1]
        yield first[in_one_text], past[in_one_text]


def _prefix_hashes(code: IntArray) -> tuple[HashArray, HashArray]:
    """Return the hash of every prefix, and the factor that makes a stretch's hash independent of where it begins."""
    powers, inverse = _powers(1 << max(len(code), 1).bit_length())
    letters = _mix(code.astype(np.uint64))
    prefix = np.zeros(len(code) + 1, np.uint64)
    np.cumsum(letters * powers[: len(code)], out=prefix[1:])
    return prefix, inverse


@cache
def _powers(size: int) -> tuple[HashArray, HashArray]:
    """Return the first powers of the base and of its inverse, modulo 2 ** 64."""
    powers, inverse = np.full((2, size), [[_BASE], [_INVERSE]], np.uint64)
    powers[0] = inverse[0] = 1
    return np.cumprod(powers), np.cumprod(inverse)


def _mix(values: HashArray) -> HashArray:
    """Spread the bits of `values` (splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _is_word_character(code: IntArray) -> npt.NDArray[np.bool_]:
    """Whether each code point belongs to words; of those beyond the first plane, which are mostly emoji, all do."""
    return np.asarray(_word_characters()[np.minimum(code, _BMP)])


@cache
def _word_characters() -> npt.NDArray[np.bool_]:
    """Return a table of letters, marks, digits, pictures and the star that stands for struck-out letters."""
    kinds: Any = (unicodedata.category(chr(code)) for code in range(_BMP))
    table = np.fromiter((kind[0] in "LMN" or kind == "So" for kind in kinds), np.bool_, _BMP)
    table[ord("*")] = True
    return np.append(table, True)

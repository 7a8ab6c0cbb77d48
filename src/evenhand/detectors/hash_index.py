"""An index of hashes: every entry within a distance, out of millions, while entries come and go.

Nothing is missed. A hash of 256 bits is cut into chunks, and each chunk gets a share of the distance, such that two
hashes that are close enough must be within its share in at least one chunk: the pigeonhole principle. So the entries
that have a nearly equal chunk are looked up, and nothing else is looked at. Beside each stands its next chunk: in the
ring of chunks, at least one is within its share also together with the next one (the "pigeonring" of Qin and Xiao, VLDB
2018). That leaves a few entries out of thousands whose whole hash has to be read.

Entries lie in segments, each a quarter as large as the one before it or less: what is new goes into a small last one,
and neighbours are merged when they have grown alike. So an entry is found at once, and a large segment is seldom built.
"""

import functools
import itertools
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint8]
"""Shape (count, bytes of a hash)."""
Ints = npt.NDArray[np.int64]

_Words = npt.NDArray[np.uint64]
_Pairs = tuple[Ints, Ints, Ints]
"""Which of the hashes that are looked up, the entry's place in the segment, and how far they are apart."""

#: So many entries are compared one by one: no table is faster.
SMALL: Final = 4_096
#: A segment that is less than so many times as large as the next one is merged with it.
_RATIO: Final = 4
#: Hashes that are looked up together, and the most entries that are looked at for several at once.
_BLOCK: Final = 32
_MOST_AT_ONCE: Final = 4_000_000
#: Rows of a table that are made at once.
_ROWS: Final = 65_536
_HALF: Final = np.uint64(32)
_BITS: Final = 256
_SEED: Final = 20261126
#: Into how many chunks a hash may be cut; fewer look around farther, more find more by chance.
_CHUNK_COUNTS: Final = range(11, 25)
#: What an entry that is looked at costs, by what a look-up costs.
_ENTRY_COST: Final = 0.6
#: Most values of all chunks together: for each entry, and for a few entries; they cost 8 bytes each.
_MOST_SLOTS: Final = 12
_FEW_SLOTS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of a hash that was looked up and an entry that is close; four arrays of one length.

    Args:
        queries: Which of the hashes that were looked up.
        ids: The entry's id.
        banks: The id of the bank that it is in.
        distances: In how many bits they differ.
    """

    queries: Ints
    ids: Ints
    banks: Ints
    distances: Ints


class HashIndex:
    """An index of hashes made by one algorithm. Looking up is safe from any thread, and never waits for a change.

    Args:
        length: Bytes of a hash: 16 or 32.
        distance: The farthest that can be asked for.
    """

    def __init__(self, *, length: int, distance: int) -> None:
        self._length = length
        self._distance = distance
        self._segments: tuple[_Segment, ...] = ()
        self._changing = threading.Lock()

    def __len__(self) -> int:
        """Return how many entries there are."""
        return sum(segment.count for segment in self._segments)

    def bank_ids(self) -> set[int]:
        """Return the banks that have an entry."""
        return {
            bank for one in self._segments for bank in np.flatnonzero(np.bincount(one.banks[one.is_there])).tolist()
        }

    def add(self, ids: Ints, banks: Ints, hashes: Hashes) -> None:
        """Add entries; one whose id is there already is replaced, and of two with one id the last counts."""
        if not len(ids):
            return
        new = _Segment(ids, banks, hashes.reshape(-1, self._length), self._distance)
        with self._changing:
            old = self._segments
            self._segments = (*old, new)
            self._take_out(old, lambda segment: segment.places(ids))

    def remove(self, ids: Ints) -> None:
        """Take out the entries with these ids, as far as they are there."""
        with self._changing:
            self._take_out(self._segments, lambda segment: segment.places(ids))

    def remove_bank(self, bank: int) -> None:
        """Take out all entries of a bank."""
        with self._changing:
            self._take_out(self._segments, lambda segment: np.flatnonzero(segment.banks == bank))

    def find(self, hashes: Hashes, *, distance: int) -> Matches:
        """Return every entry within `distance` of each of `hashes`."""
        segments = self._segments
        parts: list[tuple[npt.NDArray[Any], ...]] = [(np.zeros(0, np.int64),) * 4]
        for begin in range(0, len(hashes), _BLOCK):
            block = np.ascontiguousarray(hashes[begin : begin + _BLOCK])
            for segment in segments:
                queries, places, distances = segment.near(block, distance)
                parts.append((queries + begin, segment.ids[places], segment.banks[places], distances))
        return Matches(*(np.concatenate(columns).astype(np.int64) for columns in zip(*parts, strict=True)))

    def _take_out(self, segments: Sequence["_Segment"], places: Callable[["_Segment"], Ints]) -> None:
        for segment in segments:
            segment.take_out(places(segment))
        # Up to half of a segment may be gone before it is built anew.
        kept = [one if one.count > len(one.ids) / 2 else _merged(one) for one in self._segments if one.count]
        while len(kept) > 1 and _should_merge(kept[-2].count, kept[-1].count):
            kept[-2:] = [_merged(*kept[-2:])]
        self._segments = tuple(kept)


def _should_merge(count: int, next_count: int) -> bool:
    return count < _RATIO * next_count or count + next_count <= SMALL


class _Segment:
    """Entries that do not change, but for being taken out; in the order of their ids."""

    def __init__(self, ids: Ints, banks: Ints, hashes: Hashes, distance: int) -> None:
        order: Ints | slice = slice(None)
        if (ids[1:] <= ids[:-1]).any():
            order = np.argsort(ids, kind="stable")
            # An id that is there twice would come back when it is taken out once.
            order = order[np.append(ids[order][1:] != ids[order][:-1], [True])]
        self.ids = ids[order]
        self.banks = banks[order].astype(np.int32)
        self.hashes = np.ascontiguousarray(hashes[order])
        self.is_there = np.ones(len(self.ids), bool)
        self.count = len(self.ids)
        self.distance = distance
        kind = _Scan if self.count <= SMALL else _Chunks if distance else _Sorted
        self._table: _Scan | _Chunks | _Sorted = kind(self.hashes, distance)

    def near(self, hashes: Hashes, distance: int) -> _Pairs:
        """Return each of `hashes` with each entry that is within `distance`."""
        queries, places, distances = self._table.near(hashes, distance)
        still = np.flatnonzero(self.is_there[places])
        return queries[still], places[still], distances[still]

    def places(self, ids: Ints) -> Ints:
        """Return where those of the entries with these ids are that are here."""
        places = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        here: Ints = places[self.ids[places] == ids]
        return here

    def take_out(self, places: Ints) -> None:
        """Take out the entries at `places`."""
        self.is_there[places] = False
        self.count = int(np.count_nonzero(self.is_there))


def _merged(*segments: _Segment) -> _Segment:
    """Return one segment of all entries that are still in `segments`."""
    return _Segment(
        np.concatenate([one.ids[one.is_there] for one in segments]),
        np.concatenate([one.banks[one.is_there] for one in segments]),
        np.concatenate([one.hashes[one.is_there] for one in segments]),
        segments[0].distance,
    )


class _Scan:
    """Compares a hash with every entry."""

    def __init__(self, hashes: Hashes, _: int) -> None:
        self._columns = np.ascontiguousarray(hashes.view(np.uint64).T)

    def near(self, hashes: Hashes, distance: int) -> _Pairs:
        """As `_Segment.near`."""
        distances = np.zeros((len(hashes), self._columns.shape[1]), np.int16)
        for words, column in zip(hashes.view(np.uint64).T, self._columns, strict=True):
            distances += np.bitwise_count(words[:, None] ^ column)
        queries, places = np.nonzero(distances <= distance)
        return queries, places, distances[queries, places].astype(np.int64)


class _Sorted:
    """Finds equal hashes only, by their first eight bytes."""

    def __init__(self, hashes: Hashes, _: int) -> None:
        self._words = hashes.view(np.uint64)
        self._order = np.argsort(self._words[:, 0])
        self._firsts = self._words[self._order, 0]

    def near(self, hashes: Hashes, _: int) -> _Pairs:
        """As `_Segment.near`, at distance 0."""
        words = hashes.view(np.uint64)
        begins = np.searchsorted(self._firsts, words[:, 0], side="left")
        counts = np.searchsorted(self._firsts, words[:, 0], side="right") - begins
        queries = np.repeat(np.arange(len(words)), counts)
        places = self._order[_runs(begins, counts)]
        equal = (words[queries] == self._words[places]).all(axis=1)
        return queries[equal], places[equal], np.zeros(np.count_nonzero(equal), np.int64)


class _Chunks:
    """Finds hashes by nearly equal chunks."""

    def __init__(self, hashes: Hashes, distance: int) -> None:
        self._words = hashes.view(np.uint64)
        self._layout = _layout(_best_chunk_count(len(hashes), distance))
        self._runs, self._entries = self._build(hashes)

    def near(self, hashes: Hashes, distance: int) -> _Pairs:
        """As `_Segment.near`."""
        plan = _plan(self._layout, distance)
        keys = self._layout.keys(hashes)
        slots = (keys + self._layout.begins)[:, plan.chunks] ^ plan.flips
        runs = self._runs.take(slots)
        counts = runs.astype(np.uint32)
        sums = np.add.reduceat(counts, plan.firsts, axis=1, dtype=np.int64)
        if len(hashes) > 1 and sums.sum() > _MOST_AT_ONCE:
            return self._near_in_halves(hashes, distance)
        found = self._entries.take(_runs((runs >> _HALF).astype(np.uint32).ravel(), counts.ravel()))
        nexts = np.repeat(keys[:, plan.nexts].astype(np.uint64) << _HALF, sums.ravel())
        nexts ^= found
        nexts >>= _HALF
        promising = np.flatnonzero(np.bitwise_count(nexts) <= plan.most_with_next)
        queries = np.searchsorted(np.cumsum(sums.sum(axis=1)), promising, side="right")
        return self._verified(hashes, queries, found[promising].astype(np.uint32).astype(np.int64), distance)

    def _near_in_halves(self, hashes: Hashes, distance: int) -> _Pairs:
        half = len(hashes) // 2
        (queries, *first), (later, *second) = (self.near(hashes[:half], distance), self.near(hashes[half:], distance))
        places, distances = (np.concatenate(pair) for pair in zip(first, second, strict=True))
        return np.concatenate([queries, later + half]), places, distances

    def _verified(self, hashes: Hashes, queries: Ints, places: Ints, distance: int) -> _Pairs:
        counts = np.bitwise_count(hashes.view(np.uint64)[queries] ^ self._words[places])
        distances = counts.sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(distances <= distance)
        # Several chunks may have led to one entry.
        _, first = np.unique(queries[near] << 32 | places[near], return_index=True)
        near = near[first]
        return queries[near], places[near], distances[near]

    def _build(self, hashes: Hashes) -> tuple[_Words, _Words]:
        """Return for each value of each chunk where its entries begin and how many there are, and the entries.

        An entry is its next chunk and its place in one number, so that both come with one look into memory.
        """
        layout, count = self._layout, len(hashes)
        keys = np.empty((layout.count, count), np.uint32)
        for at in range(0, count, _ROWS):
            keys[:, at : at + _ROWS] = layout.keys(hashes[at : at + _ROWS]).T
        runs = np.empty(layout.slots, np.uint64)
        entries = np.empty((layout.count, count), np.uint64)
        for chunk, (begin, size) in enumerate(zip(layout.begins, layout.sizes, strict=True)):
            order = keys[chunk].astype(np.uint64) << _HALF | np.arange(count, dtype=np.uint64)
            order.sort()
            places = order.astype(np.uint32)
            entries[chunk] = keys[(chunk + 1) % layout.count][places]
            entries[chunk] <<= _HALF
            entries[chunk] |= places
            counts = np.bincount(keys[chunk], minlength=size).astype(np.uint64)
            runs[begin : begin + size] = np.cumsum(counts) - counts + np.uint64(chunk * count) << _HALF | counts
        return runs, entries.ravel()


def _runs(begins: npt.NDArray[np.integer[Any]], counts: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.integer[Any]]:
    """Return the numbers from each of `begins` on, as many as the same place of `counts` says."""
    ends = np.cumsum(counts, dtype=counts.dtype)
    numbers = np.repeat(begins - ends + counts, counts)
    numbers += np.arange(len(numbers), dtype=numbers.dtype)
    return numbers


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to look up for a distance.

    Args:
        chunks: Of each look-up, the chunk.
        flips: Of each look-up, the bits of the chunk that are flipped.
        firsts: Of each chunk that is looked up, which look-up is its first.
        nexts: Of each chunk that is looked up, the next one.
        most_with_next: In how many bits a chunk and the next one may differ together.
    """

    chunks: Ints
    flips: Ints
    firsts: Ints
    nexts: Ints
    most_with_next: int


class _Layout:
    """How a hash is cut into `count` chunks.

    Bits are dealt out in a random order, which is always the same: in pictures, neighbours are not independent, and
    some values of a chunk of neighbours would be far more frequent than others.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        chunks = np.array_split(np.random.default_rng(_SEED).permutation(_BITS), count)
        self.sizes = np.array([1 << len(chunk) for chunk in chunks])
        # The largest are first, so that a chunk's begin has none of the bits of its values.
        self.begins = np.cumsum(self.sizes) - self.sizes
        self.slots = int(self.sizes.sum())
        self._columns = np.full((count, 32), _BITS)
        for row, chunk in zip(self._columns, chunks, strict=True):
            row[32 - len(chunk) :] = chunk

    def keys(self, hashes: Hashes) -> Ints:
        """Return the values of all chunks, shape (hashes, chunks)."""
        bits = np.zeros((len(hashes), _BITS + 1), np.uint8)  # the last column stays 0
        bits[:, :_BITS] = np.unpackbits(hashes, axis=1)
        return np.packbits(bits.take(self._columns.ravel(), axis=1), axis=1).view(">u4").astype(np.int64)


@functools.cache
def _plan(layout: _Layout, distance: int) -> _Plan:
    """Return what to look up for `distance`."""
    shares = _shares(layout.count, distance)
    chunks = [chunk for chunk, share in enumerate(shares) if share >= 0]
    flips = [_flips(int(layout.sizes[chunk]).bit_length() - 1, shares[chunk]) for chunk in chunks]
    counts = np.array([len(one) for one in flips])
    nexts = (np.array(chunks) + 1) % layout.count
    most = max(shares[chunk] + shares[following] + 1 for chunk, following in zip(chunks, nexts, strict=True))
    return _Plan(np.repeat(chunks, counts), np.concatenate(flips), np.cumsum(counts) - counts, nexts, most)


_layout = functools.cache(_Layout)


def _shares(count: int, distance: int) -> list[int]:
    """Return how far each of `count` chunks is looked around; below 0: not looked up at all.

    If every chunk differed in more bits than its share, all would differ in `distance` + 1 bits.
    """
    share, more = divmod(distance + 1, count)
    return [share if chunk < more else share - 1 for chunk in range(count)]


def _flips(bits: int, share: int) -> Ints:
    """Return every number of `bits` bits with at most `share` ones, in order: near ones are near in memory."""
    places = (1 << np.arange(bits)).tolist()
    return np.array(
        sorted(sum(ones) for count in range(share + 1) for ones in itertools.combinations(places, count)), np.int64
    )


def _best_chunk_count(entries: int, distance: int) -> int:
    """Return into how many chunks to cut hashes, so that looking one up among `entries` is cheap."""
    return min(_CHUNK_COUNTS, key=lambda count: _cost(count, entries, distance))


def _cost(count: int, entries: int, distance: int) -> float:
    sizes = [_BITS // count + (chunk < _BITS % count) for chunk in range(count)]
    if sum(2**size for size in sizes) > max(_MOST_SLOTS * entries, _FEW_SLOTS):
        return math.inf
    shares = _shares(count, distance)
    look_ups = [
        sum(math.comb(size, ones) for ones in range(share + 1)) for size, share in zip(sizes, shares, strict=True)
    ]
    found_by_chance: float = sum(many / 2**size for many, size in zip(look_ups, sizes, strict=True)) * entries
    return sum(look_ups) + _ENTRY_COST * found_by_chance

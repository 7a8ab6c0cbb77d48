import functools
import itertools
import threading

import numpy as np
import pytest

from evenhand.detectors import hash_index
from evenhand.detectors.hash_index import SMALL, HashIndex


def random_hashes(count, length=32, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (count, length), dtype=np.uint8)


def near(hashes, distances, seed=2):
    """Each of `hashes` with that many of its bits flipped."""
    chooser = np.random.default_rng(seed)
    bits = np.unpackbits(hashes, axis=1)
    for row, distance in zip(bits, distances, strict=True):
        row[chooser.permutation(bits.shape[1])[:distance]] ^= 1
    return np.packbits(bits, axis=1)


def index_of(hashes, *, distance=31, banks=1, ids=None):
    index = HashIndex(length=hashes.shape[1], distance=distance)
    index.add(np.arange(len(hashes)) if ids is None else ids, np.full(len(hashes), banks), hashes)
    return index


def found(index, hashes, distance=31):
    matches = index.find(hashes, distance=distance)
    return sorted(zip(matches.queries.tolist(), matches.ids.tolist(), matches.distances.tolist(), strict=True))


def compared(hashes, looked_up, distance, ids=None):
    """What comparing each with each finds."""
    pairs = []
    for query, one in enumerate(looked_up):
        distances = np.unpackbits(hashes ^ one, axis=1).sum(axis=1)
        pairs += [
            (query, int(at if ids is None else ids[at]), int(distances[at]))
            for at in np.flatnonzero(distances <= distance)
        ]
    return sorted(pairs)


def clusters(count, *, centres=50, most=60):
    """Hashes that lie around a few, so that many are about as far apart as is asked for."""
    chooser = np.random.default_rng(3)
    return near(random_hashes(centres)[chooser.integers(0, centres, count)], chooser.integers(0, most, count))


@functools.cache
def clustered(count):
    """Return hashes and the index of them: every distance is asked of the same."""
    hashes = clusters(count)
    return hashes, index_of(hashes)


@pytest.mark.parametrize("count", [1, SMALL, SMALL + 1, 60_000])
@pytest.mark.parametrize("distance", [0, 1, 10, 15, 16, 30, 31])
def test_exactly_the_entries_within_the_distance_are_found(count, distance):
    hashes, index = clustered(count)
    looked_up = near(hashes[:: max(1, count // 40)], np.arange(len(hashes[:: max(1, count // 40)])) % 40)
    assert found(index, looked_up, distance) == compared(hashes, looked_up, distance)


@pytest.mark.parametrize("chunks", range(11, 25))
def test_nothing_is_missed_however_a_hash_is_cut(monkeypatch, chunks):
    monkeypatch.setattr(hash_index, "_best_chunk_count", lambda *_: chunks)
    hashes = random_hashes(SMALL + 1)
    looked_up = near(hashes[:200], np.full(200, 31))
    assert found(index_of(hashes), looked_up) == [(number, number, 31) for number in range(200)]


def test_bits_of_one_chunk_may_all_differ():
    # The worst case of each chunk: all the distance in it, or spread evenly.
    hashes = random_hashes(SMALL + 1)
    layout = hash_index._Layout(hash_index._best_chunk_count(len(hashes), 31))
    for places in np.array_split(np.random.default_rng(hash_index._SEED).permutation(256), layout.count):
        bits = np.unpackbits(hashes[:1], axis=1)
        bits[0, places] ^= 1
        assert found(index_of(hashes), np.packbits(bits, axis=1)) == [(0, 0, len(places))]


@pytest.mark.parametrize("count", [3, SMALL + 1])
@pytest.mark.parametrize("length", [16, 32])
def test_equal_hashes_are_found_by_whole_hash(count, length):
    hashes = random_hashes(count, length)
    hashes[1:3] = hashes[0]
    hashes[2, -1] ^= 1  # the same beginning
    index = index_of(hashes, distance=0)
    assert found(index, hashes[:3], 0) == [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0), (2, 2, 0)]
    assert found(index, random_hashes(5, length, seed=9), 0) == []


def test_an_empty_index_and_an_empty_question_find_nothing():
    index = HashIndex(length=32, distance=31)
    assert found(index, random_hashes(3)) == []
    index.add(np.zeros(0, np.int64), np.zeros(0, np.int64), random_hashes(0))
    index.remove(np.array([1]))
    assert len(index) == 0
    assert found(index_of(random_hashes(5)), random_hashes(0)) == []


def test_more_questions_than_are_looked_up_at_once():
    hashes = random_hashes(SMALL * 2)
    looked_up = near(hashes[:100], np.full(100, 20))
    assert found(index_of(hashes), looked_up) == [(number, number, 20) for number in range(100)]


def test_a_question_that_many_entries_are_near_to_is_answered_in_parts(monkeypatch):
    monkeypatch.setattr(hash_index, "_MOST_AT_ONCE", 1_000)
    hashes = near(np.repeat(random_hashes(1), 6_000, axis=0), np.arange(6_000) % 8)
    looked_up = np.concatenate([hashes[:3], random_hashes(2, seed=8)])
    assert found(index_of(hashes), looked_up) == compared(hashes, looked_up, 31)


def test_entries_carry_their_id_and_bank():
    hashes = random_hashes(3)
    index = HashIndex(length=32, distance=31)
    index.add(np.array([70, 7, 2**40]), np.array([3, 4, 5]), hashes)
    matches = index.find(hashes, distance=0)
    assert matches.ids.tolist() == [70, 7, 2**40]
    assert matches.banks.tolist() == [3, 4, 5]
    assert [array.dtype for array in (matches.queries, matches.ids, matches.banks, matches.distances)] == [np.int64] * 4


def test_entries_come_and_go_and_the_index_says_what_comparing_says():
    chooser = np.random.default_rng(5)
    index = HashIndex(length=32, distance=31)
    there = {}
    number = 0
    for turn in range(30):
        count = int(chooser.choice([1, 10, 500, 3_000, 9_000]))
        hashes = clusters(count)
        ids = chooser.permutation(np.arange(number, number + count))
        number += count
        index.add(ids, np.full(count, turn % 3), hashes)
        there |= dict(zip(ids.tolist(), hashes, strict=True))
        gone = chooser.choice(number, size=min(number, 2_000), replace=False)
        index.remove(gone)
        for one in gone.tolist():
            there.pop(one, None)
        assert len(index) == len(there)
    ids, hashes = np.array(list(there)), np.array(list(there.values()))
    looked_up = near(hashes[:20], np.arange(20))
    assert found(index, looked_up) == compared(hashes, looked_up, 31, ids)
    sizes = [segment.count for segment in index._segments]
    assert all(size >= 4 * following for size, following in itertools.pairwise(sizes))


def test_an_entry_that_is_added_again_is_replaced():
    hashes = random_hashes(SMALL * 3)
    index = index_of(hashes)
    again = random_hashes(1, seed=7)
    index.add(np.array([5]), np.array([9]), again)
    assert len(index) == len(hashes)
    assert found(index, hashes[5:6]) == []
    assert found(index, again) == [(0, 5, 0)]
    index.remove(np.array([5]))
    assert found(index, again) == []


def test_of_two_entries_with_one_id_the_last_counts_and_goes_for_good():
    first, second = random_hashes(2)
    index = HashIndex(length=32, distance=31)
    index.add(np.array([5, 5]), np.array([1, 1]), np.stack([first, second]))
    assert found(index, np.stack([first, second])) == [(1, 5, 0)]
    index.remove(np.array([5]))
    assert len(index) == 0


def test_all_of_a_bank_can_go_and_its_room_is_given_back():
    hashes = random_hashes(SMALL * 3)
    index = HashIndex(length=32, distance=31)
    index.add(np.arange(len(hashes)), np.arange(len(hashes)) % 3, hashes)
    index.remove_bank(1)
    assert len(index) == SMALL * 2
    assert found(index, hashes[:3], 0) == [(0, 0, 0), (2, 2, 0)]
    index.remove_bank(0)
    (segment,) = index._segments
    assert len(segment.ids) == SMALL
    index.remove_bank(2)
    assert index._segments == ()


def test_looking_up_goes_on_while_entries_come_and_go():
    hashes = random_hashes(20_000)
    index = index_of(hashes[:5_000])
    looked_up = near(hashes[:50], np.full(50, 31))
    expected = [(number, number, 31) for number in range(50)]
    is_done = threading.Event()
    wrong = []

    def look_up():
        while not is_done.is_set():
            if found(index, looked_up) != expected:
                wrong.append(1)

    readers = [threading.Thread(target=look_up) for _ in range(2)]
    for reader in readers:
        reader.start()
    for begin in range(5_000, 20_000, 1_500):
        ids = np.arange(begin, begin + 1_500)
        index.add(ids, np.ones(1_500, np.int64), hashes[ids])
        index.remove(ids[::2])
    is_done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_bits_of_neighbours_are_dealt_out_to_different_chunks():
    layout = hash_index._Layout(11)
    chunks = np.zeros(256, int)
    for chunk, columns in enumerate(layout._columns):
        chunks[columns[columns < 256]] = chunk
    assert (chunks[1:] != chunks[:-1]).mean() > 0.8
    assert sorted(int(size).bit_length() - 1 for size in layout.sizes) == [23] * 8 + [24] * 3


def test_the_larger_the_index_the_fewer_the_chunks():
    counts = [hash_index._best_chunk_count(entries, 31) for entries in (10_000, 1_000_000, 10_000_000)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 11


def test_the_banks_that_have_an_entry_are_known():
    hashes = random_hashes(6)
    index = HashIndex(length=32, distance=31)
    assert index.bank_ids() == set()
    index.add(np.arange(6), np.array([3, 3, 8, 8, 1, 1]), hashes)
    assert index.bank_ids() == {1, 3, 8}
    index.remove(np.array([0, 2, 3]))
    assert index.bank_ids() == {1, 3}
    index.remove_bank(1)
    assert index.bank_ids() == {3}

"""Known content: the file itself by its digest, and pictures that look like a known one by PDQ.

A bank is for known content, logos, memes and adverts, never for people; nothing here can tell one person from another.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from evenhand.content.image import Image
from evenhand.content.pdq import LEAST_QUALITY, variants
from evenhand.core.bank import MOST_DISTANCE, Algorithm, Bank, BankKind
from evenhand.core.content import Modality
from evenhand.core.signal import Region, Signal
from evenhand.core.taxonomy import CATEGORIES, Label
from evenhand.detectors.base import Limits
from evenhand.detectors.hash_index import HashIndex, Ints

#: Scores of the same file, of a picture with the same PDQ hash, and of one that is `MOST_DISTANCE` away.
SAME_FILE: Final = 1.0
NEAREST: Final = 0.999
FARTHEST: Final = 0.99

_MOST_REGIONS: Final = 32
_MOST_REASONS: Final = 3
#: What was done to the known picture, by the place in `variants`.
_TURNS: Final = (
    "",
    ", turned by a quarter",
    ", turned by half",
    ", turned by a quarter",
    ", mirrored",
    ", mirrored",
    ", mirrored and turned",
    ", mirrored and turned",
)
#: Farther than any match.
_NO_MATCH: Final = 257
_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Match:
    """A bank's entry that an image is, or looks like.

    Args:
        bank: The bank.
        entry: The entry's id.
        algorithm: By which hash.
        frame: Which frame it was found in, by `Frame.number`.
        distance: In how many bits the hashes differ.
        quality: The quality of the frame's hash; none for a whole file.
        turn: How the frame is turned against the known picture, as a place in `variants`.
    """

    bank: Bank
    entry: int
    algorithm: Algorithm
    frame: int
    distance: int = 0
    quality: int | None = None
    turn: int = 0

    @property
    def is_file(self) -> bool:
        """Whether the file itself is known, byte by byte."""
        return self.algorithm is not Algorithm.PDQ

    @property
    def score(self) -> float:
        """How sure it is: it falls with the distance, and within the bank's distance it is `FARTHEST` or more."""
        return SAME_FILE if self.is_file else NEAREST - (NEAREST - FARTHEST) * self.distance / MOST_DISTANCE

    def __str__(self) -> str:
        """Say it in one sentence."""
        entry = f"entry {self.entry} of the bank {self.bank.name}"
        if self.is_file:
            return f"The file is {entry}, by {self.algorithm}."
        return (
            f"Frame {self.frame} looks like {entry}{_TURNS[self.turn]}: "
            f"distance {self.distance} of at most {self.bank.distance}, quality {self.quality}."
        )


class LiveBanks:
    """Banks and their entries as they are now. Any thread may look something up; one at a time may change them.

    Attributes:
        version: Of what was there when `set_banks` was last called; the same wherever the same banks are.
        labels: Of the banks that could match something then.
    """

    def __init__(self) -> None:
        self._state: tuple[Mapping[int, Bank], Ints] = ({}, np.zeros(0, np.int64))
        self._indexes = {
            algorithm: HashIndex(length=algorithm.length, distance=MOST_DISTANCE if algorithm is Algorithm.PDQ else 0)
            for algorithm in Algorithm
        }
        self.version = ""
        self.labels: frozenset[Label] = frozenset()

    def __len__(self) -> int:
        """Return how many entries there are, those of disabled banks, too."""
        return sum(map(len, self._indexes.values()))

    def set_banks(self, banks: Iterable[Bank]) -> None:
        """Replace the banks, and renew version and labels; entries of a bank that is no longer there go with it.

        Call it after entries were added or removed: those of a bank that is not there yet are found by nobody.
        """
        given = {bank.id: bank for bank in banks}
        limits = np.full(max(given, default=0) + 1, -1)
        for bank in given.values():
            limits[bank.id] = bank.distance if bank.is_enabled else -1
        gone = self._state[0].keys() - given.keys()
        self._state = (given, limits)
        for bank_id in gone:
            for index in self._indexes.values():
                index.remove_bank(bank_id)
        filled = {bank_id for index in self._indexes.values() for bank_id in index.bank_ids()}
        self.labels = frozenset(
            bank.label for bank in given.values() if bank.label and bank.is_enabled and bank.id in filled
        )
        changes = sorted((bank.id, bank.change) for bank in given.values())
        sizes = [len(index) for index in self._indexes.values()]
        self.version = hashlib.sha256(repr((changes, sizes)).encode()).hexdigest()[:12] if changes else ""

    def add(self, algorithm: Algorithm, ids: Sequence[int], bank_ids: Sequence[int], hashes: bytes | bytearray) -> None:
        """Add entries, with their `hashes` one after another; one whose id is there already is replaced.

        Many at once are faster than one after another.
        """
        packed = np.frombuffer(hashes, np.uint8).reshape(-1, algorithm.length)
        self._indexes[algorithm].add(np.array(ids, np.int64), np.array(bank_ids, np.int64), packed)

    def remove(self, ids: Sequence[int]) -> None:
        """Take out the entries with these ids, as far as they are there."""
        for index in self._indexes.values():
            index.remove(np.array(ids, np.int64))

    def has(self, algorithm: Algorithm) -> bool:
        """Whether there is any entry of this algorithm."""
        return len(self._indexes[algorithm]) > 0

    def nearest(self, algorithm: Algorithm, hashes: Sequence[bytes]) -> Iterator[tuple[int, Bank, int, int]]:
        """Yield the nearest entry in each enabled bank for each of `hashes`: which hash, bank, entry and distance."""
        banks, limits = self._state
        farthest = int(limits.max(initial=-1))
        if farthest < 0 or not hashes:
            return
        packed = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, algorithm.length)
        found = self._indexes[algorithm].find(packed, distance=farthest if algorithm is Algorithm.PDQ else 0)
        # Entries may be here before their bank is.
        allowed = np.where(found.banks < len(limits), limits[found.banks.clip(max=len(limits) - 1)], -1)
        counting = np.flatnonzero(found.distances <= allowed)
        columns = (found.ids, found.distances, found.banks, found.queries)
        order = counting[np.lexsort([column[counting] for column in columns])]
        pairs = np.stack([found.queries[order], found.banks[order]])
        is_first = np.ones(len(order), bool)
        is_first[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
        for at in order[is_first]:
            yield int(found.queries[at]), banks[int(found.banks[at])], int(found.ids[at]), int(found.distances[at])


class HashBankDetector:
    """Finds known content: files and pictures that are in a hash bank of yours, or look like one that is.

    It looks only for the labels of banks that are enabled and have entries.

    Args:
        banks: The banks, which may change while it runs; by default there are none.
    """

    id: ClassVar[str] = "image.hash_bank"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset(CATEGORIES)
    limits: ClassVar[Limits] = Limits(seconds=10, megabytes=4_000)
    packages: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, banks: LiveBanks | None = None) -> None:
        self.banks = LiveBanks() if banks is None else banks

    @property
    def version(self) -> str:
        """Version of the code, and of the banks where there are any."""
        return f"1-{self.banks.version}" if self.banks.version else "1"

    @property
    def live_labels(self) -> frozenset[Label]:
        """Labels of the banks that could match something now; for any other, silence means nothing."""
        return self.banks.labels

    def detect(self, images: Sequence[Image]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label of a bank that an image is in."""
        version = self.version
        found: list[list[Match]] = [[] for _ in images]
        for number, match in itertools.chain(self._files(images), self._looks(images)):
            found[number].append(match)
        return [self._signals(_without_false_alarms(matches), version) for matches in found]

    def _files(self, images: Sequence[Image]) -> Iterator[tuple[int, Match]]:
        for algorithm in filter(self.banks.has, (Algorithm.MD5, Algorithm.SHA256)):
            digests = [bytes.fromhex(image.md5 if algorithm is Algorithm.MD5 else image.sha256) for image in images]
            for number, bank, entry, _ in self.banks.nearest(algorithm, digests):
                yield number, Match(bank, entry, algorithm, images[number].frames[0].number)

    def _looks(self, images: Sequence[Image]) -> Iterator[tuple[int, Match]]:
        if not self.banks.has(Algorithm.PDQ):
            return
        frames, hashes = [], []
        for number, image in enumerate(images):
            for frame in image.frames:
                turned = variants(frame.pixels)
                if turned[0].quality >= LEAST_QUALITY:
                    frames.append((number, frame.number, turned[0].quality))
                    hashes += [one.bits for one in turned]
        best: dict[tuple[int, int, int], Match] = {}
        for query, bank, entry, distance in self.banks.nearest(Algorithm.PDQ, hashes):
            number, frame_number, quality = frames[query // len(_TURNS)]
            match = Match(bank, entry, Algorithm.PDQ, frame_number, distance, quality, query % len(_TURNS))
            known = best.setdefault((number, frame_number, bank.id), match)
            if distance < known.distance:
                best[number, frame_number, bank.id] = match
        yield from ((number, match) for (number, _, _), match in best.items())

    def _signals(self, matches: Sequence[Match], version: str) -> tuple[Signal, ...]:
        by_label: dict[Label, list[Match]] = {}
        for match in sorted(matches, key=lambda match: (-match.score, match.bank.id, match.entry, match.frame)):
            if match.bank.label:
                by_label.setdefault(match.bank.label, []).append(match)
        return tuple(self._signal(label, found, version) for label, found in by_label.items())

    def _signal(self, label: Label, matches: Sequence[Match], version: str) -> Signal:
        return Signal(
            self.id,
            version,
            label,
            matches[0].score,
            reason=" ".join(map(str, matches[:_MOST_REASONS])),
            regions=tuple(
                Region(0, match.frame, _WHOLE, match.score, f"bank:{match.bank.name}/{match.entry}")
                for match in matches[:_MOST_REGIONS]
            ),
        )


def _without_false_alarms(matches: Sequence[Match]) -> list[Match]:
    """Return the matches with block banks that no allow bank takes back.

    An allow bank takes back what looks less alike than its own entry, in the same frame: the known picture itself,
    which also looks like its false alarm, goes on matching. A file that is known byte by byte is never taken back.
    """
    allowed = [match for match in matches if match.bank.kind is BankKind.ALLOW]
    nearest: dict[int, int] = {}
    for match in allowed:
        nearest[match.frame] = min(match.distance, nearest.get(match.frame, match.distance))
    is_allowed_file = any(match.is_file for match in allowed)
    return [
        match
        for match in matches
        if match.bank.kind is BankKind.BLOCK
        and (match.is_file or not (is_allowed_file or nearest.get(match.frame, _NO_MATCH) <= match.distance))
    ]

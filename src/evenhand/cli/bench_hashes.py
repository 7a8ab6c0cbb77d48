"""The hash benchmark: how fast the index is, beside a linear scan, and which changes of a picture are found."""

import dataclasses
import io
import math
import multiprocessing
import os
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from evenhand.content.pdq import pdq, variants
from evenhand.core.bank import MOST_DISTANCE, Algorithm
from evenhand.detectors.hash_index import Hashes, HashIndex

Picture = Image.Image
Change = Callable[[Picture], Picture]

#: Where Linux tells how large a process is.
_STATUS: Final = Path("/proc/self/status")
_LENGTH: Final = Algorithm.PDQ.length
#: Hashes that are looked up, and those that are looked up together.
_LOOK_UPS: Final = 8_192
_BATCH: Final = 64
_SEED: Final = 20261126


@dataclass(frozen=True, slots=True)
class IndexTiming:
    """What was measured of an index.

    Args:
        entries: How many there are.
        build_seconds: From hashes in memory until the first look-up.
        megabytes: What the process grew by, hashes included, once the index was built.
        peak_megabytes: The same while it was built.
        per_second: Look-ups a second in one thread.
        all_cores_per_second: The same in as many threads as there are cores.
        scan_per_second: Look-ups a second of a linear scan of the same hashes in one thread.
        scan: What scanned.
        missed: Of the look-ups that are close to a known entry, how many did not find it.
    """

    entries: int
    build_seconds: float
    megabytes: float
    peak_megabytes: float
    per_second: float
    all_cores_per_second: float
    scan_per_second: float
    scan: str
    missed: int


@dataclass(frozen=True, slots=True)
class Robustness:
    """How pictures are found after a change.

    Args:
        change: What was done to them.
        distance: Between the hashes before and after, on average: the nearest of the eight turns.
        found: The share that is within the largest distance of a bank.
        found_as_is: The same without turning.
    """

    change: str
    distance: float
    found: float
    found_as_is: float


def bench_hashes(*, entries: Sequence[int], seconds: float, pictures: int) -> dict[str, Any]:
    """Return the timings of an index of each size, and what is found of `pictures` drawn pictures."""
    timings = []
    for count in entries:
        # In a process of its own, so that its memory is that of nothing else.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            timings.append(dataclasses.asdict(pool.submit(time_index, count, seconds).result()))
    return {
        "timings": timings,
        "robustness": [dataclasses.asdict(row) for row in robustness(pictures)],
        "summary": {
            "cores": os.cpu_count(),
            "looked up together": _BATCH,
            "scan": timings[-1]["scan"],
            "distance": MOST_DISTANCE,
            "pictures": pictures,
        },
    }


def time_index(entries: int, seconds: float) -> IndexTiming:
    """Return what an index of `entries` random hashes can do; each rate is measured for `seconds`."""
    chooser = np.random.default_rng(_SEED)
    before = _megabytes("VmRSS")
    hashes = chooser.integers(0, 256, (entries, _LENGTH), dtype=np.uint8)
    index = HashIndex(length=_LENGTH, distance=MOST_DISTANCE)
    started = time.perf_counter()
    index.add(np.arange(entries), np.ones(entries, np.int64), hashes)
    build_seconds = time.perf_counter() - started
    held, peak = _megabytes("VmRSS") - before, _megabytes("VmHWM") - before
    looked_up, near_to = _look_ups(hashes, chooser)
    scan, scan_some = _scan(hashes)

    def look_up(some: Hashes) -> object:
        return index.find(some, distance=MOST_DISTANCE)

    return IndexTiming(
        entries,
        build_seconds,
        held,
        peak,
        _rate(look_up, looked_up, seconds),
        _rate_of_all_cores(look_up, looked_up, seconds),
        _rate(scan_some, looked_up, seconds),
        scan,
        _missed(index, looked_up, near_to),
    )


def robustness(pictures: int) -> list[Robustness]:
    """Return how `pictures` drawn pictures are found after each change."""
    drawn = [draw(seed) for seed in range(pictures)]
    hashes = [pdq(np.asarray(picture)).bits for picture in drawn]
    rows = []
    for name, change in CHANGES.items():
        turned = [[one.bits for one in variants(np.asarray(change(picture)))] for picture in drawn]
        distances = np.array([[_apart(one, known) for one in each] for each, known in zip(turned, hashes, strict=True)])
        nearest = distances.min(axis=1)
        found, found_as_is = (float((some <= MOST_DISTANCE).mean()) for some in (nearest, distances[:, 0]))
        rows.append(Robustness(name, float(nearest.mean()), found, found_as_is))
    return rows


def tables(report: dict[str, Any]) -> str:
    """Return a report as tables for people."""
    columns = ("entries", "build s", "MB", "peak MB", "look-ups/s", "all cores", "scan/s", "ratio", "missed")
    lines = ["".join(f"{column:>12}" for column in columns)]
    for row in report["timings"]:
        ratio = row["per_second"] / row["scan_per_second"]
        lines.append(
            f"{row['entries']:12,}{row['build_seconds']:12.1f}{row['megabytes']:12,.0f}{row['peak_megabytes']:12,.0f}"
            f"{row['per_second']:12,.0f}{row['all_cores_per_second']:12,.0f}{row['scan_per_second']:12,.1f}"
            f"{ratio:11,.0f}x{row['missed']:12,}"
        )
    lines += ["", f"{'change of the picture':36}{'distance':>10}{'found':>8}{'unturned':>10}"]
    lines += [
        f"{row['change']:36}{row['distance']:10.1f}{row['found']:8.0%}{row['found_as_is']:10.0%}"
        for row in report["robustness"]
    ]
    return "\n".join([*lines, "", *(f"{name}: {value}" for name, value in report["summary"].items())])


def draw(seed: int) -> Picture:
    """Return a picture of 640x480: a ground of soft colours, shapes on it, and a line of words."""
    chooser = np.random.default_rng(seed)
    soft = chooser.integers(0, 256, (chooser.integers(2, 7), chooser.integers(2, 7), 3), dtype=np.uint8)
    picture = Image.fromarray(soft).resize((640, 480), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for number in range(int(chooser.integers(4, 20))):
        left, top = (int(chooser.integers(0, most)) for most in picture.size)
        box = [left, top, left + int(chooser.integers(10, 300)), top + int(chooser.integers(10, 220))]
        shape = (pen.ellipse, pen.rectangle, pen.rounded_rectangle)[number % 3]
        shape(box, fill=_colour(chooser))
    pen.text((int(chooser.integers(0, 300)), int(chooser.integers(0, 400))), _WORDS, _colour(chooser), font=_font(48))
    return picture


def _barred(percent: int) -> Change:
    """Put a bar of text across the foot."""

    def change(picture: Picture) -> Picture:
        changed = picture.copy()
        pen = ImageDraw.Draw(changed)
        top = changed.height * (100 - percent) // 100
        pen.rectangle([0, top, *changed.size], fill=(250, 250, 250))
        pen.text((20, top), _WORDS, (10, 10, 10), font=_font((changed.height - top) * 2 // 3))
        return changed

    return change


def _jpeg(quality: int) -> Change:
    def change(picture: Picture) -> Picture:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return change


def _resized(percent: int) -> Change:
    return lambda picture: picture.resize((picture.width * percent // 100, picture.height * percent // 100))


def _cropped(percent: int) -> Change:
    def change(picture: Picture) -> Picture:
        across, down = picture.width * percent // 100, picture.height * percent // 100
        return picture.crop((across, down, picture.width - across, picture.height - down))

    return change


def _turned(degrees: int) -> Change:
    return lambda picture: picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def _shifted(picture: Picture) -> Picture:
    """Return the picture warmer, brighter and with more contrast."""
    red, green, blue = picture.split()
    warmer = Image.merge("RGB", (red.point(lambda value: value * 1.15), green, blue.point(lambda value: value * 0.85)))
    return ImageEnhance.Contrast(ImageEnhance.Brightness(warmer).enhance(1.1)).enhance(1.2)


_WORDS: Final = "Only today: all for half"

#: What is done to a picture before it is looked for.
CHANGES: Final[dict[str, Change]] = {
    "none": lambda picture: picture,
    "JPEG quality 90": _jpeg(90),
    "JPEG quality 50": _jpeg(50),
    "JPEG quality 30": _jpeg(30),
    "JPEG quality 10": _jpeg(10),
    "resized to 50%": _resized(50),
    "resized to 25%": _resized(25),
    "bar of text, 4% of the height": _barred(4),
    "bar of text, 8% of the height": _barred(8),
    "bar of text, 15% of the height": _barred(15),
    "colours shifted": _shifted,
    "in grey": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "mirrored": ImageOps.mirror,
    "turned by 90 degrees": _turned(90),
    "turned by 180 degrees": _turned(180),
    "mirrored, to 50%, JPEG quality 30": lambda picture: _jpeg(30)(_resized(50)(ImageOps.mirror(picture))),
    "1% cut off each side": _cropped(1),
    "5% cut off each side": _cropped(5),
    "10% cut off each side": _cropped(10),
    "turned by 1 degree": _turned(1),
    "turned by 5 degrees": _turned(5),
    "turned by 15 degrees": _turned(15),
    "another picture": lambda picture: draw(zlib.crc32(picture.tobytes())),
}


def _colour(chooser: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = chooser.integers(0, 256, 3).tolist()
    return red, green, blue


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _apart(first: bytes, second: bytes) -> int:
    return (int.from_bytes(first, "big") ^ int.from_bytes(second, "big")).bit_count()


def _look_ups(hashes: Hashes, chooser: np.random.Generator) -> tuple[Hashes, list[int]]:
    """Return hashes to look up, half of them near to an entry, and those entries; the others are near to nothing."""
    near_to = chooser.integers(0, len(hashes), _LOOK_UPS // 2)
    bits = np.unpackbits(hashes[near_to], axis=1)
    for row, distance in zip(bits, chooser.integers(0, MOST_DISTANCE + 1, len(bits)), strict=True):
        row[chooser.permutation(row.size)[:distance]] ^= 1
    others = chooser.integers(0, 256, (_LOOK_UPS - len(bits), _LENGTH), dtype=np.uint8)
    return np.concatenate([np.packbits(bits, axis=1), others]), near_to.tolist()


def _missed(index: HashIndex, looked_up: Hashes, near_to: Sequence[int]) -> int:
    matches = index.find(looked_up[: len(near_to)], distance=MOST_DISTANCE)
    found = set(zip(matches.queries.tolist(), matches.ids.tolist(), strict=True))
    return sum((query, entry) not in found for query, entry in enumerate(near_to))


def _rate(look_up: Callable[[Hashes], object], looked_up: Hashes, seconds: float) -> float:
    """Return how many of `looked_up` are looked up in a second."""
    look_up(looked_up[-_BATCH:])
    started, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - started) < seconds or not done:
        begin = done % len(looked_up)
        look_up(looked_up[begin : begin + _BATCH])
        done += _BATCH
    return done / passed


def _rate_of_all_cores(look_up: Callable[[Hashes], object], looked_up: Hashes, seconds: float) -> float:
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(lambda number: _rate(look_up, np.roll(looked_up, number, axis=0), seconds), range(cores)))


def _scan(hashes: Hashes) -> tuple[str, Callable[[Hashes], object]]:
    """Return what scans all of `hashes` in one thread: faiss, or numpy where it is not installed."""
    try:
        import faiss
    except ImportError:
        words = hashes.view(np.uint64)
        return "numpy", lambda some: [
            np.flatnonzero(np.bitwise_count(words ^ one).sum(axis=1) <= MOST_DISTANCE) for one in some.view(np.uint64)
        ]
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(8 * _LENGTH)
    flat.add(hashes)
    return "faiss", lambda some: flat.range_search(some, MOST_DISTANCE + 1)


def _megabytes(name: str) -> float:
    """Return the size of this process, or the largest that it had, where the system tells."""
    if not _STATUS.exists():
        return math.nan
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6

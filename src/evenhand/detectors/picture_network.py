"""What detectors have in common that score pictures by a network: what shows enough, and which frame counts.

It knows no network itself; each detector asks its own, and brings the scale that turns answers into scores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evenhand.content.image import Frame, Image, PixelArray
from evenhand.core.signal import Region, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import ImageDetector

#: An image with a shorter side shows too little: what a network says of one is chance.
LEAST_SIDE: Final = 32
#: So does a frame of one colour, or nearly: the standard deviation of each is below this, of 255.
FLAT: Final = 3.0
#: Below this score no evidence is given.
EVIDENCE_FROM: Final = 0.5

_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a network's probabilities are worth: points, and lines between them.

    Args:
        probabilities: The network's, rising.
        scores: What each of them stands for.
    """

    probabilities: tuple[float, ...]
    scores: tuple[float, ...]

    def score(self, probability: float) -> float:
        """Return the score for `probability`."""
        return min(1.0, float(np.interp(probability, self.probabilities, self.scores)))


def signals_of(
    detector: ImageDetector,
    image: Image,
    *,
    classes: Sequence[Label],
    scale: Scale,
    small: Callable[[Frame], PixelArray],
    ask: Callable[[Frame], Sequence[float]],
) -> tuple[Signal, ...]:
    """Return a signal for each of `classes`, or none where the image shows too little; a strong one says which frame.

    Args:
        detector: Whose signals they are.
        image: What is looked at. Of its frames the strongest counts, for each class alone; of equal ones, the first.
        classes: The labels.
        scale: Turns probabilities into scores.
        small: Returns a frame as small as the network sees it; a flat one is not asked about.
        ask: Returns what the network says of a frame, for each of `classes`.
    """
    if min(image.width, image.height) < LEAST_SIDE:
        return ()
    # One frame at a time, so that no frame's score depends on what stands beside it.
    looked = [(ask(frame), -frame.number) for frame in image.frames if not _is_flat(small(frame))]
    if not looked:
        return ()
    strongest = [max((said[place], number) for said, number in looked) for place in range(len(classes))]
    return tuple(
        _signal(detector, label, scale.score(probability), -number)
        for label, (probability, number) in zip(classes, strongest, strict=True)
    )


def _is_flat(pixels: PixelArray) -> bool:
    # A sixteenth of the pixels tells as much.
    return bool(pixels[::4, ::4].reshape(-1, 3).std(axis=0).max() < FLAT)


def _signal(detector: ImageDetector, label: Label, score: float, frame: int) -> Signal:
    regions = (Region(0, frame, _WHOLE, 1.0, "model"),) if score >= EVIDENCE_FROM else ()
    return Signal(detector.id, detector.version, label, score, regions=regions)

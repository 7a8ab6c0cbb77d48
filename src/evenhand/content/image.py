"""An image ready for detectors: decoded, turned the right way up, no larger than a million pixels a frame.

Only `content.decoding` makes one of a file; what is here is safe to look at in the server's own process.
"""

import io
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

PixelArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of an image; a still image has one.

    Args:
        pixels: Red, green and blue, shape (height, width, 3).
        number: Which frame of the file it is, counted from 0.
    """

    pixels: PixelArray
    number: int = 0
    _resized: dict[tuple[int, int], PixelArray] = field(default_factory=dict, init=False, repr=False)

    def resized(self, width: int, height: int) -> PixelArray:
        """Return the pixels at this size, shape (height, width, 3), whatever their shape was; made once a size.

        Filter: Pillow's bilinear one, which averages over all pixels that fall into one.
        """
        size = (width, height)
        if size not in self._resized:
            from PIL import Image as Pillow

            resized = Pillow.fromarray(self.pixels).resize(size, Pillow.Resampling.BILINEAR)
            self._resized[size] = np.asarray(resized)
        return self._resized[size]

    def as_jpeg(self) -> bytes:
        """Return a copy for people to look at: JPEG, without metadata."""
        from PIL import Image as Pillow

        file = io.BytesIO()
        Pillow.fromarray(self.pixels).save(file, "JPEG", quality=85)
        return file.getvalue()


@dataclass(frozen=True, eq=False)
class Image:
    """An image that was decoded.

    Args:
        frames: The frames that were looked at, at least one, evenly taken from an animated file.
        format: Pillow's name of the format, such as `PNG`.
        width: Of the file's picture as it is shown, in pixels; the frames may be smaller.
        height: Likewise.
        frame_count: How many frames the file has.
        md5: Of the file, in hex.
        sha256: Of the file, in hex.
    """

    frames: tuple[Frame, ...]
    format: str
    width: int
    height: int
    frame_count: int
    md5: str
    sha256: str

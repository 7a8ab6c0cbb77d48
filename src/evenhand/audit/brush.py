"""Draw shapes with light on them: flat with an outline, or round as if lit from one side. Pillow and numpy."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from evenhand.content.image import PixelArray

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

#: Everything is drawn so many times as large and made smaller at the end, so that edges are smooth.
OVERSIZE: Final = 2
_ROUNDNESS: Final = 0.22
_STRENGTH: Final = 0.3
_AMBIENT: Final = 0.95


class Brush:
    """Draws on a square picture in units of its side, 0..1 from the upper left.

    Args:
        side: Of the picture that `finished` returns, in pixels.
        is_lit: Whether shapes look round and throw light back; otherwise they are flat with an outline.
        light: From where it comes, -1 for the left to 1 for the right.
        seed: Of the grain.
    """

    def __init__(self, side: int, *, is_lit: bool, light: float, seed: int) -> None:
        from PIL import Image as Pillow

        self._side = side * OVERSIZE
        self._final = side
        self._is_lit = is_lit
        self._light = (light, -0.8)
        self._seed = seed
        self.picture: Image = Pillow.new("RGB", (self._side, self._side))

    def gradient(self, first: Colour, last: Colour, *, top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill from `top` to `bottom` with a colour that passes from the first to the last."""
        from PIL import Image as Pillow

        begin, end = round(top * self._side), round(bottom * self._side)
        share = np.linspace(0, 1, max(1, end - begin))[:, None, None]
        rows = np.array(first) * (1 - share) + np.array(last) * share
        band = np.broadcast_to(rows, (len(share), self._side, 3)).astype(np.uint8)
        self.picture.paste(Pillow.fromarray(band), (0, begin))

    def polygon(self, points: Sequence[Point], colour: Colour, *, round_edges: float = 0.0) -> None:
        """Fill between `points`; corners are rounded by so much."""
        places = self._scaled(points)
        width = round(round_edges * self._side)

        def draw(pen: "ImageDraw") -> None:
            pen.polygon(places, fill=255)
            if width:
                pen.line([*places, places[0], places[1]], fill=255, width=width, joint="curve")

        self._fill(draw, colour)

    def ellipse(self, middle: Point, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse with these half axes."""
        around = self._around(middle, across, down)
        self._fill(lambda pen: pen.ellipse(around, fill=255), colour)

    def flat_ellipse(self, middle: Point, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse without light and without an outline."""
        self._pen().ellipse(self._around(middle, across, down), fill=colour)

    def ring(self, middle: Point, outer: Point, inner: Point, colour: Colour) -> None:
        """Fill between two ellipses around one middle, each with its half axes."""
        around, within = self._around(middle, *outer), self._around(middle, *inner)

        def draw(pen: "ImageDraw") -> None:
            pen.ellipse(around, fill=255)
            pen.ellipse(within, fill=0)

        self._fill(draw, colour)

    def limb(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a thick line with round joints and ends."""
        places, radius = self._scaled(points), width * self._side / 2

        def draw(pen: "ImageDraw") -> None:
            pen.line(places, fill=255, width=round(2 * radius), joint="curve")
            for x, y in places:
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

        self._fill(draw, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a thin line without light on it."""
        self._pen().line(self._scaled(points), fill=colour, width=max(1, round(width * self._side)), joint="curve")

    def arc(self, middle: Point, half_axes: Point, angles: tuple[float, float], width: float, colour: Colour) -> None:
        """Draw part of the edge of an ellipse, from one angle to the other in degrees, clockwise from the right."""
        line = max(1, round(width * self._side))
        self._pen().arc(self._around(middle, *half_axes), *angles, fill=colour, width=line)

    def flat(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill between `points` without light and without an outline."""
        self._pen().polygon(self._scaled(points), fill=colour)

    def words(self, middle: Point, text: str, size: float, colour: Colour) -> None:
        """Write lines of text around a point."""
        from PIL import ImageFont

        font = ImageFont.load_default(size * self._side)
        place = self._scaled([middle])[0]
        self._pen().multiline_text(
            place, text, fill=colour, font=font, anchor="mm", align="center", spacing=size * self._side / 3
        )

    def blur(self, amount: float) -> None:
        """Blur all that is there so far, as what is far away."""
        from PIL import ImageFilter

        self.picture = self.picture.filter(ImageFilter.GaussianBlur(amount * self._side))

    def finished(self) -> "Image":
        """Return the picture in its final size; with grain where it is lit."""
        from PIL import Image as Pillow

        small = self.picture.resize((self._final, self._final), Pillow.Resampling.BOX)
        if not self._is_lit:
            return small
        grain = np.random.default_rng(self._seed).normal(0, 3, (self._final, self._final, 1))
        return Pillow.fromarray(np.clip(np.asarray(small) + grain, 0, 255).astype(np.uint8))

    def _pen(self) -> "ImageDraw":
        from PIL import ImageDraw

        return ImageDraw.Draw(self.picture)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._side, y * self._side) for x, y in points]

    def _around(self, middle: Point, across: float, down: float) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self._scaled(
            [(middle[0] - across, middle[1] - down), (middle[0] + across, middle[1] + down)]
        )
        return left, top, right, bottom

    def _fill(self, draw: Callable[["ImageDraw"], object], colour: Colour) -> None:
        """Put `colour` where `draw` draws with 255."""
        from PIL import Image as Pillow
        from PIL import ImageDraw

        mask = Pillow.new("L", self.picture.size)
        draw(ImageDraw.Draw(mask))
        box = mask.getbbox()
        if box is None:
            return
        cut = mask.crop(box)
        if self._is_lit:
            self.picture.paste(Pillow.fromarray(self._shaded(cut, colour)), box[:2], cut)
            return
        self._outline(cut, box, colour)

    def _outline(self, cut: "Image", box: tuple[int, int, int, int], colour: Colour) -> None:
        from PIL import ImageFilter

        inner = cut.filter(ImageFilter.MinFilter(5))
        self.picture.paste(darker(colour, 0.55), box, cut)
        self.picture.paste(colour, box, inner)

    def _shaded(self, cut: "Image", colour: Colour) -> PixelArray:
        """Return `colour` as light makes it on a shape that bulges like a cushion."""
        from PIL import ImageFilter

        radius = max(2.0, _ROUNDNESS * min(cut.size))
        height = np.asarray(cut.filter(ImageFilter.GaussianBlur(radius)), np.float64) / 255
        light = np.full(height.shape, _AMBIENT)
        if min(cut.size) > 1:
            # On the side of the light the shape slopes up away from it.
            down, across = np.gradient(height * radius * 2)
            light -= _STRENGTH * (across * self._light[0] + down * self._light[1])
        return np.asarray(np.clip(np.array(colour) * light[:, :, None], 0, 255).astype(np.uint8))


def darker(colour: Colour, share: float) -> Colour:
    """Return a colour with so much of its light, 0..1 and above for lighter."""
    red, green, blue = (min(255, round(part * share)) for part in colour)
    return red, green, blue


def from_hex(text: str) -> Colour:
    """Return the colour that is written as six digits."""
    red, green, blue = bytes.fromhex(text)
    return red, green, blue

"""Prepared: a content that passed the limits, as detectors read it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evenhand.content.text import Text

if TYPE_CHECKING:
    from evenhand.content.image import Image


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text, images, or both together.

    Args:
        text: The text; none where there are only images.
        images: The images, decoded, in the order in which they came.
    """

    text: Text | None
    images: "tuple[Image, ...]" = ()

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from evenhand.content.image import Frame


def frame(*, value=0, noise=0.0, size=(40, 60)):
    pixels = np.random.default_rng(1).normal(value, noise, (*size, 3)).clip(0, 255)
    return Frame(pixels.astype(np.uint8))


def test_a_size_is_made_once_and_has_the_shape_that_was_asked_for():
    shown = frame(value=100, noise=50)
    small = shown.resized(16, 8)
    assert small.shape == (8, 16, 3)
    assert shown.resized(16, 8) is small
    assert shown.resized(8, 16).shape == (16, 8, 3)


def test_every_pixel_counts_when_a_picture_is_made_smaller():
    halves = Frame(np.repeat(np.tile(np.array([0, 200], np.uint8), 32), 64 * 3).reshape(64, 64, 3))
    assert halves.resized(4, 4).mean() == pytest.approx(100, abs=12)


def test_a_copy_is_a_jpeg_of_the_same_size_without_anything_else():
    copy = Pillow.open(io.BytesIO(frame(value=100, noise=20).as_jpeg()))
    assert (copy.format, copy.size) == ("JPEG", (60, 40))
    assert not copy.getexif()

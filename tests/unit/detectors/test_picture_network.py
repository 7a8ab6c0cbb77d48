from typing import ClassVar

import numpy as np
import pytest

from drawings import flat, image, noise
from evenhand.core.taxonomy import Label
from evenhand.detectors.picture_network import EVIDENCE_FROM, FLAT, LEAST_SIDE, Scale, signals_of

STRAIGHT = Scale((0.0, 1.0), (0.0, 1.0))
CLASSES = (Label.SEXUAL, Label.VIOLENCE_GRAPHIC)


class Detector:
    id: ClassVar[str] = "image.scripted"
    version = "7"


def look(*frames, says=(), scale=STRAIGHT, **options):
    """Return the signals of these frames, of which the network says that, and which of them it was asked about."""
    asked = []

    def ask(frame):
        asked.append(frame.number)
        return says[frame.number]

    shown = image(*frames, **options)
    signals = signals_of(Detector(), shown, classes=CLASSES, scale=scale, small=lambda frame: frame.pixels, ask=ask)
    return signals, asked


def test_for_each_class_the_strongest_frame_counts_and_is_named():
    says = {0: (0.6, 0.1), 7: (0.9, 0.2), 14: (0.7, 0.8)}
    (sexual, graphic), _ = look(noise(), noise(), noise(), numbers=(0, 7, 14), says=says)
    assert (sexual.label, sexual.score, graphic.label, graphic.score) == (CLASSES[0], 0.9, CLASSES[1], 0.8)
    assert [[region.frame for region in signal.regions] for signal in (sexual, graphic)] == [[7], [14]]
    (region,) = sexual.regions
    assert (region.image, region.box, region.weight, region.source) == (0, (0.0, 0.0, 1.0, 1.0), 1.0, "model")
    assert {(signal.detector, signal.version) for signal in (sexual, graphic)} == {("image.scripted", "7")}


def test_of_equal_frames_the_first_is_named():
    (sexual, _), _ = look(noise(), noise(), says=[(0.9, 0.0), (0.9, 0.0)])
    assert [region.frame for region in sexual.regions] == [0]


@pytest.mark.parametrize(("probability", "count"), [(EVIDENCE_FROM, 1), (EVIDENCE_FROM - 0.01, 0)])
def test_only_a_strong_score_has_evidence(probability, count):
    (sexual, _), _ = look(noise(), says=[(probability, 0.0)])
    assert len(sexual.regions) == count


def test_a_flat_frame_is_not_asked_about_and_an_image_of_such_frames_gets_no_signal():
    signals, asked = look(flat(), noise(), says={1: (0.9, 0.9)})
    assert (len(signals), asked) == (2, [1])
    assert look(flat(), flat()) == ((), [])


@pytest.mark.parametrize(("spread", "is_asked"), [(FLAT - 0.5, False), (FLAT + 0.5, True)])
def test_one_colour_that_varies_is_enough_to_show_something(spread, is_asked):
    pixels = np.full((64, 64, 3), 100, np.uint8)
    pixels[:32, :, 2] = 100 + 2 * spread
    assert look(pixels, says=[(0.5, 0.5)])[1] == [0] * is_asked


@pytest.mark.parametrize("size", [(LEAST_SIDE - 1, 200), (200, LEAST_SIDE - 1)])
def test_a_small_image_is_not_asked_about_whatever_its_frames_are(size):
    assert look(noise(), size=size) == ((), [])
    assert look(noise(*size), size=(LEAST_SIDE, LEAST_SIDE), says=[(0.9, 0.9)])[1] == [0]


@pytest.mark.parametrize(
    ("probability", "score"), [(0.0, 0.0), (0.2, 0.0), (0.4, 0.2), (0.6, 0.4), (0.8, 0.7), (1.0, 1.0), (1.1, 1.0)]
)
def test_a_scale_has_lines_between_its_points_and_stays_within_them(probability, score):
    assert Scale((0.2, 0.6, 1.0), (0.0, 0.4, 1.0)).score(probability) == pytest.approx(score)

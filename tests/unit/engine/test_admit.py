import math
from dataclasses import replace

import numpy as np
import pytest

from evenhand.content.text import Text
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Passage
from evenhand.engine.admit import admit, admit_image, admit_passages
from fakes.detectors import ScriptedDetector
from fakes.image_detectors import ScriptedImageDetector, ScriptedReader

DETECTOR = ScriptedDetector()
TEXT = Text("five!")


def test_a_declared_label_passes():
    signal = DETECTOR.signal(0.5, evidence=(Evidence(0, 5, 1.0, "test"),))
    assert admit(DETECTOR, TEXT, [signal]) == (signal,)


@pytest.mark.parametrize("label", ["ethnicity", "gender/female", "harassment2", "harassment", Label.SEXUAL])
def test_a_label_that_is_not_in_the_taxonomy_or_not_declared_is_dropped(label):
    assert admit(DETECTOR, TEXT, [Signal(DETECTOR.id, "1", label, 0.9), DETECTOR.signal(0.1)]) == (
        DETECTOR.signal(0.1),
    )


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan, math.inf, -1.0])
def test_a_score_that_cannot_be_true_is_a_failure(score):
    failure = admit(DETECTOR, TEXT, [DETECTOR.signal(score)])
    assert isinstance(failure, DetectorFailure)
    assert failure.code == "detector.invalid"


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (3, 2), (0, 6)])
def test_evidence_outside_the_text_is_a_failure(span):
    failure = admit(DETECTOR, TEXT, [DETECTOR.signal(0.5, evidence=(Evidence(*span, 1.0, "test"),))])
    assert isinstance(failure, DetectorFailure)


def test_numpy_numbers_become_pythons_own():
    signal = DETECTOR.signal(np.float32(0.5), evidence=(Evidence(np.int64(0), np.int64(5), np.float64(1.0), "test"),))
    (admitted,) = admit(DETECTOR, TEXT, [signal])
    assert admitted == DETECTOR.signal(0.5, evidence=(Evidence(0, 5, 1.0, "test"),))
    (item,) = admitted.evidence
    assert [type(value) for value in (admitted.score, item.begin, item.end, item.weight)] == [float, int, int, float]


IMAGE_DETECTOR = ScriptedImageDetector()


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.25, 0.5, 0.75, 0.5), (0.9, 0.9, 0.1 + 1e-9, 0.1)])
def test_a_box_inside_the_image_passes(box):
    (signal,) = admit_image(IMAGE_DETECTOR, None, [IMAGE_DETECTOR.signal(0.5, box)])
    left, top, width, height = signal.regions[0].box
    assert left + width <= 1 and top + height <= 1  # noqa: PT018


@pytest.mark.parametrize(
    "box", [(-0.1, 0, 1, 1), (0, 0, 1.1, 1), (0.5, 0, 0.6, 1), (0, 0.5, 1, 0.6), (0, 0, 0, 1), (0, 0, 1, math.nan)]
)
def test_a_box_outside_the_image_is_a_failure(box):
    assert admit_image(IMAGE_DETECTOR, None, [IMAGE_DETECTOR.signal(0.5, box)]).code == "detector.invalid"
    assert admit_passages(ScriptedReader(), None, [Passage("x", 0, box, "words", 1.0)]).code == "detector.invalid"


def test_numpy_numbers_in_a_box_become_pythons_own():
    box = tuple(np.float32(part) for part in (0.0, 0.25, 0.5, 0.5))
    (signal,) = admit_image(IMAGE_DETECTOR, None, [IMAGE_DETECTOR.signal(0.5, box)])
    assert [type(part) for part in signal.regions[0].box] == [float] * 4


def test_evidence_of_the_other_kind_is_a_failure():
    of_image = IMAGE_DETECTOR.signal(0.5)
    of_text = Signal(IMAGE_DETECTOR.id, "1", Label.SEXUAL, 0.5, (Evidence(0, 1, 1.0, "test"),))
    assert admit_image(IMAGE_DETECTOR, None, [of_text]).code == "detector.invalid"
    assert admit(DETECTOR, TEXT, [replace(of_image, label=Label.HARASSMENT)]).code == "detector.invalid"


def test_passages_pass_as_they_are():
    passages = (Passage("x", 0, (0.0, 0.0, 1.0, 1.0), "words", 1.0),)
    assert admit_passages(ScriptedReader(), None, passages) == passages

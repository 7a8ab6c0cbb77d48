import math

import numpy as np
import pytest

from evenhand.content.text import Text
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.engine.admit import admit
from fakes.detectors import ScriptedDetector

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

import numpy as np
import pytest

from drawings import image, landscape, noise
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.safety import SCALE, SUSPICIOUS, SafetyDetector, _padded, _squeezed
from evenhand.detectors.picture_network import EVIDENCE_FROM
from picture_networks import PictureNetworkChecks


class TestSafety(PictureNetworkChecks):
    detector_class = SafetyDetector
    version = "1+fef443ed68ae"
    labels = (Label.VIOLENCE_GRAPHIC, Label.SEXUAL)


class Colours:
    """Stands in for the network: red is gory and green is sexual, whatever it looks like."""

    def __init__(self):
        self.looks = 0

    def run(self, values):
        self.looks += 1
        gory, sexual, _ = values.mean(axis=(0, 2, 3)) / 255
        return np.array([[gory, sexual, max(0, 1 - gory - sexual)]], np.float32)


@pytest.fixture
def by_colour():
    detector = SafetyDetector()
    detector._network = Colours()
    return detector


def coloured(red, green):
    pixels = np.asarray(noise(90, 90)).astype(int) // 16 - 8 + np.array([red, green, 40])
    return np.clip(pixels, 0, 255).astype(np.uint8)


def test_for_each_label_the_strongest_frame_of_an_animation_counts_and_is_named(by_colour):
    frames = [coloured(40, 60), coloured(235, 10), coloured(10, 235)]
    signals = by_colour.detect([image(*frames, numbers=(0, 4, 8))])[0]
    assert {signal.label: [region.frame for region in signal.regions] for signal in signals} == {
        Label.VIOLENCE_GRAPHIC: [4],
        Label.SEXUAL: [8],
    }
    assert all(signal.score > EVIDENCE_FROM for signal in signals)
    assert all(region.box == (0.0, 0.0, 1.0, 1.0) for signal in signals for region in signal.regions)


def test_only_a_strong_score_has_evidence(by_colour):
    gory, sexual = by_colour.detect([image(coloured(235, 60))])[0]
    assert (gory.label, len(gory.regions)) == (Label.VIOLENCE_GRAPHIC, 1)
    assert sexual.score < EVIDENCE_FROM
    assert sexual.regions == ()


@pytest.mark.parametrize(("red", "looks"), [(SUSPICIOUS * 255 - 20, 1), (SUSPICIOUS * 255 + 20, 2)])
def test_only_a_suspicious_picture_is_looked_at_twice(by_colour, red, looks):
    by_colour.detect([image(coloured(int(red), 20))])
    assert by_colour._network.looks == looks


def test_of_two_looks_the_lower_probability_counts():
    detector = SafetyDetector()
    answers = iter(([[0.9, 0.05, 0.05]], [[0.2, 0.4, 0.4]]))
    detector._network = type("Looks", (), {"run": lambda _, __: np.array(next(answers), np.float32)})()
    assert detector.probabilities(image(landscape(200, 100)).frames[0]) == pytest.approx([0.2, 0.05])


def test_a_wide_picture_stands_whole_between_blurred_margins():
    planes = _padded(image(landscape(448, 224)).frames[0])
    assert planes.shape == (1, 3, 224, 224)
    expected = image(landscape(448, 224)).frames[0].resized(224, 112).transpose(2, 0, 1)
    assert np.array_equal(planes[0, :, 56:168], expected)
    margin = planes[0, :, :56]
    assert margin.mean() > 20
    assert np.abs(np.diff(margin, axis=2)).max() < 10


def test_a_square_picture_is_the_same_in_both_ways():
    frame = image(landscape(300, 300)).frames[0]
    assert np.array_equal(_padded(frame), _squeezed(frame))


def test_the_map_rises_and_takes_the_floor_away():
    probabilities = np.linspace(0, 1, 201)
    mapped = np.array([SCALE.score(probability) for probability in probabilities])
    assert (np.diff(mapped) >= 0).all()
    assert (mapped <= probabilities + 1e-9).all()
    assert mapped[probabilities <= 0.05].max() == 0
    assert mapped[-1] == 1

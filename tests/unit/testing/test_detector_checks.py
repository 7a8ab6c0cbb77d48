"""A check that cannot fail is no check: for each one there is a detector that breaks just that promise."""

import itertools
import threading
import time
from collections.abc import Sequence
from typing import ClassVar

import pytest

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.testing import DetectorChecks
from evenhand.testing.detector_checks import THREADS


class Sound:
    """Finds the letter `q` and calls it spam."""

    id: ClassVar[str] = "text.q"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM})
    limits: ClassVar[Limits] = Limits(seconds=5, megabytes=100)
    examples: ClassVar[tuple[Example, ...]] = (
        Example("A q is here.", Label.SPAM, is_hit=True),
        Example("None is here.", Label.SPAM, is_hit=False),
    )
    version = "1"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        return [self.look(text) for text in texts]

    def look(self, text: Text) -> tuple[Signal, ...]:
        at = text.original.find("q")
        return () if at < 0 else (self.signal(evidence=(Evidence(at, at + 1, 1.0, "model"),)),)

    def signal(self, label=Label.SPAM, score=0.9, evidence=()) -> Signal:
        return Signal(self.id, self.version, label, score, evidence)


class TestSound(DetectorChecks):
    detector_class = Sound


class StrangeLabel(Sound):
    labels: ClassVar = frozenset({"speaker/gender"})


class NoLabel(Sound):
    labels: ClassVar = frozenset()


class NoTime(Sound):
    limits: ClassVar = Limits(seconds=0, megabytes=100)


class NoMemory(Sound):
    limits: ClassVar = Limits(seconds=5, megabytes=0)


class NoVersion(Sound):
    version = ""


class OtherModality(Sound):
    id: ClassVar = "image.q"


class NoName(Sound):
    id: ClassVar = "text."


class OneSided(Sound):
    examples: ClassVar = (Example("A q is here.", Label.SPAM, is_hit=True),)


class ForeignExample(Sound):
    examples: ClassVar = (*Sound.examples, Example("A q is here.", Label.SCAM, is_hit=False))


class WrongExample(Sound):
    examples: ClassVar = (*Sound.examples, Example("None at all.", Label.SPAM, is_hit=True))


class MindsCompany(Sound):
    def detect(self, texts):
        return [(self.signal(score=0.9 if len(texts) == 1 else 0.8),) for _ in texts]


class MovesEvidence(Sound):
    def detect(self, texts):
        return [(self.signal(evidence=(Evidence(0, min(len(texts), 2), 1.0, "model"),)),) for _ in texts]


class NeedsTexts(Sound):
    def detect(self, texts):
        return super().detect(texts) or None


class HighScore(Sound):
    def look(self, text):
        return (self.signal(score=1.01),)


class NoNumber(Sound):
    def look(self, text):
        return (self.signal(score=float("nan")),)


class ForeignLabel(Sound):
    def look(self, text):
        return (self.signal(Label.SCAM),)


class LabelTwice(Sound):
    def look(self, text):
        return (self.signal(), self.signal())


class ForeignName(Sound):
    def look(self, text):
        return (Signal("text.other", self.version, Label.SPAM, 0.5),)


class EvidenceOutside(Sound):
    def look(self, text):
        return (self.signal(evidence=(Evidence(0, len(text.original) + 1, 1.0, "model"),)),)


class EmptyEvidence(Sound):
    def look(self, text):
        return (self.signal(evidence=(Evidence(0, 0, 1.0, "model"),)),)


class HeavyEvidence(Sound):
    def look(self, text):
        return (self.signal(evidence=(Evidence(0, 1, 1.5, "model"),)),)


class NamelessEvidence(Sound):
    def look(self, text):
        return (self.signal(evidence=(Evidence(0, 1, 1.0, ""),)),)


class WeakestFirst(Sound):
    def look(self, text):
        return (self.signal(evidence=(Evidence(0, 1, 0.2, "model"), Evidence(0, 1, 0.8, "model"))),)


class Moody(Sound):
    count = itertools.count()

    def __init__(self):
        self.mood = next(self.count) % 2

    def look(self, text):
        return (self.signal(score=0.5 + self.mood / 10),)


class NewVersion(Sound):
    count = itertools.count()

    def __init__(self):
        self.version = str(next(self.count))


class Touchy(Sound):
    def look(self, text):
        if "\x00" in text.original:
            raise ValueError
        return super().look(text)


class Forgetful(Sound):
    def detect(self, texts):
        return [self.look(text) for text in texts if not text.original.isascii() or len(text.original) > 1]


class Shared(Sound):
    def __init__(self, **options):
        super().__init__(**options)
        self.all_threads = threading.Barrier(THREADS, timeout=60)

    def detect(self, texts):
        self.texts = texts
        if threading.current_thread() is not threading.main_thread():
            self.all_threads.wait()
        return [(self.signal(score=len(text.original) / 100_000),) for text in self.texts]


class Slow(Sound):
    limits: ClassVar = Limits(seconds=0.01, megabytes=100)

    def detect(self, texts):
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        return super().detect(texts)


class Large(Sound):
    limits: ClassVar = Limits(seconds=5, megabytes=20)

    def __init__(self):
        self.ballast = b"x" * (60 * 2**20)


class Unloadable(Sound):
    def __init__(self):
        raise OSError("no weights")


BROKEN = {
    "test_the_declaration_is_whole": [StrangeLabel, NoLabel, NoTime, NoMemory, NoVersion],
    "test_the_id_is_its_address": [OtherModality, NoName],
    "test_the_examples_show_both_sides": [OneSided, ForeignExample],
    "test_the_examples_come_out_as_stated": [WrongExample],
    "test_a_batch_is_the_same_as_one_by_one": [MindsCompany, MovesEvidence],
    "test_an_empty_batch_gives_nothing": [NeedsTexts],
    "test_scores_lie_between_0_and_1": [HighScore, NoNumber],
    "test_only_declared_labels_are_given": [ForeignLabel, LabelTwice, ForeignName],
    "test_evidence_lies_inside_the_text": [
        EvidenceOutside,
        EmptyEvidence,
        HeavyEvidence,
        NamelessEvidence,
        WeakestFirst,
    ],
    "test_two_instances_agree": [Moody, NewVersion],
    "test_odd_text_is_borne": [Touchy, Forgetful],
    "test_threads_do_not_disturb_each_other": [Shared],
    "test_a_batch_keeps_within_its_time": [Slow],
    "test_it_keeps_within_its_memory": [Large, Unloadable],
}


@pytest.mark.parametrize(
    ("check", "broken"), [(check, broken) for check, classes in BROKEN.items() for broken in classes]
)
def test_a_check_fails_for_a_detector_that_breaks_it(check, broken):
    checks = type("Checks", (DetectorChecks,), {"detector_class": broken})()
    with pytest.raises((AssertionError, ConfigurationError, ValueError)):
        getattr(checks, check)()


def test_every_check_has_a_detector_that_breaks_it():
    assert {name for name in dir(DetectorChecks) if name.startswith("test_")} == BROKEN.keys()


def test_a_built_in_detector_must_bear_the_name_of_its_file():
    class Misplaced(Sound):
        __module__ = "evenhand.detectors.text.other"

    checks = type("Checks", (DetectorChecks,), {"detector_class": Misplaced})()
    with pytest.raises(AssertionError, match="file's path"):
        checks.test_the_id_is_its_address()

import dataclasses

import pytest

from evenhand.core.content import Modality
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector, Example, Heard, Limits, Listener


class Whole:
    id = "text.whole"
    modality = Modality.TEXT
    labels = frozenset({Label.SPAM})
    limits = Limits(seconds=1, megabytes=1)
    examples = ()
    version = "1"

    def detect(self, texts):
        return [() for _ in texts]


def test_whatever_has_the_shape_is_a_detector():
    assert isinstance(Whole(), Detector)


@pytest.mark.parametrize("name", ["id", "modality", "labels", "limits", "examples", "version", "detect"])
def test_nothing_may_be_missing(name):
    members = {key: value for key, value in vars(Whole).items() if key != name and not key.startswith("__")}
    assert not isinstance(type("Partial", (), members)(), Detector)


class Ear:
    id = "audio.ear"
    modality = Modality.AUDIO
    labels = frozenset[Label]()
    limits = Limits(seconds=1, megabytes=1)
    packages = ()
    version = "1"

    def hear(self, sound, *, begin, until=None, language=""):
        return Heard((), begin)


def test_whatever_has_the_shape_is_a_listener():
    assert isinstance(Ear(), Listener)
    assert not isinstance(Whole(), Listener)
    assert not isinstance(Ear(), Detector)


@pytest.mark.parametrize("name", ["id", "modality", "labels", "limits", "packages", "version", "hear"])
def test_nothing_may_be_missing_of_a_listener(name):
    members = {key: value for key, value in vars(Ear).items() if key != name and not key.startswith("__")}
    assert not isinstance(type("Partial", (), members)(), Listener)


def test_declarations_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits(seconds=1, megabytes=1).seconds = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        Example("a", Label.SPAM, is_hit=True).is_hit = False

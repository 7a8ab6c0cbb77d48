"""Every built-in detector and reader of images keeps every promise."""

import importlib.util

import pytest

from evenhand.core.content import Modality
from evenhand.detectors.image.codes import CodesReader
from evenhand.detectors.image.hash_bank import HashBankDetector
from evenhand.detectors.image.open_nsfw import OpenNsfwDetector
from evenhand.detectors.image.safety import SafetyDetector
from evenhand.detectors.image.words import WordsReader
from evenhand.detectors.registry import declarations
from evenhand.testing.image_checks import ImageDetectorChecks

if not importlib.util.find_spec("rapidocr"):
    pytest.skip("evenhand[images] is not installed", allow_module_level=True)


class TestOpenNsfwDetector(ImageDetectorChecks):
    detector_class = OpenNsfwDetector


class TestSafetyDetector(ImageDetectorChecks):
    detector_class = SafetyDetector


class TestWordsReader(ImageDetectorChecks):
    detector_class = WordsReader


class TestPreciseWordsReader(ImageDetectorChecks):
    detector_class = WordsReader
    options = {"precise": True}  # noqa: RUF012 - nothing changes it


class TestCodesReader(ImageDetectorChecks):
    detector_class = CodesReader


class TestHashBankDetector(ImageDetectorChecks):
    detector_class = HashBankDetector


def test_none_is_forgotten():
    checked = {found.detector_class for found in ImageDetectorChecks.__subclasses__()}
    assert {declared for declared in declarations() if declared.modality is Modality.IMAGE} <= checked

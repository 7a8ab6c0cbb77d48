import pytest

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS, is_supported, supported_languages
from evenhand.core.taxonomy import ATTRIBUTES, Label
from evenhand.detectors.base import Limits
from fakes.detectors import ScriptedDetector


class English(ScriptedDetector):
    limits = Limits(1, 1, languages=("en",))


class German(ScriptedDetector):
    limits = Limits(1, 1, languages=("de",))


def test_every_attribute_of_the_taxonomy_has_its_name():
    assert {ATTRIBUTE_LABELS[label.value] for label in ATTRIBUTES} == set(ATTRIBUTES)
    assert ATTRIBUTE_LABELS["THREAT_EXPERIMENTAL"] is Label.ATTRIBUTE_THREAT


@pytest.mark.parametrize("name", ["AFFINITY_EXPERIMENTAL", "FLIRTATION", "toxicity", "LIKELY_TO_REJECT"])
def test_what_has_no_counterpart_is_not_there(name):
    assert name not in ATTRIBUTE_LABELS


def test_languages_are_those_of_the_detectors_that_cover_the_label():
    assert supported_languages(Label.HARASSMENT, [English(), German()]) == {"en", "de"}
    assert supported_languages(Label.HARASSMENT, [English(), ScriptedDetector()]) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", True),
        ("en-GB", True),
        ("EN", True),
        ("en-Cyrl", False),
        ("en-Latn-US", False),
        ("sw", False),
        ("", False),
    ],
)
def test_a_region_is_the_same_language_and_a_script_is_not(language, expected):
    assert is_supported(language, frozenset({"en"})) is expected


def test_nothing_to_depend_on_supports_everything():
    assert is_supported("xx", None)

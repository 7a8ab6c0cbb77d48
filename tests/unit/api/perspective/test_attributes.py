import pytest

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS, served_attributes
from evenhand.core.taxonomy import ATTRIBUTES, TAXONOMY, Label
from evenhand.detectors.base import Limits
from fakes.detectors import ScriptedDetector


class Words(ScriptedDetector):
    id = "text.words"
    labels = frozenset({Label.ATTRIBUTE_INSULT, Label.ATTRIBUTE_THREAT})


class English(ScriptedDetector):
    id = "text.english"
    labels = frozenset({Label.ATTRIBUTE_INSULT, Label.ATTRIBUTE_TOXICITY})
    limits = Limits(1, 1, languages=("en",))


class German(English):
    id = "text.german"
    limits = Limits(1, 1, languages=("de",))


def test_every_attribute_of_the_taxonomy_has_its_name():
    assert {ATTRIBUTE_LABELS[label.value] for label in ATTRIBUTES} == set(ATTRIBUTES)
    assert ATTRIBUTE_LABELS["THREAT_EXPERIMENTAL"] is Label.ATTRIBUTE_THREAT
    assert ATTRIBUTE_LABELS["TOXICITY_FAST"] is Label.ATTRIBUTE_TOXICITY


def test_what_is_borrowed_from_the_new_york_times_set_is_in_the_taxonomy():
    for name in ("OBSCENE", "SPAM"):
        meanings = {counterpart for entry in TAXONOMY.values() for counterpart in entry.perspective}
        assert name in meanings


@pytest.mark.parametrize("name", ["AFFINITY_EXPERIMENTAL", "FLIRTATION", "toxicity", "LIKELY_TO_REJECT"])
def test_what_has_no_counterpart_is_not_there(name):
    assert name not in ATTRIBUTE_LABELS


def test_only_what_a_detector_covers_is_served():
    served = served_attributes([English()])
    assert set(served) == {"INSULT", "INSULT_EXPERIMENTAL", "TOXICITY", "TOXICITY_EXPERIMENTAL", "TOXICITY_FAST"}
    assert served["INSULT_EXPERIMENTAL"].label is Label.ATTRIBUTE_INSULT


def test_every_detector_that_covers_the_label_counts():
    served = served_attributes([English(), German(), Words()])
    assert served["INSULT"].detectors == {"text.english", "text.german", "text.words"}
    assert served["THREAT"].detectors == {"text.words"}


def test_languages_are_those_of_the_detectors_that_cover_the_label():
    served = served_attributes([English(), German(), Words()])
    assert served["TOXICITY"].languages == {"en", "de"}
    assert served["INSULT"].languages is None


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
    assert served_attributes([English()])["INSULT"].supports(language) is expected


def test_nothing_to_depend_on_supports_everything():
    assert served_attributes([Words()])["THREAT"].supports("xx")

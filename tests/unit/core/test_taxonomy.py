import pytest

from evenhand.core.conduct import profiling_names
from evenhand.core.taxonomy import ATTRIBUTES, CATEGORIES, TAXONOMY, Label

OPENAI = {
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
}
AILUMINATE = {"cse", "dfm", "hte", "ipv", "iwp", "ncr", "prv", "spc", "src", "ssh", "sxc_prn", "vcr"}


def test_labels_describe_conduct():
    assert profiling_names([*Label, *Label.__members__]) == {}


def test_every_label_is_defined_once():
    assert list(TAXONOMY) == list(Label)


def test_the_list_is_closed():
    with pytest.raises(TypeError):
        TAXONOMY["new"] = None


def test_there_are_18_categories_and_the_7_perspective_attributes():
    assert len(CATEGORIES) == 18
    assert {label.name.removeprefix("ATTRIBUTE_") for label in ATTRIBUTES} == {str(label) for label in ATTRIBUTES}
    assert len(ATTRIBUTES) == 7


@pytest.mark.parametrize("entry", TAXONOMY.values(), ids=lambda entry: entry.label)
def test_a_definition_is_one_sentence_and_says_what_is_not_meant(entry):
    for sentence in (entry.definition, entry.not_meant):
        assert sentence.count(".") == 1
        assert sentence.endswith(".")
        assert sentence[0].isupper()


def test_every_category_of_the_openai_api_has_its_own_label():
    assert {str(label) for label in CATEGORIES} >= OPENAI
    assert all(str(label) in TAXONOMY[label].openai for label in CATEGORIES if str(label) in OPENAI)


def test_counterparts_are_names_that_the_other_taxonomies_have():
    assert {name for entry in TAXONOMY.values() for name in entry.openai} == OPENAI
    assert {name for entry in TAXONOMY.values() for name in entry.ailuminate} <= AILUMINATE
    attributes = {str(label) for label in ATTRIBUTES}
    assert attributes <= {name for entry in TAXONOMY.values() for name in entry.perspective}

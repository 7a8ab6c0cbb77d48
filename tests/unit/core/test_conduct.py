import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.conduct import PERSONAL_ATTRIBUTES, personal_attributes_in, profiling_names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("speaker/gender", ("speaker", "gender")),
        ("skin_tone", ("skin", "skintone")),
        ("detect_faces", ("faces",)),
        ("isMuslim", ("muslim",)),
        ("HTTPFaceDetector", ("face",)),
        ("age2", ("age",)),
        ("EVENHAND_ETHNICITY", ("ethnicity",)),
        ("national-origin", ("nationalorigin",)),
        ("country_of_birth", ("birth",)),
    ],
)
def test_a_name_that_asks_for_an_attribute_is_found(name, words):
    assert personal_attributes_in(name) == words


@pytest.mark.parametrize(
    "name",
    [
        "sexual",
        "sexual/minors",
        "page",
        "message_language",
        "trace",
        "interface",
        "surface",
        "IDENTITY_ATTACK",
        "",
        "1/2",
    ],
)
def test_a_name_that_describes_conduct_passes(name):
    assert personal_attributes_in(name) == ()


def test_only_the_offending_names_come_back():
    assert profiling_names(["score", "religion_of_author"]) == {"religion_of_author": ("religion",)}


@given(st.sampled_from(sorted(PERSONAL_ATTRIBUTES)), st.sampled_from(["", "_score", ".x", "/y", "Value", " 2"]))
def test_every_word_of_the_list_is_found_whatever_follows(word, rest):
    assert word in personal_attributes_in(word + rest)


def test_the_words_are_written_as_they_are_compared():
    assert all(word.isalpha() and word == word.lower() for word in PERSONAL_ATTRIBUTES)

import re

import pytest

from evenhand.core.conduct import PERSONAL_ATTRIBUTES
from evenhand.policy.profiling import (
    _words,
    asked_by,
    found_by,
    found_by_part,
    is_only_names,
    joined_from,
    named_in,
    share_of_names,
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("muslims", "muslim"),
        ("The Jewish forum", "jewish"),
        ("mus lim", "muslim"),
        ("mu5lim", "muslim"),
        ("spam|sikhs", "sikhs"),
        ("Müslüman", "musluman"),
        ("黑人", "黑人"),
        ("他是维吾尔族人", "维吾尔"),
        ("الْمُسْلِمِينَ", "المسلمين"),
        ("وللمسلمين", "مسلمين"),
        ("मुसलमान", "मुसलमान"),
        ("beard", "beard"),
        ("hijab and prayer", "hijab prayer"),
    ],
)
def test_a_group_is_found_in_disguise(text, word):
    assert named_in(text) == word


@pytest.mark.parametrize(
    "text", ["", "hate", "black", "women", "beard oil", "the hijab shop", "people", "你好", "german"]
)
def test_what_names_no_group_passes(text):
    assert named_in(text) == ""


@pytest.mark.parametrize("name", ["religion", "isMuslim", "ETHNIE", "user_re1igion", "ip-country", "性别", "skin_tone"])
def test_a_name_that_asks_for_people_is_seen(name):
    assert asked_by(name)


@pytest.mark.parametrize("name", ["page", "channel", "spoiler", "message_count", "hate", "surface", "x1"])
def test_a_name_that_asks_for_something_else_passes(name):
    assert asked_by(name) == ""


@pytest.mark.parametrize(
    "entry", ["muslim", "the muslims", "black people", "women", "m.u.s.l.i.m", "mus-lim", "穆斯林维吾尔族", "prayer"]
)
def test_an_entry_that_only_names_people(entry):
    assert is_only_names(entry)


@pytest.mark.parametrize("entry", ["", "people", "the", "kill all muslims", "casino", "穆斯林都该死", "你好"])
def test_an_entry_that_says_more_or_nothing(entry):
    assert not is_only_names(entry)


def test_an_entry_counts_once_in_whatever_dress():
    assert share_of_names(["jew", "Jew", "casino", "CASINO"]) == (0.5, ("Jew",))
    assert share_of_names([]) == (0.0, ())


@pytest.mark.parametrize("pattern", ["m.sl[ie]m", "spam|scam|sikhs", "(?i)^UYGHUR$", "^musli"])
def test_a_pattern_made_for_people_is_seen(pattern):
    assert found_by(lambda word: bool(re.search(pattern, word)))


@pytest.mark.parametrize("pattern", [".*", "^[a-z]+$", "^mu", "casino|poker", "^[a-p]", "[0-9]+", "india", "christmas"])
def test_a_pattern_made_for_anything_else_passes(pattern):
    assert found_by(lambda word: bool(re.search(pattern, word))) == ""


@pytest.mark.parametrize(
    ("part", "test", "is_seen"),
    [
        ("musli", "startsWith", True),
        ("ghur", "endsWith", True),
        ("ewish", "contains", True),
        ("ewish", "startsWith", False),
        ("mus", "startsWith", False),
        ("/musl", "startsWith", False),
        ("shop", "contains", False),
        ("germany", "contains", False),
    ],
)
def test_a_part_that_only_words_for_people_have_is_seen(part, test, is_seen):
    assert bool(found_by_part(part, test)) is is_seen


def test_two_parts_can_make_a_name():
    assert joined_from(["x", "lim", "mus"]) == "muslim"
    assert joined_from(["news", "sport", ""]) == ""


def test_the_words_are_many_and_of_several_scripts():
    words = _words()
    assert len(words.people) > 500
    assert len(words.practices) > 100
    for script in ("а-я", "\u0600-\u06ff", "\u0590-\u05ff", "\u0900-\u097f", "\u4e00-\u9fff", "\uac00-\ud7af"):
        assert any(re.search(f"[{script}]", word) for word in words.people)


def test_no_common_word_is_one_that_is_refused():
    words = _words()
    assert [word for word in words.controls if named_in(word)] == []
    assert [
        word for word in ("uyghur", "jewish", "muslim", "rohingya", "dalit", "tibetan") if word not in words.people
    ] == []
    assert "religion" in PERSONAL_ATTRIBUTES

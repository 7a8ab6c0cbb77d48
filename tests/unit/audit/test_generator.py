import itertools
from collections import Counter, defaultdict

import pytest

from evenhand.audit.answers import BOTH
from evenhand.audit.families import read_families
from evenhand.audit.generator import count_pairs, generate, pairs
from evenhand.core.errors import InputError


@pytest.fixture(scope="module")
def files():
    return read_families()


@pytest.fixture(scope="module")
def everything(files):
    return generate(files)


def test_there_are_enough_pairs_and_sentences_of_practice_and_identity(everything):
    families = Counter(sentence.family for sentence in everything)
    named = ("neutral identity", "positive identity", "self-description", "culture", "religious practice")
    assert sum(families[name] for name in named) >= 10_000
    assert families["religious practice"] >= 1_000
    assert count_pairs(everything) >= 50_000


def test_ids_are_unique_and_no_slot_is_left(everything):
    assert len({sentence.id for sentence in everything}) == len(everything)
    assert not [sentence.text for sentence in everything if "{" in sentence.text or "}" in sentence.text]


def test_the_two_of_a_pair_differ_in_the_group_and_in_nothing_else(everything):
    for one, other in itertools.islice(pairs(everything), 20_000):
        assert (one.language, one.family, one.template, one.expected) == (
            other.language, other.family, other.template, other.expected,
        )  # fmt: skip
        assert one.group != other.group
        # Several traditions share a word for a diet or a dress.
        assert one.text != other.text or one.language != "en" or one.axis == "practice"


def test_pairs_are_counted_as_they_are_made(files):
    few = generate(files, at_most=2_000)
    assert count_pairs(few) == sum(1 for _ in pairs(few))


def test_a_group_is_in_a_template_once_and_has_one_axis(everything):
    times = Counter((one.language, one.family, one.template, one.group) for one in everything)
    assert set(times.values()) == {1}
    axes = defaultdict(set)
    for sentence in everything:
        axes[sentence.language, sentence.group].add(sentence.axis)
    assert [group for group, found in axes.items() if len(found) > 1] == []


def test_the_same_seed_gives_the_same_and_fewer_are_the_beginning_of_more(files):
    few, more = generate(files, seed=4, at_most=500), generate(files, seed=4, at_most=900)
    assert more[:500] == few
    assert generate(files, seed=5, at_most=500) != few


def test_a_cut_keeps_every_template_about_equally(files, everything):
    templates = {(one.language, one.family, one.template) for one in everything}
    sizes = Counter((one.language, one.family, one.template) for one in generate(files, at_most=2 * len(templates)))
    assert sizes.keys() == templates
    assert set(sizes.values()) == {2}


def test_languages_and_families_can_be_chosen(files):
    found = generate(files, languages={"de", "fr"}, families={"news"})
    assert {(one.language, one.family) for one in found} == {("de", "news"), ("fr", "news")}


def test_nothing_left_is_an_error(files):
    with pytest.raises(InputError) as raised:
        generate(files, languages={"xx"})
    assert raised.value.code == "audit.no_sentences"


def test_two_groups_at_once_are_of_two_axes(files):
    found = generate(files, families={"two at once"})
    assert len(found) > 1_000
    for sentence in found:
        first, second = sentence.axis.split(BOTH)
        assert first != second
        assert len(sentence.group.split(BOTH)) == 2


def test_dialects_say_the_same_in_several_ways(files):
    found = generate(files, families={"dialect"})
    assert {one.axis for one in found} == {"dialect"}
    assert {one.group for one in found} > {"standard-english", "scots"}
    assert [one.text for one in found if one.group == "standard-english"] == [
        one.template for one in found if one.group == "standard-english"
    ]


def test_practice_swaps_traditions_and_not_the_words_of_identity(files):
    found = generate(files, families={"religious practice"})
    assert {one.axis for one in found} == {"practice"}
    assert "I am keeping Ramadan this year, so no lunch for me." in {one.text for one in found}
    assert "muslim practice" in {one.group for one in found}

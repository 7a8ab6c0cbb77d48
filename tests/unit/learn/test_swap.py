import random

import pytest

from evenhand.learn.compose import read_shared
from evenhand.learn.swap import Swapper

SWAPPER = Swapper()
GROUPS = set(read_shared()["group"])
MEMBERS = set(read_shared()["a_member"])


def swapped(text, seed=1):
    return SWAPPER.swap(text, random.Random(seed))


@pytest.mark.parametrize("text", ["Muslims are our neighbours", "why do the BLACKS on my street", "i met a jew today"])
def test_a_text_that_names_a_group_is_found(text):
    assert SWAPPER.names_a_group(text)


@pytest.mark.parametrize("text", ["", "I like cake.", "the womens' toilet? amen, mental", "polestar"])
def test_a_text_without_groups_is_left_alone(text):
    assert not SWAPPER.names_a_group(text)
    assert swapped(text) == text


def test_a_plural_is_replaced_by_a_plural_and_a_member_by_a_member():
    for seed in range(30):
        found = swapped("Kurds: I know a Muslim.", seed)
        plural, _, member = found.removesuffix(".").partition(": I know ")
        assert plural in GROUPS
        assert member in MEMBERS


def test_one_group_stays_one_group_and_two_stay_two_choices():
    first, second, third = swapped("Sikhs and Hindus and sikhs").split(" and ")
    assert first.lower() == third
    assert first != second


def test_small_letters_stay_small():
    assert swapped("blacks").islower()


def test_a_seed_gives_the_same_text_and_seeds_differ():
    assert swapped("Turks", 3) == swapped("Turks", 3)
    assert len({swapped("Turks", seed) for seed in range(20)}) > 10

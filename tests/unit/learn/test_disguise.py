import random

import pytest

from evenhand.content.cleaning import clean
from evenhand.detectors.wordpiece import PICTURES
from evenhand.learn.disguise import DISGUISES, disguise

TEXT = "what a pathetic idiot you are"
#: What cleaning takes back entirely; the others change the letters themselves, or which letters there are.
TAKEN_BACK = {"digits for letters", "look-alikes", "letters set apart", "invisible characters"}


@pytest.mark.parametrize("kind", DISGUISES)
def test_each_disguise_changes_words_and_keeps_their_number(kind):
    hidden = disguise("a pathetic", random.Random(1), kind=kind, share=1.0)
    assert hidden != "a pathetic"
    assert hidden.startswith("a "), "short words stay"


@pytest.mark.parametrize("kind", sorted(TAKEN_BACK))
def test_cleaning_takes_disguises_back(kind):
    hidden = disguise("fool", random.Random(4), kind=kind, share=1.0)
    assert hidden != "fool"
    assert clean(f"you are {hidden} indeed").text == "you are fool indeed"


def test_pictures_stand_for_the_words_that_they_are_read_as():
    assert disguise("you Pig today", random.Random(1), kind="pictures for words", share=1.0) in {
        f"you {picture} today" for picture, word in PICTURES.items() if word == "pig"
    }


def test_the_same_chance_gives_the_same_text():
    assert disguise(TEXT, random.Random(3)) == disguise(TEXT, random.Random(3))


def test_no_share_of_words_is_more_than_asked_for():
    hidden = disguise("word " * 1000, random.Random(5), kind="letters doubled", share=0.15)
    assert 100 < sum(word != "word" for word in hidden.split()) < 200

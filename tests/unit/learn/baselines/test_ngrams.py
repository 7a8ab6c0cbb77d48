import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.learn.baselines.ngrams import BUCKET_BITS, CHARACTER_ORDERS, WORD_ORDERS, count_buckets, find_occurrences

TEXTS = st.text(max_size=40).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))


def stretches(text):
    occurrences = find_occurrences([text])
    spans = zip(occurrences.begin.tolist(), occurrences.end.tolist(), strict=True)
    return {f" {text} "[begin + 1 : end + 1] for begin, end in spans}


def buckets(texts, place):
    counts = count_buckets(find_occurrences(texts))
    own = counts.text == place
    return dict(zip(counts.bucket[own].tolist(), counts.count[own].tolist(), strict=True))


def test_characters_are_taken_inside_words_and_words_in_a_row():
    found = stretches("ab cde")
    assert {" a", "ab", "b ", " ab", "ab ", " ab ", " c", "cde", " cde ", "ab cde"} <= found
    assert not {"b c", "ab c", "b cde"} & found


def test_the_number_of_stretches_is_what_the_orders_say():
    occurrences = find_occurrences(["abcdefgh"])
    length = len(" abcdefgh ")
    characters = sum(length - order + 1 for order in CHARACTER_ORDERS)
    assert 1 in WORD_ORDERS
    assert len(occurrences.bucket) == characters + 1


def test_the_same_stretch_gives_the_same_bucket_wherever_it_stands():
    assert buckets(["well, fudge"], 0).keys() >= buckets(["fudge"], 0).keys()


def test_the_same_letters_as_word_and_as_part_differ():
    assert buckets(["cat"], 0).keys() != buckets(["concatenate"], 0).keys() & buckets(["cat"], 0).keys()


@pytest.mark.parametrize(("first", "second"), [("stop!", "stop"), ("a - b", "a b"), ("a\tb", "a  b"), ("(no)", "no")])
def test_punctuation_and_spacing_count_as_boundaries_alone(first, second):
    assert buckets([first], 0) == buckets([second], 0)


@pytest.mark.parametrize(("drawn_out", "plain"), [("sooooo", "so"), ("shiiiit", "shit"), ("yesss", "yes")])
def test_drawn_out_letters_are_one(drawn_out, plain):
    assert buckets([drawn_out], 0) == buckets([plain], 0)


@pytest.mark.parametrize(("text", "other"), [("good", "god"), ("www", "w"), ("xxx", "x")])
def test_double_letters_and_words_of_one_letter_stay(text, other):
    assert buckets([text], 0) != buckets([other], 0)


def test_pictures_and_struck_out_letters_are_words():
    assert buckets(["\U0001f595"], 0)
    assert buckets(["f**k"], 0) != buckets(["f k"], 0)


@pytest.mark.parametrize("text", ["", " ", "...", "\x00", "\u200b\u202e"])
def test_what_has_no_words_has_no_stretches(text):
    assert not stretches(text)


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_neighbours_change_nothing(texts):
    for place, text in enumerate(texts):
        assert buckets(texts, place) == buckets([text], 0)


@given(TEXTS)
def test_places_lie_in_the_text_and_its_boundaries(text):
    occurrences = find_occurrences([text])
    assert np.all(occurrences.begin >= -1)
    assert np.all(occurrences.begin < occurrences.end)
    assert np.all(occurrences.end <= len(text) + 1)
    assert np.all(np.minimum(occurrences.end, len(text)) > np.maximum(occurrences.begin, 0))
    assert np.all((occurrences.bucket >= 0) & (occurrences.bucket < 1 << BUCKET_BITS))


@given(TEXTS)
def test_every_occurrence_is_counted_once(text):
    occurrences = find_occurrences([text])
    counts = count_buckets(occurrences)
    assert counts.count.sum() == len(occurrences.bucket)
    assert np.array_equal(counts.bucket[counts.group], occurrences.bucket)

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.timeline import Utterance
from evenhand.engine.transcript import WINDOW_CHARACTERS, Window, windows_of


def said(text, begin=0.0, end=1.0, language="en"):
    return Utterance(begin, end, text, language, 0.9, is_clear=True)


def test_every_utterance_is_a_window_of_its_own_and_one_with_its_neighbours():
    first, second = said("I will", 0, 1), said("come for you", 1, 3)
    assert [window.text for window in windows_of([first, second])] == ["I will", "come for you", "I will come for you"]


def test_silence_and_a_single_utterance_make_no_window_beside_themselves():
    assert windows_of([]) == []
    assert windows_of([said(" ")]) == []
    assert [window.text for window in windows_of([said("Hello.")])] == ["Hello."]


LENGTHS = st.lists(st.integers(1, 2 * WINDOW_CHARACTERS), min_size=2, max_size=40)


@given(LENGTHS)
def test_any_two_utterances_that_follow_each_other_are_seen_together(lengths):
    utterances = [said("a" * length, place, place + 1) for place, length in enumerate(lengths)]
    seen = {
        pair
        for window in windows_of(utterances)
        for pair in zip(window.utterances, window.utterances[1:], strict=False)
    }
    assert seen == set(itertools.pairwise(utterances))


@given(LENGTHS)
def test_the_number_of_windows_grows_with_the_number_of_utterances_and_no_faster(lengths):
    windows = windows_of([said("a" * length, place, place + 1) for place, length in enumerate(lengths)])
    assert len(windows) < 2 * len(lengths)


def test_time_passes_evenly_over_the_characters_of_an_utterance():
    window = Window((said("0123456789", 10, 20), said("abcde", 30, 35)))
    assert window.text == "0123456789 abcde"
    assert window.times(0, 10) == (10, 20)
    assert window.times(5, 7) == (15, 17)
    assert window.times(11, 16) == (30, 35)
    assert window.times(8, 13) == (18, 32)
    assert window.times(10, 16) == (30, 35)
    assert window.times(16, 16) == (35, 35)


@pytest.mark.parametrize(("languages", "expected"), [(("en", "en"), "en"), (("en", "de"), ""), (("", ""), "")])
def test_a_window_has_a_language_where_all_of_it_has(languages, expected):
    window = Window(tuple(replace(said("word"), language=language) for language in languages))
    assert window.language == expected

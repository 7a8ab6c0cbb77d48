import pytest

from evenhand.learn.dev_sets import (
    by_kind,
    filled_word,
    read_forbidden,
    read_plain_words,
    read_prompts,
    read_spans,
    read_surge,
    read_templates,
    words_of,
)

WORDS = ("very tall", "tall", "old")


def test_comments_come_with_their_truth(data_folder):
    texts = read_surge(data_folder)
    assert {text.is_harmful for text in texts} == {True, False}


def test_prompts_come_with_their_truth_and_type(data_folder):
    texts = read_prompts(data_folder)
    assert {text.kind for text in texts if text.is_harmful} == {"contrast"}
    assert set(by_kind(texts)) == {"homonyms", "definitions", "contrast"}


def test_spans_are_of_texts_that_training_holds_out_and_mark_characters(data_folder):
    texts = read_spans(data_folder)
    assert 0 < len(texts) < 40
    assert all(text.text[min(text.marked) : max(text.marked) + 1] == "fool" for text in texts)


def test_templates_are_english_and_know_the_word_that_was_filled_in(data_folder):
    texts = read_templates(data_folder)
    assert [text.kind for text in texts] == ["tall", "very tall", "tall", "very tall", "very tall", ""]
    assert set(by_kind(texts)) == {"tall", "very tall"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Being very tall is nice", "very tall"),
        ("Kim is a nice old", "old"),
        ("You are bold", ""),
        ("hug tall", "tall"),
        ("old", "old"),
    ],
)
def test_the_longest_whole_word_counts(text, word):
    assert filled_word(text, WORDS) == word


def test_what_is_word_for_word_in_a_dev_set_is_known_however_it_is_written(data_folder):
    forbidden = read_forbidden(data_folder)
    assert words_of("Oh, YOU fool w3!") in forbidden
    assert words_of("being tall is nice...") in forbidden
    assert words_of("you fool w3") not in forbidden
    assert words_of("!?") not in forbidden
    assert words_of("Quokka") in forbidden


def test_without_dev_sets_plain_words_alone_are_forbidden(tmp_path):
    assert read_forbidden(tmp_path) == {(word.text,) for word in read_plain_words()}


def test_plain_words_are_single_distinct_and_harmless():
    words = read_plain_words()
    texts = [word.text for word in words]
    assert len(texts) == len(set(texts)) > 300
    assert all(text.isalpha() and text.islower() for text in texts)
    assert not any(word.is_harmful for word in words)

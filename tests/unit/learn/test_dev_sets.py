import pytest

from evenhand.learn.dev_sets import by_kind, filled_word, read_prompts, read_spans, read_surge, read_templates

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

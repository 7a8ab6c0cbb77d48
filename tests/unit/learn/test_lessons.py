import msgspec
import numpy as np
import pytest

from evenhand.core.taxonomy import Label
from evenhand.detectors.encoder import VOCABULARY, WINDOW
from evenhand.detectors.text.toxicity import MODEL
from evenhand.detectors.wordpiece import WordPiece
from evenhand.learn.compose import SOURCE
from evenhand.learn.corpora import HEADS, INSULT, TOXICITY, Row
from evenhand.learn.lessons import (
    DISGUISED_VERSIONS,
    LAST_PART,
    SWAPPED_VERSIONS,
    chosen_rows,
    part_of,
    prepare_lessons,
)
from evenhand.learn.recipe import SourceUse, read_recipe

CUTTER = WordPiece.load(MODEL / VOCABULARY)
RECIPE = read_recipe()
SPAM, SELF_HARM = HEADS.index(Label.SPAM), HEADS.index(Label.SELF_HARM)


def prepare(*rows, recipe=RECIPE, **options):
    return list(prepare_lessons(rows, recipe, CUTTER, **options))


def test_what_is_unknown_counts_nothing():
    (prepared,) = prepare(Row("some text", "set", {INSULT: 0.7}))
    lesson = prepared.lesson
    assert lesson.targets[HEADS.index(INSULT)] == pytest.approx(0.7)
    assert lesson.weights.tolist() == [float(head == INSULT) for head in HEADS]


def test_a_harmless_comment_is_a_little_free_of_what_nobody_looked_for():
    (prepared,) = prepare(Row("a fine day for a walk", "set", {TOXICITY: 0.0}))
    assert prepared.lesson.weights[SPAM] == pytest.approx(RECIPE.assumed_free.weight)
    assert prepared.lesson.weights[HEADS.index(TOXICITY)] == 1.0


def test_a_toxic_comment_is_assumed_free_of_what_abuse_is_rarely_about_alone():
    (prepared,) = prepare(Row("you are a fool", "set", {TOXICITY: 1.0}))
    assert prepared.lesson.weights[SPAM] > 0
    assert prepared.lesson.weights[HEADS.index(Label.VIOLENCE)] == 0


def test_nothing_is_assumed_where_a_word_list_speaks():
    (prepared,) = prepare(Row("i want to kill myself", "set", {TOXICITY: 0.0}))
    assert prepared.lesson.weights[SELF_HARM] == 0
    assert prepared.lesson.weights[SPAM] > 0


@pytest.mark.parametrize("source", [f"{SOURCE}: x", "terms"])
def test_nothing_is_assumed_of_own_sentences_and_terms(source):
    (prepared,) = prepare(Row("a fine day", source, {TOXICITY: 0.0}), always_fitted=["terms"])
    assert (prepared.lesson.weights > 0).sum() == 1


def test_terms_are_always_fitted_and_left_out_sources_never():
    rows = [Row(f"word {number}", "terms", {INSULT: 1.0}) for number in range(40)]
    assert all(row.is_fitted for row in prepare(*rows, always_fitted=["terms"]))
    left_out = msgspec.structs.replace(RECIPE, without=("terms",))
    assert all(row.part == LAST_PART and row.is_held_out for row in prepare(*rows, recipe=left_out))


def test_every_text_is_on_one_side_however_it_is_written():
    rows = [Row(text, "set", {INSULT: 1.0}) for text in ("Hello there", "hello there", "HELLO THERE")]
    assert len({row.part for row in prepare(*rows)}) == 1
    parts = [part_of(f"text {number}", seed=1) for number in range(2000)]
    assert 0 <= min(parts) <= max(parts) == LAST_PART
    assert np.mean(np.array(parts) < 50) == pytest.approx(0.5, abs=0.05)


def test_texts_are_cut_at_the_window_and_fitted_ones_have_disguises():
    for prepared in prepare(Row("word " * 500, "set", {INSULT: 1.0}), Row("one more text", "set", {INSULT: 1.0})):
        assert max(len(pieces) for pieces in prepared.lesson.versions) <= WINDOW + 2
        assert len(prepared.lesson.versions) == 1 + DISGUISED_VERSIONS * prepared.is_fitted
        assert all(pieces[0] == CUTTER.begin for pieces in prepared.lesson.versions)


def test_a_fitted_comment_that_names_a_group_is_told_of_others_as_well():
    rows = [Row(f"well {number} Kurds came", "set", {INSULT: 1.0}) for number in range(60)]
    fitted, rest = [], []
    for row in prepare(*rows):
        (fitted if row.is_fitted else rest).append(row.lesson)
    assert {len(lesson.swapped) for lesson in fitted} == {SWAPPED_VERSIONS}
    assert {len(lesson.swapped) for lesson in rest} == {0}
    for pieces in (pieces for lesson in fitted for pieces in lesson.swapped):
        assert pieces[0] == CUTTER.begin
        assert pieces[-1] == CUTTER.end


@pytest.mark.parametrize("source", [f"{SOURCE}: x", "terms"])
def test_own_sentences_and_terms_are_told_of_nobody_else(source):
    (prepared,) = prepare(Row("Kurds came", source, {TOXICITY: 0.0}), always_fitted=["terms"])
    assert prepared.lesson.swapped == ()


def test_the_recipe_says_how_many_rows_and_how_much_they_count():
    recipe = msgspec.structs.replace(RECIPE, sources={"set": SourceUse(rows=3, weight=0.5)})
    rows = [Row(f"text {number}", "set", {INSULT: 1.0}) for number in range(9)]
    chosen = list(chosen_rows([*rows, Row("other", "b", {})], recipe))
    assert sum(row.source == "set" for row in chosen) == 3
    assert chosen[-1].source == "b"
    assert prepare(rows[0], recipe=recipe)[0].lesson.weights.max() == pytest.approx(0.5)

import itertools
from collections import Counter

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.toxicity import MINOR
from evenhand.learn import compose
from evenhand.learn.compose import SHARED, TERMS, compose_rows, read_descriptors, read_terms
from evenhand.learn.corpora import HEADS


@pytest.fixture(scope="module")
def rows(data_folder):
    return list(compose_rows(data_folder, seed=1))


def test_one_seed_gives_the_same_rows_and_another_gives_others(data_folder, rows):
    assert list(itertools.islice(compose_rows(data_folder, seed=1), 2_000)) == rows[:2_000]
    assert list(itertools.islice(compose_rows(data_folder, seed=2), 2_000)) != rows[:2_000]


def test_every_slot_is_filled_and_every_target_is_a_head(rows):
    for row in rows:
        assert "{" not in row.text
        assert set(row.targets) <= set(HEADS)
        assert all(0 <= target <= 1 for target in row.targets.values())


def test_a_label_implies_what_contains_it(rows):
    for row in rows:
        for head, target in row.targets.items():
            whole, _, part = head.partition("/")
            if part and target > 0.5 and whole in row.targets:
                assert row.targets[Label(whole)] > 0.5, row.source


def test_a_group_is_named_in_harmless_sentences_more_often_than_in_others(rows):
    named, harmful = Counter(), Counter()
    for row in rows:
        for group in ("muslims", "jews", "gay people", "women", "white people"):
            if group in row.text.lower():
                (harmful if row.targets.get(Label.ATTRIBUTE_TOXICITY, 0.0) > 0.5 else named)[group] += 1
    assert all(named[group] > harmful[group] > 0 for group in named)


def test_every_head_has_harmless_twins_and_harm_to_learn_from(rows):
    harmful = Counter(head for row in rows for head, target in row.targets.items() if target > 0.5)
    harmless = Counter(head for row in rows for head, target in row.targets.items() if target < 0.3)
    assert all(harmless[head] > 300 for head in HEADS)
    assert all(harmful[head] > 300 for head in HEADS)


def test_words_that_some_dislike_are_used_and_insults_are_not(data_folder):
    words = read_descriptors(data_folder)
    assert words[:3] == ["tall", "left-handed", "disliked"]
    assert "retarded" not in words


def test_mild_terms_are_not_thrown_at_persons(data_folder):
    terms = read_terms(data_folder)
    assert "bother" in terms
    assert "blast" not in terms


def test_no_term_is_about_minors(tmp_path):
    folder = tmp_path / "train" / TERMS
    folder.mkdir(parents=True)
    (folder / "data.csv").write_text("text,severity_rating\nbother,2.0\npaedo bother,2.6\nkiddy bother,2.8\n")
    assert read_terms(tmp_path) == ["bother"]


def test_no_set_on_sex_has_a_word_for_a_minor(rows):
    for row in rows:
        if row.targets.get(Label.SEXUAL, 0.0) > 0.5:
            assert not MINOR.search(row.text.lower()), row.source


@pytest.mark.parametrize(
    ("sentences", "problem"),
    [('["a {nothing}"]', "there is no list 'nothing'"), ('["one", "two"]', "fewer distinct sentences")],
)
def test_a_pattern_that_cannot_be_filled_is_named(data_folder, tmp_path, monkeypatch, sentences, problem):
    monkeypatch.setattr(compose, "PATTERNS", tmp_path)
    (tmp_path / SHARED).write_text("[words]\n")
    (tmp_path / "x.toml").write_text(f'[[set]]\nname = "own"\nrows = 30\ntargets = {{}}\nsentences = {sentences}\n')
    with pytest.raises(ConfigurationError, match=problem) as raised:
        list(compose_rows(data_folder, seed=1))
    assert raised.value.code == "sentences.invalid"
    assert "own" in str(raised.value)

from collections import Counter

from evenhand.core.taxonomy import Label
from evenhand.learn.compose import compose_rows, read_descriptors, read_terms
from evenhand.learn.corpora import HEADS


def test_one_seed_gives_the_same_rows_and_another_gives_others(data_folder):
    rows = list(compose_rows(data_folder, seed=1))
    assert rows == list(compose_rows(data_folder, seed=1))
    assert rows != list(compose_rows(data_folder, seed=2))


def test_every_slot_is_filled_and_every_target_is_a_head(data_folder):
    for row in compose_rows(data_folder, seed=1):
        assert "{" not in row.text
        assert set(row.targets) <= set(HEADS)
        assert all(0 <= target <= 1 for target in row.targets.values())


def test_a_group_is_named_in_harmless_sentences_more_often_than_in_others(data_folder):
    named, harmful = Counter(), Counter()
    for row in compose_rows(data_folder, seed=1):
        for group in ("muslims", "jews", "gay people", "women", "white people"):
            if group in row.text.lower():
                (harmful if row.targets[Label.ATTRIBUTE_TOXICITY] > 0.5 else named)[group] += 1
    assert all(named[group] > harmful[group] > 0 for group in named)


def test_words_that_their_bearers_reject_are_not_used(data_folder):
    assert read_descriptors(data_folder) == ["tall", "left-handed"]


def test_mild_terms_are_not_thrown_at_persons(data_folder):
    assert read_terms(data_folder) == ["bother"]

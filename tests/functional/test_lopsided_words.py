"""`tools/lopsided_words.py` names the words that stand beside harm alone, and no others."""

import pytest

from evenhand.learn.corpora import INSULT, THREAT, TOXICITY, Row
from programs import program


@pytest.fixture(scope="module")
def lopsided():
    with program("lopsided_words") as tool:
        yield tool.lopsided


def rows(text, share, *, sets=3):
    return [Row(text, f"set {number}", {TOXICITY: share}) for number in range(sets)]


def found(lopsided, given, **limits):
    limits = {"at_least": 3, "in_sets": 3, "times": 2.0} | limits
    return {word: (harmful, harmless) for word, harmful, harmless in lopsided(given, **limits)}


def test_words_and_pairs_beside_harm_alone_are_named_with_their_counts(lopsided):
    given = rows("Nothing worth hearing here.", 0.9) + rows("Nothing to report here.", 0.0)
    assert found(lopsided, given) == dict.fromkeys(
        ("worth", "hearing", "nothing worth", "worth hearing", "hearing here"), (3, 0)
    )


def test_a_word_that_one_set_alone_repeats_is_none(lopsided):
    given = rows("worth", 0.9, sets=1) * 5 + rows("report", 0.0)
    assert "worth" not in found(lopsided, given)
    assert "worth" in found(lopsided, given, in_sets=1)


def test_the_most_lopsided_comes_first_and_rows_that_say_nothing_of_toxicity_do_not_count(lopsided):
    given = rows("worth", 0.9) + rows("hearing", 0.9) + rows("hearing", 0.0, sets=1) + rows("report", 0.0)
    assert list(found(lopsided, given, times=1.0)) == ["worth", "hearing"]
    silent = [Row("worth", f"set {number}", {INSULT: 0.0}) for number in range(9)]
    assert found(lopsided, given + silent) == found(lopsided, given)


def test_another_harm_can_be_looked_at_than_toxicity(lopsided):
    threats = [Row("worth", f"set {number}", {TOXICITY: 0.0, THREAT: 0.9}) for number in range(3)]
    assert found(lopsided, threats + rows("report", 0.0), heads=[TOXICITY, THREAT]) == {"worth": (3, 0)}
    assert found(lopsided, threats + rows("report", 0.0)) == {}

from evenhand.learn.bare_words import SOURCE, bare_words
from evenhand.learn.corpora import HEADS, INSULT, TOXICITY, Row

ROWS = [
    Row("Walnuts grow slowly near rivers", "a", {TOXICITY: 0.0}),
    Row("horrible people everywhere", "a", {TOXICITY: 1.0}),
    Row("unknown words", "a", {INSULT: 0.0}),
    Row("idiot fudgecake darnation", "a", {TOXICITY: 0.0}),
]


def texts(count=50, terms=("fudge", "darn")):
    return {row.text.lower() for row in bare_words(ROWS * 200, count=count, terms=terms, seed=3)}


def test_words_and_pairs_come_from_harmless_comments_alone():
    found = texts()
    assert {"walnuts", "rivers", "walnuts grow", "near rivers"} <= found
    assert not any("people" in text or "words" in text for text in found)


def test_no_term_no_word_around_one_and_nothing_that_a_list_knows_is_taken():
    assert not any("fudge" in text or "darn" in text or "idiot" in text for text in texts())


def test_rows_are_distinct_harmless_under_every_head_and_no_more_than_asked_for():
    rows = list(bare_words(ROWS * 200, count=4, terms=(), seed=3))
    assert len({row.text for row in rows}) == len(rows) == 4
    assert all(row.source == SOURCE and set(row.targets.values()) == {0.0} for row in rows)
    assert set(rows[0].targets) == set(HEADS)

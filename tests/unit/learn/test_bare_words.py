from evenhand.learn.bare_words import SOURCE, bare_words
from evenhand.learn.corpora import HEADS, INSULT, TOXICITY, Row

ROWS = [
    Row("Walnuts grow slowly near rivers", "a", {TOXICITY: 0.0}),
    Row("horrible people everywhere", "a", {TOXICITY: 1.0}),
    Row("unknown words", "a", {INSULT: 0.0}),
    Row("idiot fudgecake darnation", "a", {TOXICITY: 0.0}),
]


def texts(count=50, terms=("fudge", "darn")):
    return {row.text for row in bare_words(ROWS * 200, count=count, terms=terms, seed=3)}


def test_words_and_pairs_come_from_harmless_comments_alone():
    found = texts()
    assert {"walnuts", "rivers", "walnuts grow", "near rivers"} <= found
    assert not any("people" in text or "words" in text for text in found)


def test_a_word_that_stands_in_more_other_comments_than_harmless_ones_is_not_taken():
    mixed = [*ROWS, Row("walnuts everywhere", "a", {TOXICITY: 0.9}), Row("walnuts", "a", {TOXICITY: 0.9})]
    found = {row.text for row in bare_words(mixed, count=50, terms=(), seed=3)}
    assert "rivers" in found
    assert not {"walnuts", "everywhere"} & found


def test_two_thirds_are_single_words():
    rows = [Row(f"walnut grove {chr(97 + n)}{chr(97 + m)}x", "a", {TOXICITY: 0.0}) for n in range(9) for m in range(9)]
    found = [row.text for row in bare_words(rows, count=9, terms=(), seed=3)]
    assert sum(" " not in text for text in found) == 6


def test_no_term_no_word_around_one_and_nothing_that_a_list_knows_is_taken():
    assert not any("fudge" in text or "darn" in text or "idiot" in text for text in texts())


def test_rows_are_distinct_harmless_under_every_head_and_no_more_than_asked_for():
    rows = list(bare_words(ROWS * 200, count=4, terms=(), seed=3))
    assert len({row.text for row in rows}) == len(rows) == 4
    assert all(row.source == SOURCE and set(row.targets.values()) == {0.0} for row in rows)
    assert set(rows[0].targets) == set(HEADS)

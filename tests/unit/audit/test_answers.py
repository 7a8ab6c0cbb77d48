import numpy as np
import pytest

from evenhand.audit.answers import FAILED, NOT_ANSWERED, Answer, Column, Sentence, join
from evenhand.core.errors import InputError


def sentence(name, *, family="news", template="a", language="en", expected="allow"):
    return Sentence(name, family, template, "group", "axis", language, expected, f"text of {name}")


SENTENCES = [
    sentence("1"),
    sentence("2", family="quotation"),
    sentence("3", language="de", expected="harm"),
    sentence("4"),
]
ANSWERS = [Answer("3", 0.9, "block"), Answer("1", 0.1, "allow"), Answer("2", 0.7, None, "endpoint.unavailable")]


def test_answers_stand_beside_their_sentences_and_a_failure_is_no_pass():
    joined = join(SENTENCES, ANSWERS)
    assert joined.ids == ("1", "2", "3", "4")
    assert joined.action.tolist() == [0, FAILED, 2, FAILED]
    assert joined.errors == ("", "endpoint.unavailable", "", NOT_ANSWERED)
    assert joined.failed.tolist() == [False, True, False, True]
    assert joined.flagged.tolist() == [False, False, True, False]
    # The score of a failed answer is no score.
    assert np.isnan(joined.score[[1, 3]]).all()
    assert joined.harmful.tolist() == [False, False, True, False]


def test_a_template_of_the_same_name_elsewhere_is_another_one():
    joined = join(SENTENCES, ANSWERS)
    assert joined.template.names == ("de/news/a", "en/news/a", "en/quotation/a")
    assert joined.template.codes.tolist() == [1, 2, 0, 1]


def test_some_rows_alone_keep_only_their_names():
    kept = join(SENTENCES, ANSWERS).kept(np.array([False, False, True, False]))
    assert (kept.ids, kept.texts, kept.errors) == (("3",), ("text of 3",), ("",))
    assert kept.language == Column(("de",), kept.language.codes)
    assert len(kept) == len(kept.language) == 1
    assert kept.template.codes.tolist() == [0]


@pytest.mark.parametrize(
    ("sentences", "answers", "code"),
    [
        ([], [], "audit.no_sentences"),
        ([sentence("1"), sentence("1")], [], "audit.sentence_twice"),
        (SENTENCES, [Answer("9", 0.1, "allow")], "audit.answer_unknown"),
        (SENTENCES, [Answer("1", 0.1, "allow")] * 2, "audit.answer_twice"),
        (SENTENCES, [Answer("1", 1.1, "allow")], "audit.score"),
        (SENTENCES, [Answer("1", float("nan"), "allow")], "audit.score"),
        (SENTENCES, [Answer("1", 0.1, None)], "audit.action"),
        (SENTENCES, [Answer("1", 0.1, "allow", "endpoint.slow")], "audit.action"),
        (SENTENCES, [Answer("1", 0.1, "delete")], "audit.action"),
    ],
    ids=["none", "twice", "unknown", "two answers", "above 1", "no number", "nothing", "both", "another action"],
)
def test_what_does_not_fit_is_refused_by_name(sentences, answers, code):
    with pytest.raises(InputError) as refused:
        join(sentences, answers)
    assert refused.value.code == code
    assert refused.value.remedy

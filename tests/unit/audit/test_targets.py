import pytest

from evenhand.audit.targets import JUDGE, Judge
from evenhand.scorers.scored import Answer


@pytest.fixture
def judged(make):
    (sentence,) = make(1)

    def judged(judge, said):
        answer = judge(sentence, said)
        assert answer.sentence_id == sentence.id
        return answer.score, answer.action, answer.error

    return judged


def test_a_service_that_says_what_to_do_is_taken_at_its_word(judged):
    assert judged(JUDGE, Answer({"hate": 0.9, "spam": 0.2}, action="allow")) == (0.9, "allow", "")
    assert judged(JUDGE, Answer({}, action="block")) == (None, "block", "")


def test_scores_alone_count_from_the_threshold_on(judged):
    judge = Judge(0.6)
    assert judged(judge, Answer({"hate": 0.6})) == (0.6, "review", "")
    assert judged(judge, Answer({"hate": 0.59})) == (0.59, "allow", "")


def test_only_the_labels_that_are_asked_for_count(judged):
    judge = Judge(labels=frozenset({"hate"}))
    assert judged(judge, Answer({"hate": 0.1, "spam": 0.9})) == (0.1, "allow", "")
    assert judged(judge, Answer({"spam": 0.9})) == (None, None, "endpoint.no_scores")


def test_what_went_wrong_is_no_pass(judged):
    assert judged(JUDGE, Answer({}, "endpoint.unavailable")) == (None, None, "endpoint.unavailable")
    assert judged(JUDGE, Answer({})) == (None, None, "endpoint.no_scores")

import json

import msgspec
import pytest

from evenhand.scorers.dialects import DIALECTS, perspective_attributes


def read(dialect, body):
    return DIALECTS[dialect].read(json.dumps(body).encode())


def test_openai_is_asked_for_many_texts_and_says_what_it_looked_for():
    assert DIALECTS["openai"].body(["a", "b"], ("hate",)) == {"input": ["a", "b"]}
    result = {
        "category_scores": {"hate": 0.5, "illicit": 0.0, "violence": None},
        "category_applied_input_types": {"hate": ["text"], "illicit": [], "violence": ["text"]},
    }
    (answer,) = read("openai", {"id": "x", "results": [result]})
    assert answer.scores == {"hate": 0.5}


def test_openai_s_older_models_say_nothing_of_input_types():
    (answer,) = read("openai", {"results": [{"category_scores": {"hate": 0.0}}]})
    assert answer.scores == {"hate": 0.0}


def test_perspective_is_asked_for_the_attributes_of_the_labels_and_not_to_store():
    body = DIALECTS["perspective"].body(["a"], ("INSULT", "hate", "spam", "any"))
    assert body == {
        "comment": {"text": "a"},
        "requestedAttributes": {"INSULT": {}, "SPAM": {}},
        "doNotStore": True,
    }
    assert perspective_attributes(("hate", "any")) == ("TOXICITY",)


def test_perspective_s_attributes_are_read_as_labels():
    scores = {"SPAM": {"summaryScore": {"value": 0.25}}, "INSULT": {"summaryScore": {"value": 1}}, "OTHER": None}
    del scores["OTHER"]
    (answer,) = read("perspective", {"attributeScores": scores | {"LIKELY_TO_REJECT": {"summaryScore": {"value": 1}}}})
    assert answer.scores == {"spam": 0.25, "INSULT": 1}


def test_another_evenhand_is_asked_not_to_store_and_a_degraded_decision_is_no_answer():
    assert DIALECTS["native"].body(["a"], ()) == {"items": [{"text": "a"}], "store_content": False}
    body = {"decisions": [{"scores": {"hate": 0.5}, "degraded": False}, {"scores": {"hate": 0.0}, "degraded": True}]}
    good, degraded = read("native", body)
    assert good.scores == {"hate": 0.5}
    assert (dict(degraded.scores), degraded.error) == ({}, "endpoint.degraded")


def test_who_says_yes_or_no_asks_for_a_review_or_for_nothing():
    scores = {"category_scores": {"hate": 0.5}}
    results = [scores | {"flagged": True}, scores | {"flagged": False}, scores]
    assert [answer.action for answer in read("openai", {"results": results})] == ["review", "allow", ""]


def test_another_evenhand_says_what_to_do():
    decisions = [{"scores": {"hate": 0.5}, "action": "block"}, {"scores": {"hate": 0.5}}]
    assert [answer.action for answer in read("native", {"decisions": decisions})] == ["block", ""]
    with pytest.raises(msgspec.DecodeError):
        read("native", {"decisions": [{"scores": {}, "action": "perhaps"}]})


def test_azure_gives_severities_of_0_to_7():
    assert DIALECTS["azure"].body(["a"], ()) == {"text": "a", "outputType": "EightSeverityLevels"}
    (answer,) = read("azure", {"categoriesAnalysis": [{"category": "Hate", "severity": 7}]})
    assert answer.scores == {"Hate": 1.0}


def test_comprehend_gives_toxicity_and_its_kinds():
    assert DIALECTS["comprehend"].body(["a", "b"], ())["TextSegments"] == [{"Text": "a"}, {"Text": "b"}]
    result = {"Toxicity": 0.5, "Labels": [{"Name": "INSULT", "Score": 0.25}]}
    first, second = read("comprehend", {"ResultList": [result, {"Toxicity": 0.0}]})
    assert (first.scores, second.scores) == ({"Toxicity": 0.5, "INSULT": 0.25}, {"Toxicity": 0.0})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"results": 1, "decisions": 1, "attributeScores": 1}'])
def test_what_is_not_in_the_dialect_is_not_read(dialect, body):
    with pytest.raises(msgspec.DecodeError):
        DIALECTS[dialect].read(body)

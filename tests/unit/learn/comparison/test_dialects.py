import json

import msgspec
import pytest

from evenhand.learn.comparison.dialects import DIALECTS, perspective_attributes


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


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"results": 1, "decisions": 1, "attributeScores": 1}'])
def test_what_is_not_in_the_dialect_is_not_read(dialect, body):
    with pytest.raises(msgspec.DecodeError):
        DIALECTS[dialect].read(body)

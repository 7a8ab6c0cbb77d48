import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.taxonomy import TAXONOMY, Label
from evenhand.second_look.words import INSTRUCTIONS, LONGEST_REASON, messages, read_answer, response_formats
from fakes.chat import REASON, completion, opinion

TEXT = "you are an idiot"


def read(content, text=TEXT):
    return read_answer(json.dumps(completion(content)).encode(), text, Label.HARASSMENT)


@pytest.mark.parametrize("label", [Label.HATE, Label.ATTRIBUTE_THREAT])
def test_the_policy_text_goes_in(label):
    instructions = messages("x", label)[0]["content"]
    for part in (label, TAXONOMY[label].definition, TAXONOMY[label].not_meant):
        assert part in instructions


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives_whole_and_cannot_leave_its_string(text):
    system, user = messages(text, Label.HATE)
    assert json.loads(user["content"]) == {"text": text}
    assert system == messages("", Label.HATE)[0]


def test_json_is_asked_for_in_three_ways_strictest_first():
    first, second, last = response_formats(Label.HATE)
    assert first["json_schema"]["schema"] == second["schema"]
    assert second["schema"]["properties"]["category"]["enum"] == ["hate"]
    assert last is None


@pytest.mark.parametrize("is_harmful", [True, False])
def test_an_answer_is_read(is_harmful):
    assert read(opinion(is_harmful)) == (is_harmful, REASON)
    assert read(f" \n{opinion(is_harmful)}\n") == (is_harmful, REASON)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no",
        None,
        7,
        ["a"],
        "[]",
        "true",
        f"Sure! {opinion()}",
        f"{opinion()} I hope that helps.",
        f"```json\n{opinion()}\n```",
        opinion(category="hate"),
        opinion(category="religion"),
        opinion(category="Harassment"),
        opinion("true"),
        opinion(1),
        opinion(None),
        opinion(reason=None),
        opinion(reason=""),
        opinion(reason=" \u200b "),
        opinion(reason="x" * (LONGEST_REASON + 1)),
        json.dumps({"category": "harassment", "harmful": True}),
        json.dumps({"category": "harassment", "harmful": True, "reason": "x", "gender": "y"}),
        '{"category": "harassment", "harmful": true, "harmful": false, "reason": "both"}',
        "[" * 100_000,
    ],
)
def test_what_is_not_exactly_the_answer_is_none(content):
    assert read(content) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"{}", b"[]", b'{"choices": []}', b'{"choices": {"0": 1}}'])
def test_what_is_no_completion_is_no_answer(body):
    assert read_answer(body, TEXT, Label.HARASSMENT) is None


def test_a_reason_that_only_repeats_text_or_instructions_is_no_answer():
    assert read(opinion(reason="You are an  idiot")) is None
    assert read(opinion(reason="in at most 20 words of your own")) is None
    assert read(opinion(reason="It calls somebody an idiot")) == (True, "It calls somebody an idiot")
    assert "in at most 20 words of your own" in INSTRUCTIONS


def test_a_reason_is_made_fit_to_be_shown():
    assert read(opinion(reason="one\n\ttwo\u202e\ud800 three")) == (True, "one two three")

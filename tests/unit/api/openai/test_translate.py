import dataclasses
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from evenhand.api.openai.schema import CATEGORIES, ImagePart, ImageUrl, ModerationRequest, TextPart
from evenhand.api.openai.translate import (
    error_answer,
    error_status,
    input_types,
    model_named,
    moderation_answer,
    submissions_from,
)
from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision, PolicyVersion, RuleHit, Verdict
from evenhand.core.errors import (
    AuthenticationError,
    EvenhandError,
    InputError,
    NotFoundError,
    RateLimitError,
    TooLargeError,
)
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy
from evenhand.service.moderate import Keep, Moderation
from fakes.detectors import ScriptedDetector
from fakes.image_detectors import ScriptedImageDetector, image

IMAGE = ImagePart(ImageUrl("data:image/png;base64,aaaa"))
ADDRESS = ImagePart(ImageUrl("https://example.com/a.png"))


@pytest.fixture
def moderation():
    return Moderation(Engine([ScriptedDetector()]), [Policy("test", "", Action.REVIEW, ())], max_text_bytes=100)


def texts(moderation, given):
    submissions = submissions_from(ModerationRequest(input=given), moderation, key_id="k", max_items=2)
    assert {(item.keep, item.key_id, item.door) for item in submissions} == {(Keep.REVIEW, "k", "openai")}
    return [submission.content.text for submission in submissions]


def test_strings_are_contents_and_parts_are_one_content(moderation):
    assert texts(moderation, "a") == ["a"]
    assert texts(moderation, ["a", "b"]) == ["a", "b"]
    assert texts(moderation, [TextPart("a"), TextPart(""), TextPart("b")]) == ["a\n\nb"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ("", "text.empty", "input"),
        (" ", "text.empty", "input"),
        ([], "items.none", "input"),
        (["a", ""], "text.empty", "input[1]"),
        (["a", "x" * 101], "text.too_long", "input[1]"),
        ("x" * 101, "text.too_long", "input"),
        (["a", "b", "c"], "items.too_many", "input"),
        (["a", TextPart("b")], "input.mixed", "input"),
        ([TextPart(" ")], "text.empty", "input"),
        ([TextPart("x" * 60), TextPart("x" * 60)], "text.too_long", "input"),
        ([IMAGE], "image.not_supported", "input[0]"),
        ([TextPart("a"), IMAGE], "image.not_supported", "input[1]"),
        ([TextPart("a"), ADDRESS], "image.url_refused", "input[1].image_url.url"),
        ([IMAGE] * 9, "images.too_many", "input"),
    ],
)
def test_an_input_that_cannot_be_screened_is_refused(moderation, given, code, field):
    with pytest.raises(InputError) as caught:
        texts(moderation, given)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_model_is_accepted_by_its_name_only():
    assert model_named(None) == "omni-moderation-latest"
    assert model_named("text-moderation-stable") == "text-moderation-stable"
    for name in ("", "gpt-9", "x" * 10_000):
        with pytest.raises(NotFoundError) as caught:
            model_named(name)
        assert len(caught.value.message) < 200


def decision(scores=None, *hits, is_degraded=False):
    rules = tuple(RuleHit(f"{label}.{action}", action, label) for label, action in hits)
    if is_degraded:
        rules += (RuleHit("on_failure", Action.REVIEW),)
    return Decision(
        id="dec_0123",
        content_id="",
        created_at=datetime.now(UTC),
        verdict=Verdict(Action.REVIEW, rules, scores or {}, is_degraded),
        signals=(),
        failures=(),
        policy=PolicyVersion("test", "1"),
        detectors={},
    )


def answer(*decisions, model="omni-moderation-latest", on_failure=Action.REVIEW):
    types = [{"text": frozenset({Label.HATE, Label.SELF_HARM}), "image": frozenset({Label.HATE})}] * len(decisions)
    return msgspec.to_builtins(moderation_answer(decisions, types, model=model, on_failure=on_failure))


@pytest.mark.parametrize("action", [Action.REVIEW, Action.BLOCK])
def test_a_category_is_true_when_its_rule_was_set_off(action):
    scores = {Label.HATE: 0.9, Label.VIOLENCE: 0.6}
    (result,) = answer(decision(scores, (Label.HATE, action)))["results"]
    assert result["flagged"]
    assert [name for name, is_true in result["categories"].items() if is_true] == ["hate"]
    assert result["category_scores"]["violence"] == 0.6


def test_every_category_is_there_and_says_whether_it_was_looked_for():
    (result,) = answer(decision({Label.HATE: 0.0, Label.SELF_HARM: 0.0}))["results"]
    for part in ("categories", "category_scores", "category_applied_input_types"):
        assert list(result[part]) == list(CATEGORIES)
    assert not result["flagged"]
    assert result["category_applied_input_types"]["hate"] == ["text", "image"]
    assert result["category_applied_input_types"]["self-harm"] == ["text"]
    assert result["category_applied_input_types"]["sexual"] == []
    assert result["category_scores"]["sexual"] == 0.0


def test_a_rule_for_another_label_flags_nothing():
    (result,) = answer(decision({Label.SPAM: 1.0}, (Label.SPAM, Action.BLOCK)))["results"]
    assert not result["flagged"]


def test_the_legacy_models_have_their_own_shape():
    shown = answer(decision({Label.ILLICIT: 1.0}, (Label.ILLICIT, Action.BLOCK)), model="text-moderation-latest")
    (result,) = shown["results"]
    assert shown["model"] == "text-moderation-latest"
    assert len(result["categories"]) == len(result["category_scores"]) == 11
    assert "category_applied_input_types" not in result


def test_the_answer_leads_to_the_first_decision():
    assert answer(decision(), decision())["id"] == "modr-0123"


def test_a_degraded_decision_never_looks_clean():
    with pytest.raises(EvenhandError) as caught:
        answer(decision(), decision(is_degraded=True))
    assert (caught.value.code, error_status(caught.value)) == ("decision.degraded", 503)


def test_a_degraded_decision_is_answered_when_the_policy_fails_open():
    (result,) = answer(decision(is_degraded=True), on_failure=Action.ALLOW)["results"]
    assert not result["flagged"]
    assert set(map(tuple, result["category_applied_input_types"].values())) == {()}


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (InputError("field.unknown", "", field="x"), 400, "invalid_request_error", "unknown_parameter"),
        (InputError("field.missing", "", field="x"), 400, "invalid_request_error", "missing_required_parameter"),
        (TooLargeError("text.too_long", "", field="x"), 400, "invalid_request_error", "string_above_max_length"),
        (TooLargeError("body.too_large", ""), 413, "invalid_request_error", "body_too_large"),
        (AuthenticationError("key.missing", ""), 401, "invalid_request_error", "invalid_api_key"),
        (AuthenticationError("key.invalid", ""), 401, "invalid_request_error", "invalid_api_key"),
        (RateLimitError(retry_after=1, limit=1), 429, "requests", "rate_limit_exceeded"),
        (EvenhandError("internal", ""), 500, "server_error", "internal"),
    ],
)
def test_an_error_is_said_as_openai_says_it(error, status, kind, code):
    body = error_answer(error).error
    assert (error_status(error), body.type, body.code, body.param) == (status, kind, code, error.field)


def test_messages_are_openais_where_clients_know_them():
    def message(error):
        return error_answer(error).error.message

    assert message(InputError("field.unknown", "", field="x")) == "Unrecognized request argument supplied: x"
    assert message(InputError("field.missing", "", field="input")) == "Missing required parameter: 'input'."
    assert message(AuthenticationError("key.invalid", "", remedy="Look.")) == "Incorrect API key provided. Look."
    assert message(AuthenticationError("key.missing", "", remedy="Ask.")) == "You didn't provide an API key. Ask."
    assert message(InputError("text.empty", "It is empty.", remedy="Send one.")) == "It is empty. Send one."


def test_what_was_looked_for_follows_from_what_was_sent():
    engine = Engine([ScriptedDetector(), ScriptedImageDetector()])
    moderation = Moderation(engine, [Policy("test", "", Action.REVIEW, ())])
    text = moderation.submission(Content("a"))
    both = replace(text, prepared=Prepared(Text("a"), (image(),)))
    assert input_types(text, engine) == {"text": {Label.HARASSMENT, Label.PROFANITY}, "image": frozenset()}
    assert input_types(both, engine)["image"] == {Label.SEXUAL}


@pytest.mark.parametrize(("action", "is_flagged"), [(Action.ALLOW, False), (Action.REVIEW, True), (Action.BLOCK, True)])
def test_a_rule_about_no_category_flags_what_it_asks_to_review_or_block(action, is_flagged):
    made = decision()
    verdict = Verdict(action, (RuleHit("new-author", action),), {}, is_degraded=False)
    (result,) = answer(dataclasses.replace(made, verdict=verdict))["results"]
    assert (result["flagged"], any(result["categories"].values())) == (is_flagged, False)

from datetime import UTC, datetime

import msgspec
import pytest

from evenhand.api.native.schema import DecisionAnswer, ImageInput, Item, ScreenMany, ScreenOne
from evenhand.api.native.translate import (
    content_from,
    decision_answer,
    detector_entry,
    error_answer,
    submissions_from,
    taxonomy_entry,
)
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Action, Decision, PolicyVersion, RuleHit, Verdict
from evenhand.core.errors import InputError, NotFoundError, TooLargeError
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import TAXONOMY, Label
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy
from evenhand.service.moderate import Keep, Moderation
from fakes.detectors import ScriptedDetector


@pytest.fixture
def moderation():
    return Moderation(Engine([ScriptedDetector()]), [Policy("test", "", Action.REVIEW, ())], max_text_bytes=100)


def submissions(moderation, request):
    return submissions_from(request, moderation, key_id="k", max_items=2)


def test_one_request_is_one_submission(moderation):
    request = ScreenOne(text="a", id="c", context=["b"], languages=["en-GB"], policy="test")
    (submission,) = submissions(moderation, request)
    assert submission.content == Content("a", "c", ("b",), ("en-GB",))
    assert (submission.policy.name, submission.key_id, submission.door) == ("test", "k", "native")


@pytest.mark.parametrize(
    ("of_request", "of_item", "keep"),
    [
        (msgspec.UNSET, msgspec.UNSET, Keep.REVIEW),
        (True, msgspec.UNSET, Keep.ALWAYS),
        (False, msgspec.UNSET, Keep.NEVER),
        (True, False, Keep.NEVER),
        (False, True, Keep.ALWAYS),
        (msgspec.UNSET, True, Keep.ALWAYS),
    ],
)
def test_the_item_has_the_last_word_about_storing(moderation, of_request, of_item, keep):
    request = ScreenMany(items=[Item(text="a", store_content=of_item)], store_content=of_request)
    assert submissions(moderation, request)[0].keep is keep


def test_one_request_says_itself_what_is_stored(moderation):
    assert submissions(moderation, ScreenOne(text="a"))[0].keep is Keep.REVIEW
    assert submissions(moderation, ScreenOne(text="a", store_content=False))[0].keep is Keep.NEVER


@pytest.mark.parametrize(
    ("request_", "kind", "code", "field"),
    [
        (ScreenOne(text=" \n"), InputError, "text.empty", "text"),
        (ScreenOne(text="x" * 101), TooLargeError, "text.too_long", "text"),
        (ScreenOne(text="a", policy="none"), NotFoundError, "policy.not_found", "policy"),
        (ScreenOne(text="a", languages=["en_GB"]), InputError, "language.invalid", "languages"),
        (ScreenMany(items=[Item(text="a")] * 3), TooLargeError, "items.too_many", "items"),
        (ScreenMany(items=[Item(text="a"), Item(text="")]), InputError, "text.empty", "items[1].text"),
        (ScreenMany(items=[Item(text="a"), Item(text="a", id="\n")]), InputError, "id.invalid", "items[1].id"),
    ],
)
def test_an_error_names_the_field_as_it_was_sent(moderation, request_, kind, code, field):
    with pytest.raises(kind) as caught:
        submissions(moderation, request_)
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("good", ["", "post-17", "https://example.org/a?b=c#d", "äöü 你好 😀", "x" * 200])
def test_an_id_may_be_anything_that_can_be_seen(good):
    assert content_from(Item(text="a", id=good)).id == good


@pytest.mark.parametrize("bad", ["x" * 201, "a\n", "\x00", "\x7f", "\u202eabc", "a\u200bb", "\ufeff", "\u2028"])
def test_an_id_has_nothing_that_cannot_be_seen(bad):
    with pytest.raises(InputError) as caught:
        content_from(Item(text="a", id=bad))
    assert caught.value.code == "id.invalid"


@pytest.mark.parametrize("good", ["en", "pt-BR", "zh-Hans-CN", "hi-Latn", "sl-rozaj-biske", "und"])
def test_a_language_is_a_tag(good):
    assert content_from(Item(text="a", languages=[good])).languages == (good,)


@pytest.mark.parametrize(
    "bad", [[""], ["e"], ["en_GB"], ["english"], ["null"], ["english language"], ["en\n"], ["en-"], ["en"] * 11]
)
def test_a_language_that_is_no_tag_is_refused(bad):
    with pytest.raises(InputError) as caught:
        content_from(Item(text="a", languages=bad))
    assert caught.value.code == "language.invalid"


@pytest.mark.parametrize("context", [["a"] * 21, ["é" * 32_769]])
def test_a_context_has_its_limits(context):
    with pytest.raises(TooLargeError) as caught:
        content_from(Item(text="a", context=context), "items[3].")
    assert (caught.value.code, caught.value.field) == ("context.too_long", "items[3].context")


def test_a_context_up_to_its_limits_is_taken():
    assert len(content_from(Item(text="a", context=["é" * 1_638] * 20)).context) == 20


def test_a_decision_keeps_every_reason():
    signal = Signal("text.x", "2", Label.HARASSMENT, 0.9, (Evidence(0, 3, 1.0, "insults:2"),))
    verdict = Verdict(
        Action.BLOCK,
        (
            RuleHit("harassment.block", Action.BLOCK, Label.HARASSMENT, "text.x", 0.9, 0.8),
            RuleHit("on_failure", Action.REVIEW),
        ),
        {Label.PROFANITY: 0.0, Label.HARASSMENT: 0.9},
        is_degraded=True,
    )
    decision = Decision(
        id="dec_1",
        content_id="c",
        created_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        verdict=verdict,
        signals=(signal,),
        failures=(DetectorFailure("text.y", "detector.timeout", "The detector ran out of time."),),
        policy=PolicyVersion("p", "abc"),
        detectors={"text.x": "2"},
        languages=("en",),
        notices=("language.not_covered:text.x",),
    )
    body = msgspec.json.encode(decision_answer(decision))
    answer = msgspec.json.decode(body)
    assert answer["created_at"] == "2026-11-23T10:00:00Z"
    assert (answer["action"], answer["degraded"]) == ("block", True)
    assert list(answer["scores"].items()) == [("harassment", 0.9), ("profanity", 0.0)]
    assert answer["rules"][1] == {
        "rule": "on_failure", "action": "review", "label": None, "detector": None, "score": None, "threshold": None
    }  # fmt: skip
    read = msgspec.json.decode(body, type=DecisionAnswer)
    assert (read.signals, read.rules, read.failures) == (decision.signals, verdict.rules, decision.failures)


def test_a_detector_is_told_as_it_declares_itself():
    entry = detector_entry(ScriptedDetector())
    assert (entry.id, entry.version, entry.modality) == ("text.scripted", "1", "text")
    assert entry.labels == ["harassment", "profanity"]
    assert (entry.seconds, entry.megabytes, entry.examples) == (5.0, 50, 0)


def test_a_label_is_told_with_its_counterparts():
    entry = taxonomy_entry(TAXONOMY[Label.HATE], ["text.x"])
    assert entry.counterparts.openai == ("hate",)
    assert entry.detectors == ["text.x"]


def test_an_error_has_four_parts():
    error = InputError("text.empty", "The text is empty.", field="text", remedy="Send one.")
    assert msgspec.to_builtins(error_answer(error)) == {
        "error": {"code": "text.empty", "message": "The text is empty.", "field": "text", "remedy": "Send one."}
    }


@pytest.mark.parametrize("files", [(), (ImageFile(b"x"),) * 3])
def test_images_are_counted_before_any_of_them_is_read(moderation, files):
    request = ScreenOne(images=[ImageInput(data="no base64")] * 27)
    with pytest.raises(TooLargeError) as caught:
        submissions_from(request, moderation, key_id="k", max_items=2, files=files)
    assert (caught.value.code, caught.value.field) == ("images.too_many", "images[8]")
    assert f"There are {27 + len(files)} images" in caught.value.message


def test_an_answer_says_tags_place_and_rules_that_gave_no_answer():
    failure = DetectorFailure("policy:one", "condition.error", "")
    verdict = Verdict(Action.REVIEW, (), {}, is_degraded=True, queue="q", priority=2, tags=("t",), failures=(failure,))
    now = datetime.now(UTC)
    decision = Decision("dec_1", "", now, verdict, (), (), PolicyVersion("p", "1"), {})
    answer = decision_answer(decision)
    assert (answer.tags, answer.queue, answer.priority, answer.failures) == (("t",), "q", 2, (failure,))

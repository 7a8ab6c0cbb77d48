import pytest
from msgspec import UNSET

from evenhand.api.perspective.attributes import served_attributes
from evenhand.api.perspective.errors import CommentAnalyzerError
from evenhand.api.perspective.schema import (
    AnalyzeRequest,
    ArticleAndParentComment,
    AttributeParameters,
    Context,
    Score,
    SuggestedScore,
    SuggestedScores,
    SuggestedSpan,
    SuggestRequest,
    TextEntry,
)
from evenhand.api.perspective.translate import (
    analyze_response,
    content_from,
    feedback_from,
    requested_attributes,
    suggest_response,
    supported_attributes,
)
from evenhand.content.text import Text
from evenhand.core.content import Content
from evenhand.core.decision import Action
from evenhand.core.errors import EvenhandError, InputError
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy
from evenhand.service.moderate import Moderation
from fakes.detectors import ScriptedDetector


class Insults(ScriptedDetector):
    """Stands for the model."""

    labels = frozenset({Label.ATTRIBUTE_INSULT, Label.ATTRIBUTE_TOXICITY})
    limits = Limits(5, 50, languages=("en",))


class Words(ScriptedDetector):
    """Covers one of the same labels, and finds nothing."""

    id = "text.words"
    labels = frozenset({Label.ATTRIBUTE_INSULT})


class Threats(ScriptedDetector):
    """Does not depend on language."""

    labels = frozenset({Label.ATTRIBUTE_THREAT})


SERVED = served_attributes([Insults()])
INSULT = SERVED["INSULT"]
GERMAN = "Das war ein langer deutscher Satz, in dem wirklich niemand beleidigt wird, sondern nur das Wetter gelobt."


def request(text="hello", **more):
    return AnalyzeRequest(TextEntry(text), requestedAttributes={"INSULT": None}, **more)


def fail(_):
    raise RuntimeError


def decide(text, script=None, beside=()):
    detector = Insults(script or (lambda _: [Insults.signal(detector, 0.7, Label.ATTRIBUTE_INSULT)]))
    moderation = Moderation(Engine([detector, *beside]), [Policy("p", "", Action.REVIEW, ())])
    return moderation.moderate([moderation.submission(Content(text))])[0]


def answer(asked, decision, part=None, on_failure=Action.REVIEW, attributes=(INSULT,)):
    text = Text(asked.comment.text, ("en",))
    return analyze_response(asked, attributes, text, decision, [((0, 5), part or decision)], on_failure=on_failure)


def test_context_is_kept_either_way():
    entries = Context(entries=[TextEntry("a"), TextEntry(None)])
    assert content_from(request(context=entries)).context == ("a",)
    around = Context(articleAndParentComment=ArticleAndParentComment(TextEntry("article"), TextEntry("parent")))
    assert content_from(request(context=around)).context == ("article", "parent")
    assert content_from(request()).context == ()


@pytest.mark.parametrize(
    ("token", "expected"), [("comment:1", "comment:1"), (None, ""), ("x" * 201, ""), ("line\nbreak", "")]
)
def test_the_clients_token_names_the_content_when_it_can_be_a_name(token, expected):
    assert content_from(request(clientToken=token)).id == expected


def test_several_names_may_stand_for_one_label():
    asked = AnalyzeRequest(
        TextEntry("x"), requestedAttributes={"INSULT": AttributeParameters(), "INSULT_EXPERIMENTAL": None}
    )
    assert [attribute.label for attribute in requested_attributes(asked, SERVED)] == [Label.ATTRIBUTE_INSULT] * 2
    decision = decide("hello")
    scores = answer(asked, decision, attributes=requested_attributes(asked, SERVED)).attributeScores
    assert scores["INSULT"] == scores["INSULT_EXPERIMENTAL"]


@pytest.mark.parametrize("name", ["THREAT", "insult", "FLIRTATION", ""])
def test_an_attribute_that_is_not_served_is_unknown(name):
    asked = AnalyzeRequest(TextEntry("x"), requestedAttributes={"INSULT": None, name: None})
    with pytest.raises(CommentAnalyzerError, match=f"Unknown requested attribute: {name}"):
        requested_attributes(asked, SERVED)


def test_a_long_text_that_is_surely_in_another_language_is_refused():
    with pytest.raises(CommentAnalyzerError) as caught:
        supported_attributes(request(GERMAN), [INSULT], Text(GERMAN))
    assert caught.value.detail["languageNotSupportedByAttributeError"] == {
        "detectedLanguages": ["de"],
        "attribute": "INSULT",
    }


@pytest.mark.parametrize("text", ["lol ok", "Das war gut", "123", "😀" * 50])
def test_nobody_is_refused_for_a_guess(text):
    assert supported_attributes(request(text), [INSULT], Text(text)) == [INSULT]


def test_stated_languages_count_more_than_detected_ones():
    assert supported_attributes(request(GERMAN), [INSULT], Text(GERMAN, ("en",))) == [INSULT]


def test_every_stated_language_must_be_supported():
    with pytest.raises(CommentAnalyzerError) as caught:
        supported_attributes(request(), [INSULT], Text("hello", ("en", "de")))
    assert caught.value.message == "Attribute INSULT does not support request languages: en, de"


def test_what_does_not_support_the_language_is_left_out_when_the_client_wants_it_so():
    insult, threat = (served_attributes([Insults(), Threats()])[name] for name in ("INSULT", "THREAT"))
    asked = request(dropUnsupportedAttributes=True)
    assert supported_attributes(asked, [insult, threat], Text("hello", ("de",))) == [threat]


def test_a_score_at_the_threshold_is_returned():
    asked = request()
    asked.requestedAttributes["INSULT"] = AttributeParameters(scoreThreshold=0.7)
    assert answer(asked, decide("hello")).attributeScores["INSULT"].summaryScore == Score(0.7)
    asked.requestedAttributes["INSULT"] = AttributeParameters(scoreThreshold=0.71)
    assert answer(asked, decide("hello")).attributeScores is UNSET


def test_an_attribute_that_failed_is_never_a_low_score():
    with pytest.raises(EvenhandError) as caught:
        answer(request(), decide("hello", script=fail))
    assert caught.value.code == "decision.degraded"


def test_what_another_detector_says_does_not_make_up_for_the_one_that_failed():
    insult = served_attributes([Insults(), Words()])["INSULT"]
    failed = decide("hello", script=fail, beside=[Words()])
    assert failed.scores[Label.ATTRIBUTE_INSULT] == 0.0
    with pytest.raises(EvenhandError):
        answer(request(), failed, attributes=[insult])


def test_a_detector_that_has_no_part_in_an_attribute_may_fail():
    decision = decide("hello", beside=[Words(fail)])
    assert decision.is_degraded
    assert answer(request(), decision).attributeScores["INSULT"].summaryScore == Score(0.7)


def test_a_policy_that_fails_open_leaves_the_attribute_out():
    assert answer(request(), decide("hello", script=fail), on_failure=Action.ALLOW).attributeScores is UNSET


def test_a_sentence_that_failed_counts_as_failed():
    with pytest.raises(EvenhandError):
        answer(request(), decide("hello"), decide("hello", script=fail))


def test_a_language_that_nobody_knows_is_undetermined():
    asked = request("ok")
    undetected = analyze_response(asked, [INSULT], Text("ok"), decide("ok"), [], on_failure=Action.REVIEW)
    assert (undetected.languages, undetected.detectedLanguages) == (["und"], ["und"])


def suggest(**scores):
    return SuggestRequest(TextEntry("x"), attributeScores=scores)


def test_a_suggestion_becomes_feedback():
    spans = [SuggestedSpan(0, 1, SuggestedScore(0.5))]
    asked = suggest(TOXICITY=SuggestedScores(SuggestedScore(1.0), spans), INSULT=None)
    feedback = feedback_from(asked, key_id="k")
    assert feedback.suggested == {"TOXICITY": 1.0}
    assert feedback.spans == {"TOXICITY": [{"begin": 0, "end": 1, "score": {"value": 0.5, "type": None}}]}
    assert (feedback.comment, feedback.key_id) == ("x", "k")


@pytest.mark.parametrize(
    ("scores", "field"),
    [
        ({"TOXICITY": SuggestedScores(SuggestedScore(1.5))}, "attributeScores.TOXICITY"),
        ({"TOXICITY": SuggestedScores(SuggestedScore(float("nan")))}, "attributeScores.TOXICITY"),
        ({"TOXICITY": SuggestedScores(spanScores=[SuggestedSpan(begin=1)])}, "attributeScores.TOXICITY.spanScores"),
    ],
)
def test_a_suggestion_that_cannot_be_true_names_its_field(scores, field):
    with pytest.raises(InputError) as caught:
        feedback_from(suggest(**scores), key_id="k")
    assert (caught.value.code, caught.value.field) == ("field.invalid", field)


@pytest.mark.parametrize("asked", [suggest(), SuggestRequest(TextEntry("x")), suggest(BEAUTY=SuggestedScores())])
def test_a_suggestion_needs_known_attributes(asked):
    with pytest.raises(CommentAnalyzerError):
        feedback_from(asked, key_id="k")


def test_a_suggestion_is_answered_with_its_languages():
    asked = SuggestRequest(TextEntry(GERMAN), languages=["en"], clientToken="t")
    answered = suggest_response(asked, Text(GERMAN))
    assert (answered.clientToken, answered.requestedLanguages) == ("t", ["en"])
    assert answered.detectedLanguages[0] == "de"

import msgspec
import pytest

from evenhand.api.perspective.schema import (
    AnalyzeRequest,
    AnalyzeResponse,
    AttributeParameters,
    Score,
    SpanScore,
    SuggestedScores,
    SuggestRequest,
    decode_request,
)
from evenhand.core.errors import InputError


@pytest.mark.parametrize("kind", [AnalyzeRequest, SuggestRequest, SuggestedScores])
def test_null_means_absent_everywhere(kind):
    names = msgspec.json.encode(dict.fromkeys(kind.__struct_fields__))
    assert msgspec.json.decode(names, type=kind) == kind()


def test_an_answer_leaves_out_what_is_empty_but_not_the_languages():
    assert msgspec.json.encode(AnalyzeResponse()) == b'{"languages":[],"detectedLanguages":[]}'


def test_a_span_at_0_keeps_its_begin():
    assert msgspec.to_builtins(SpanScore(0, 1, Score(0.0)))["begin"] == 0


def test_nothing_is_an_empty_object():
    assert decode_request(b"", AnalyzeRequest) == AnalyzeRequest()


def test_fields_may_be_named_in_snake_case():
    snake = b'{"requested_attributes" : {"INSULT": {"score_threshold": 0.5}}, "do_not_store": true}'
    expected = AnalyzeRequest(requestedAttributes={"INSULT": AttributeParameters(scoreThreshold=0.5)}, doNotStore=True)
    assert decode_request(snake, AnalyzeRequest) == expected


def test_a_comment_about_fields_stays_as_it_is():
    text = '"do_not_store": true, \\"session_id": 1'
    body = msgspec.json.encode({"comment": {"text": text}, "session_id": "s"})
    request = decode_request(body, AnalyzeRequest)
    assert (request.comment.text, request.sessionId) == (text, "s")


@pytest.mark.parametrize("body", [b'{"colour": 1}', b'{"do_not_store": true, "colour": 1}', b'{"do_not_stor": true}'])
def test_an_unknown_field_is_unknown_in_either_case(body):
    with pytest.raises(InputError) as caught:
        decode_request(body, AnalyzeRequest)
    assert caught.value.code == "field.unknown"

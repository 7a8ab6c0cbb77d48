import msgspec
import pytest

from evenhand.api.perspective.schema import AnalyzeRequest, AnalyzeResponse, Score, SpanScore, SuggestRequest


@pytest.mark.parametrize("kind", [AnalyzeRequest, SuggestRequest])
def test_null_means_absent_everywhere(kind):
    names = msgspec.json.encode(dict.fromkeys(kind.__struct_fields__))
    assert msgspec.json.decode(names, type=kind) == kind()


def test_an_answer_leaves_out_what_is_empty():
    assert msgspec.json.encode(AnalyzeResponse(languages=["en"])) == b'{"languages":["en"]}'


def test_a_span_at_0_keeps_its_begin():
    assert msgspec.to_builtins(SpanScore(0, 1, Score(0.0)))["begin"] == 0

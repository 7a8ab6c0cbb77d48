import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.api.perspective.fields import parse_fields, part_of
from evenhand.core.errors import InputError

KNOWN = ("attributeScores", "languages")
ANSWER = {
    "attributeScores": {
        "TOXICITY": {"spanScores": [{"begin": 0, "end": 1}], "summaryScore": {"value": 0.5, "type": "PROBABILITY"}},
        "INSULT": {"spanScores": [{"begin": 0, "end": 1}], "summaryScore": {"value": 0.2, "type": "PROBABILITY"}},
    },
    "languages": ["en"],
}


def kept(fields):
    return part_of(ANSWER, parse_fields(fields, known=KNOWN))


def test_without_fields_everything_is_kept():
    assert kept("") == ANSWER
    assert kept("*") == ANSWER


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("languages", {"languages": ["en"]}),
        (
            "attributeScores/INSULT/summaryScore/value",
            {"attributeScores": {"INSULT": {"summaryScore": {"value": 0.2}}}},
        ),
        (
            "attributeScores.INSULT.summaryScore.value",
            {"attributeScores": {"INSULT": {"summaryScore": {"value": 0.2}}}},
        ),
        (
            "attributeScores(TOXICITY/spanScores/end,INSULT(summaryScore/value)),languages",
            {
                "attributeScores": {
                    "TOXICITY": {"spanScores": [{"end": 1}]},
                    "INSULT": {"summaryScore": {"value": 0.2}},
                },
                "languages": ["en"],
            },
        ),
        (
            "attributeScores/*/summaryScore/value",
            {
                "attributeScores": {
                    "TOXICITY": {"summaryScore": {"value": 0.5}},
                    "INSULT": {"summaryScore": {"value": 0.2}},
                }
            },
        ),
        ("attributeScores/THREAT", {}),
        ("languages/first", {"languages": []}),
    ],
)
def test_a_part_is_kept(fields, expected):
    assert kept(fields) == expected


@pytest.mark.parametrize(
    "fields", [",", "a", "languages,", "languages//x", "(languages)", "languages(", "languages)", "a b"]
)
def test_what_cannot_be_expanded_is_refused(fields):
    with pytest.raises(InputError, match="Error expanding 'fields' parameter") as caught:
        parse_fields(fields, known=KNOWN)
    assert caught.value.code == "fields.invalid"


def test_an_endless_mask_is_refused():
    with pytest.raises(InputError) as caught:
        parse_fields("languages/" * 100_000 + "x", known=KNOWN)
    assert len(caught.value.message) < 300


@given(st.text(alphabet="a*/.,() é", max_size=30))
def test_any_text_is_a_mask_or_refused(fields):
    try:
        mask = parse_fields(fields, known=("a",))
    except InputError:
        return
    assert part_of({"a": {"a": 1}}, mask) in ({"a": {"a": 1}}, {})

import json

from evenhand.api.perspective.discovery import discovery_document
from evenhand.api.perspective.schema import AnalyzeRequest, AnalyzeResponse, SuggestRequest, SuggestResponse

DOCUMENT = discovery_document("http://127.0.0.1:8000/")


def test_it_points_at_the_server_itself():
    assert DOCUMENT["rootUrl"] == DOCUMENT["baseUrl"] == "http://127.0.0.1:8000/"
    assert set(DOCUMENT["resources"]["comments"]["methods"]) == {"analyze", "suggestscore"}


def test_its_schemas_have_the_fields_that_are_served():
    for name, kind in {
        "AnalyzeCommentRequest": AnalyzeRequest,
        "AnalyzeCommentResponse": AnalyzeResponse,
        "SuggestCommentScoreRequest": SuggestRequest,
        "SuggestCommentScoreResponse": SuggestResponse,
    }.items():
        assert set(DOCUMENT["schemas"][name]["properties"]) == set(kind.__struct_fields__)


def test_every_reference_is_defined():
    text = json.dumps(DOCUMENT)
    references = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    assert references <= set(DOCUMENT["schemas"])

"""Google's own client and the PyPI package `perspective`, against the live server."""

import contextlib
import json
from urllib.error import HTTPError as UrllibError

import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from httplib2 import Http
from perspective import PerspectiveAPI

from evenhand.core.errors import NotFoundError

RUDE = "you are a stupid idiot"


@pytest.fixture
def comments(server):
    client = google_client(server, server.key)
    yield client.comments()
    client.close()


def google_client(server, key, **options):
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{server.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
        **options,
    )


def body(text, *attributes, **more):
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in attributes}} | more


def test_google_client_gets_scores(comments):
    answer = comments.analyze(body=body(RUDE, "TOXICITY", "INSULT", clientToken="t", languages=["en"])).execute()
    assert set(answer) == {"attributeScores", "languages", "detectedLanguages", "clientToken"}
    assert answer["clientToken"] == "t"
    assert answer["languages"] == ["en"]
    toxicity = answer["attributeScores"]["TOXICITY"]
    assert toxicity["summaryScore"]["type"] == "PROBABILITY"
    assert toxicity["summaryScore"]["value"] > 0.5
    assert toxicity["spanScores"] == [{"begin": 0, "end": len(RUDE), "score": toxicity["summaryScore"]}]


def test_each_sentence_gets_a_score_when_asked(comments):
    text = f"Good morning 😀 everyone! {RUDE.capitalize()}. Have a nice day."
    answer = comments.analyze(body=body(text, "INSULT", spanAnnotations=True)).execute()
    spans = answer["attributeScores"]["INSULT"]["spanScores"]
    utf16 = text.encode("utf-16-le")
    parts = [utf16[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert parts == ["Good morning 😀 everyone! ", f"{RUDE.capitalize()}. ", "Have a nice day."]
    values = [span["score"]["value"] for span in spans]
    assert max(values) == values[1] > 0.5


def test_sentences_are_no_decisions(server, comments):
    before = len(server.store.audit.list(limit=10_000))
    comments.analyze(body=body("One. Two. Three.", "INSULT", spanAnnotations=True)).execute()
    assert len(server.store.audit.list(limit=10_000)) == before + 1


def test_a_threshold_leaves_the_key_out(comments):
    request = body("good morning", "TOXICITY")
    request["requestedAttributes"]["TOXICITY"] = {"scoreThreshold": 0.99}
    assert "attributeScores" not in comments.analyze(body=request).execute()


def test_suggested_scores_are_kept(server, comments):
    suggestion = {
        "comment": {"text": "fine by me"},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
        "clientToken": "comment:1",
        "communityId": "forum",
    }
    assert comments.suggestscore(body=suggestion).execute()["clientToken"] == "comment:1"
    kept = server.store.feedback.list(limit=10_000)[-1]
    assert (kept.comment, dict(kept.suggested), kept.community_id) == ("fine by me", {"TOXICITY": 0.0}, "forum")


@pytest.mark.parametrize(("do_not_store", "expected"), [(True, 0), (False, 1)])
def test_do_not_store_is_obeyed(server, comments, do_not_store, expected):
    # What goes to review is kept for the reviewer, unless the client forbids it.
    before = count_contents(server)
    text = "you fucking idiot"
    comments.analyze(body=body(text, "TOXICITY", doNotStore=do_not_store, clientToken="c")).execute()
    assert count_contents(server) - before == expected


def count_contents(server):
    found = 0
    for row in server.store.audit.list(limit=100_000):
        with contextlib.suppress(NotFoundError):
            found += row.act == "decision.made" and bool(server.store.contents.get(row.subject))
    return found


def failure(comments, request):
    with pytest.raises(HttpError) as caught:
        comments.analyze(body=request).execute()
    return caught.value


@pytest.mark.parametrize(
    ("request_body", "message", "error_type"),
    [
        (body("", "TOXICITY"), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (body("  \n", "TOXICITY"), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (body("x" * 20_481, "TOXICITY"), "Comment text too long.", "COMMENT_TOO_LONG"),
        (body("x"), "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (body("x", "BEAUTY"), "Unknown requested attribute: BEAUTY", "INVALID_REQUEST"),
        (
            body("x", "INSULT", languages=["sw", "xh"]),
            "Attribute INSULT does not support request languages: sw, xh",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
        (
            {"comment": {"text": "x", "type": "HTML"}, "requestedAttributes": {"INSULT": {}}},
            "Currently, only 'PLAIN_TEXT' comments are supported",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "x", "type": "PDF"}, "requestedAttributes": {"INSULT": {}}},
            "Unknown text type",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "x"}, "requestedAttributes": {"INSULT": {"scoreType": "RAW"}}},
            "Requested score type RAW is not supported by attribute INSULT",
            "INVALID_REQUEST",
        ),
        (
            body(
                "x",
                "INSULT",
                context={"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}},
            ),
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
            "INVALID_REQUEST",
        ),
    ],
)
def test_errors_are_said_as_google_says_them(comments, request_body, message, error_type):
    error = failure(comments, request_body)
    assert error.status_code == 400
    assert error.reason == message
    assert error.error_details[0]["errorType"] == error_type


def test_the_language_error_names_attribute_and_languages(comments):
    detail = failure(comments, body("x", "INSULT", languages=["sw"])).error_details[0]
    assert detail["languageNotSupportedByAttributeError"] == {"requestedLanguages": ["sw"], "attribute": "INSULT"}


@pytest.mark.parametrize("key", ["nonsense", "eh_aaaaaaaaaaaa_" + "a" * 43])
def test_a_bad_key_has_the_reason_that_clients_read_before_they_call(server, key):
    with contextlib.closing(Http()) as http, pytest.raises(HttpError) as caught:
        google_client(server, key, http=http)
    assert caught.value.status_code == 400
    assert caught.value.error_details[0]["reason"] == "API_KEY_INVALID"


def test_a_short_comment_has_the_keys_that_clients_read(comments):
    answer = comments.analyze(body=body("lol ok", "TOXICITY")).execute()
    assert answer["detectedLanguages"] == answer["languages"] == ["und"]
    assert "TOXICITY" in answer["attributeScores"]


def test_attributes_are_dropped_for_their_language_when_asked(comments):
    request = body("x", "TOXICITY", languages=["sw"], dropUnsupportedAttributes=True)
    assert comments.analyze(body=request).execute() == {"languages": ["sw"], "detectedLanguages": ["und"]}


def test_google_client_gets_the_part_that_it_asks_for(comments):
    answer = comments.analyze(body=body(RUDE, "TOXICITY"), fields="attributeScores(TOXICITY/summaryScore)").execute()
    assert set(answer) == {"attributeScores"}
    assert set(answer["attributeScores"]["TOXICITY"]) == {"summaryScore"}


def test_an_unknown_field_is_named(comments):
    error = failure(comments, body("x", "TOXICITY", colour="red"))
    assert 'Unknown name "colour": Cannot find field.' in error.reason


def test_a_batch_answers_each_call(server):
    client = google_client(server, server.key)
    answers = {}
    batch = client.new_batch_http_request(
        callback=lambda number, answer, error: answers.update({number: (answer, error)})
    )
    batch.add(client.comments().analyze(body=body(RUDE, "INSULT")), request_id="good")
    batch.add(client.comments().analyze(body=body("", "INSULT")), request_id="empty")
    batch.add(client.comments().analyze(body=body("hello", "INSULT")), request_id="fine")
    batch.execute()
    assert answers["good"][0]["attributeScores"]["INSULT"]["summaryScore"]["value"] > 0.5
    assert answers["fine"][0]["attributeScores"]["INSULT"]["summaryScore"]["value"] < 0.5
    assert answers["empty"][1].error_details[0]["errorType"] == "COMMENT_EMPTY"
    client.close()


@pytest.fixture
def perspective(server):
    client = PerspectiveAPI(server.key)
    client.api_client.url = f"{server.url}/v1alpha1/{{endpoint}}"
    return client


def test_perspective_package_gets_scores(perspective):
    assert perspective.score(RUDE, tests=["TOXICITY", "INSULT"])["INSULT"] > 0.5


def test_perspective_package_suggests_scores(perspective):
    scores = {"TOXICITY": {"summaryScore": {"value": 1.0}}}
    assert perspective.suggest_score("rude", scores, client_token="t")["clientToken"] == "t"


def test_perspective_package_sees_the_error(perspective):
    with pytest.raises(UrllibError) as caught:
        perspective.analyze_comment("", validate=False)
    with caught.value as error:
        assert json.load(error)["error"]["details"][0]["errorType"] == "COMMENT_EMPTY"

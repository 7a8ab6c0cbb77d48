"""Paths that the clients in tests/contract do not take."""

import json

import httpx
import pytest

from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from fakes.detectors import ScriptedDetector

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
BATCH = "/batch/commentanalyzer/v1alpha1"
GOOD = {"comment": {"text": "good morning"}, "requestedAttributes": {"TOXICITY": {}}}


def send(server, path, body=None, *, method="POST", key=None, headers=()):
    query = {"params": {"key": key}} if key else {}
    response = httpx.request(method, server.url + path, content=body, headers=headers, timeout=30, **query)
    return response.status_code, response.json(), response.headers


def analyze(server, body=GOOD, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send(server, ANALYZE, raw, **{"key": server.key} | options)


def test_the_key_may_come_in_a_header(server):
    for headers in ({"X-Goog-Api-Key": server.key}, {"Authorization": f"Bearer {server.key}"}):
        assert analyze(server, key=None, headers=headers)[0] == 200


def test_no_key_is_forbidden(server):
    status, body, _ = analyze(server, key=None)
    assert (status, body["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_an_empty_body_with_a_bad_key_has_the_reason_first(server):
    assert analyze(server, b"", key="bad")[1]["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_an_empty_body_is_an_empty_comment(server):
    assert analyze(server, b"")[1]["error"]["details"][0]["errorType"] == "COMMENT_EMPTY"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"comment": {"text": "\xff"}}', 400),
        (b'{"comment": {"text": "\\ud800"}, "requestedAttributes": {"TOXICITY": {}}}', 400),
        (b'{"comment":' * 100_000, 400),
        (b'{"comment": {"text": 3}}', 400),
        (b'{"comment": {"text": "x"}, "requestedAttributes": ["TOXICITY"]}', 400),
        (b'{"comment": {"text": "x"}, "requestedAttributes": {"TOXICITY": {"scoreThreshold": "high"}}}', 400),
        (json.dumps({**GOOD, "comment": {"text": "x" * 1_000_000}}).encode(), 400),
        (json.dumps({**GOOD, "comment": {"text": "x" * 17_000_000}}).encode(), 413),
    ],
)
def test_bad_bodies_are_refused_in_googles_shape(server, body, status):
    code, answer, headers = analyze(server, body)
    assert code == status
    assert set(answer["error"]) >= {"code", "message", "status"}
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert analyze(server)[0] == 200


@pytest.mark.parametrize("text", ["a\0b", "\0", "\u202eevil", "😀" * 5_000, "a\u0301" * 5_000, "\u200b\u200b"])
def test_odd_texts_are_scored(server, text):
    status, answer, _ = analyze(server, GOOD | {"comment": {"text": text}})
    assert status == 200
    span = answer["attributeScores"]["TOXICITY"]["spanScores"][0]
    assert span["end"] == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (ANALYZE, "GET"),
        ("/v1alpha1", "GET"),
        ("/v1alpha1/comments:delete", "POST"),
        ("/$discovery/x", "GET"),
        (BATCH, "GET"),
    ],
)
def test_unknown_paths_and_methods_are_told_what_there_is(server, path, method):
    status, body, _ = send(server, path, method=method)
    assert (status, body["error"]["status"]) == (404, "NOT_FOUND")
    assert "POST to /v1alpha1/comments:analyze" in body["error"]["message"]


def test_without_a_good_key_a_body_is_not_read(server):
    big = b"x" * 17_000_000
    assert analyze(server, big, key=None)[0] == 403
    assert analyze(server, big, key="bad")[1]["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_only_this_version_can_be_discovered(server):
    assert send(server, "/$discovery/rest?version=v1alpha1", method="GET")[1]["id"] == "commentanalyzer:v1alpha1"
    assert send(server, "/$discovery/rest?version=v2", method="GET")[0] == 404


def test_discovery_needs_no_key_but_tells_of_a_bad_one(server):
    status, body, _ = send(server, "/$discovery/rest", method="GET", key="bad")
    assert (status, body["error"]["message"]) == (400, "API key not valid. Please pass a valid API key.")
    assert send(server, "/$discovery/rest", method="GET", key=server.key)[0] == 200
    assert send(server, "/$discovery/rest", method="GET")[0] == 200


def test_discovery_points_where_the_client_came_from(server):
    headers = {"Host": "moderation.example:8080"}
    assert (
        send(server, "/$discovery/rest", method="GET", headers=headers)[1]["rootUrl"]
        == "http://moderation.example:8080/"
    )


def test_discovery_points_to_the_public_address(make_doors):
    doors = make_doors(ScriptedDetector(), public_url="https://forum.example/evenhand")
    assert doors.get("/$discovery/rest").json()["rootUrl"] == "https://forum.example/evenhand/"


def test_parameters_that_only_google_needs_are_ignored(server):
    query = "alt=json&prettyPrint=false&quotaUser=u&%24.xgafv=2&callback=f&uploadType=media"
    status, answer, headers = send(server, f"{ANALYZE}?{query}&key={server.key}", json.dumps(GOOD).encode())
    assert (status, headers["content-type"]) == (200, "application/json; charset=UTF-8")
    assert "TOXICITY" in answer["attributeScores"]


@pytest.mark.parametrize("name", ["fields", "$fields"])
def test_a_part_of_the_answer_may_be_asked_for(server, name):
    path = f"{ANALYZE}?{name}=attributeScores/TOXICITY/summaryScore/type&key={server.key}"
    expected = {"attributeScores": {"TOXICITY": {"summaryScore": {"type": "PROBABILITY"}}}}
    assert send(server, path, json.dumps(GOOD).encode())[1] == expected


def test_a_part_that_there_is_not_is_refused(server):
    status, body, _ = send(server, f"{ANALYZE}?fields=scores&key={server.key}", json.dumps(GOOD).encode())
    assert status == 400
    assert body["error"]["details"][0]["fieldViolations"][0]["description"].endswith("for path 'scores'.")


def test_an_address_of_another_site_gets_no_leave_to_call(server):
    # A key in a web page is everybody's key.
    assert "access-control-allow-origin" not in analyze(server, headers={"Origin": "https://forum.example"})[2]


def part(path, body, method="POST"):
    return f"--b\r\nContent-Type: application/http\r\n\r\n{method} {path} HTTP/1.1\r\n\r\n{json.dumps(body)}\r\n"


def statuses(server, *parts, key=""):
    url = f"{server.url}{BATCH}{f'?key={key}' if key else ''}"
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    response = httpx.post(url, content="".join(parts) + "--b--", headers=headers, timeout=30)
    lines = response.content.split(b"\r\n")
    return [int(line.split()[1]) for line in lines if line.startswith(b"HTTP/1.1")]


def test_each_call_of_a_batch_has_its_own_status(server):
    keyed = f"{ANALYZE}?key={server.key}"
    parts = (
        part(keyed, GOOD),
        part(keyed, {}),
        part(keyed, GOOD, method="GET"),
        part("/v1alpha1/comments:delete", GOOD),
        part(f"{ANALYZE}?key=bad", GOOD),
        part(ANALYZE, GOOD),
        part("http://[", GOOD),
        part(f"{keyed}&fields=languages", GOOD),
        part(f"/behind/a/proxy{keyed}", GOOD),
    )
    assert statuses(server, *parts) == [200, 400, 404, 404, 400, 403, 404, 200, 200]


def test_the_key_of_a_batch_is_for_calls_without_one(server):
    assert statuses(server, part(ANALYZE, GOOD), part(f"{ANALYZE}?key=bad", GOOD), key=server.key) == [200, 400]


def test_a_batch_that_is_none_is_refused(server):
    status, body, _ = send(server, BATCH, b"x", key=server.key)
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")


class Toxicity(ScriptedDetector):
    labels = frozenset({Label.ATTRIBUTE_TOXICITY})


class Words(Toxicity):
    id = "text.words"


def fail(_):
    raise RuntimeError


@pytest.mark.parametrize(
    ("on_failure", "status", "key"),
    [(Action.REVIEW, 503, "error"), (Action.BLOCK, 503, "error"), (Action.ALLOW, 200, "languages")],
)
def test_a_detector_that_fails_never_gives_a_clean_score(make_doors, on_failure, status, key):
    doors = make_doors(Toxicity(fail), Words(), on_failure=on_failure)
    response = doors.post(ANALYZE, GOOD)
    assert response.status_code == status
    assert key in response.json()
    assert "attributeScores" not in response.json()
    if status == 503:
        assert response.json()["error"]["status"] == "UNAVAILABLE"
        assert response.headers["retry-after"] == "1"


def test_sentences_are_screened_in_the_same_batch_as_the_comment(make_doors):
    detector = Toxicity()
    doors = make_doors(detector)
    assert (
        doors.post(ANALYZE, GOOD | {"spanAnnotations": True, "comment": {"text": "One. Two. Three."}}).status_code
        == 200
    )
    assert detector.batches == [4]


def test_a_comment_of_one_sentence_is_screened_once(make_doors):
    detector = Toxicity()
    doors = make_doors(detector)
    assert doors.post(ANALYZE, GOOD | {"spanAnnotations": True}).status_code == 200
    assert detector.batches == [1]


@pytest.mark.parametrize("token", ["a\0b", "x" * 100_000, "😀"])
def test_an_odd_name_for_a_comment_is_kept(server, token):
    names = {"clientToken": token, "communityId": token, "sessionId": token}
    body = {"comment": {"text": "x"}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}} | names
    status, answer, _ = send(server, SUGGEST, json.dumps(body).encode(), key=server.key)
    assert (status, answer["clientToken"]) == (200, token)


@pytest.mark.parametrize(
    "scores",
    [None, {}, {"BEAUTY": {}}, {"TOXICITY": {"summaryScore": {"value": 2}}}, {"TOXICITY": {"spanScores": [{}]}}],
)
def test_a_suggestion_without_a_score_that_can_be_is_refused(server, scores):
    body = {"comment": {"text": "x"}, "attributeScores": scores}
    assert send(server, SUGGEST, json.dumps(body).encode(), key=server.key)[0] == 400


def test_a_suggestion_has_the_same_limits(server):
    scores = {"TOXICITY": {"summaryScore": {"value": 1}}}
    for text, kind in (("", "COMMENT_EMPTY"), ("x" * 20_481, "COMMENT_TOO_LONG")):
        body = json.dumps({"comment": {"text": text}, "attributeScores": scores}).encode()
        assert send(server, SUGGEST, body, key=server.key)[1]["error"]["details"][0]["errorType"] == kind

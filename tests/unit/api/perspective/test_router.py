"""Paths that the clients in tests/contract do not take."""

import json
import urllib.error
import urllib.request

import pytest


def send(server, path, body=None, *, method="POST", key=None, headers=()):
    url = f"{server.url}{path}{'' if key is None else f'?key={key}'}"
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


ANALYZE = "/v1alpha1/comments:analyze"
GOOD = {"comment": {"text": "good morning"}, "requestedAttributes": {"TOXICITY": {}}}


def analyze(server, body=GOOD, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send(server, ANALYZE, raw, **{"key": server.key} | options)


def test_the_key_may_come_in_a_header(server):
    for headers in ({"X-Goog-Api-Key": server.key}, {"Authorization": f"Bearer {server.key}"}):
        assert analyze(server, key=None, headers=headers.items())[0] == 200


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
        (json.dumps({**GOOD, "comment": {"text": "x" * 3_000_000}}).encode(), 413),
    ],
)
def test_bad_bodies_are_refused_in_googles_shape(server, body, status):
    code, answer, headers = analyze(server, body)
    assert code == status
    assert set(answer["error"]) >= {"code", "message", "status"}
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert analyze(server)[0] == 200


@pytest.mark.parametrize("text", ["a\0b", "\u202eevil", "😀" * 5_000, "a\u0301" * 5_000, "\u200b\u200b"])
def test_odd_texts_are_scored(server, text):
    status, answer, _ = analyze(server, GOOD | {"comment": {"text": text}})
    assert status == 200
    span = answer["attributeScores"]["TOXICITY"]["spanScores"][0]
    assert span["end"] == len(text.encode("utf-16-le")) // 2


def test_unknown_paths_and_methods_are_not_found(server):
    for path, method in ((ANALYZE, "GET"), ("/v1alpha1/comments:delete", "POST"), ("/$discovery/x", "GET")):
        status, body, _ = send(server, path, method=method)
        assert (status, body["error"]["status"]) == (404, "NOT_FOUND")


def test_only_this_version_can_be_discovered(server):
    assert send(server, "/$discovery/rest?version=v1alpha1", method="GET")[1]["id"] == "commentanalyzer:v1alpha1"
    assert send(server, "/$discovery/rest?version=v2", method="GET")[0] == 404


def test_a_batch_that_is_none_is_refused(server):
    assert send(server, "/batch/commentanalyzer/v1alpha1", b"x", key=server.key)[0] == 400


def test_parameters_that_only_google_needs_are_ignored(server):
    path = f"{ANALYZE}?key={server.key}&alt=json&prettyPrint=false&quotaUser=u&%24.xgafv=2"
    assert send(server, path, json.dumps(GOOD).encode())[0] == 200

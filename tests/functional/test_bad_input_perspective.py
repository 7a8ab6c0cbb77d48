"""What can go wrong around a request, in the Perspective dialect; tests/unit/api/perspective has the bodies."""

import httpx
import pytest
from test_bad_input import Door, raw_request

from evenhand.core.access import Scope
from live import live_server

DOOR = Door("perspective", "/v1alpha1/comments:analyze", "comment")
GOOD = {"comment": {"text": "Good morning. See you."}, "requestedAttributes": {"TOXICITY": {}}}


def analyze(server, key=None, **more):
    return httpx.post(server.url + DOOR.path, params={"key": key or server.key}, json=GOOD | more, timeout=30)


def error(response):
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    assert response.headers["x-request-id"]
    body = response.json()["error"]
    assert body["code"] == response.status_code
    return body["status"]


def make_key(server, *scopes, requests_per_minute=1_000):
    return server.store.keys.create(name="p", scopes=frozenset(scopes), requests_per_minute=requests_per_minute)


def test_a_revoked_key_is_not_valid(server):
    api_key, key = make_key(server, Scope.SCREEN)
    assert analyze(server, key).status_code == 200
    server.store.keys.revoke(api_key.id)
    response = analyze(server, key)
    assert (response.status_code, error(response)) == (400, "INVALID_ARGUMENT")
    assert response.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_a_key_without_the_scope_is_refused(server):
    response = analyze(server, make_key(server, Scope.REVIEW)[1])
    assert (response.status_code, error(response)) == (403, "PERMISSION_DENIED")


def test_a_used_up_key_is_over_its_quota(server):
    _, key = make_key(server, Scope.SCREEN, requests_per_minute=1)
    assert analyze(server, key).status_code == 200
    response = analyze(server, key)
    assert (response.status_code, error(response)) == (429, "RESOURCE_EXHAUSTED")
    assert response.json()["error"]["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert int(response.headers["retry-after"]) >= 1
    assert analyze(server).status_code == 200


def test_a_full_queue_is_unavailable(tmp_path):
    with live_server(tmp_path, queue_items="1") as small:
        response = analyze(small, spanAnnotations=True)
        assert (response.status_code, error(response)) == (503, "UNAVAILABLE")
        assert response.headers["retry-after"] == "1"
        assert analyze(small).status_code == 200


def test_a_slow_body_is_given_up(tmp_path):
    with live_server(tmp_path, body_timeout_seconds="0.2") as hasty, raw_request(hasty, DOOR, length=100) as connection:
        connection.sendall(b'{"comment": ')
        answer = connection.recv(65_536).decode()
        assert answer.startswith("HTTP/1.1 408")
        assert '"status":"INVALID_ARGUMENT"' in answer
        assert analyze(hasty).status_code == 200


@pytest.mark.parametrize("key_cache_seconds", ["0", "60"], ids=["before the key is read", "after the key is read"])
def test_without_its_database_the_server_refuses_and_recovers(tmp_path, key_cache_seconds):
    with live_server(tmp_path, key_cache_seconds=key_cache_seconds) as lonely:
        assert analyze(lonely).status_code == 200
        file, aside = tmp_path / "evenhand.sqlite", tmp_path / "aside"
        lonely.store.close()
        file.rename(aside)
        file.mkdir()
        response = analyze(lonely)
        assert (response.status_code, error(response)) == (503, "UNAVAILABLE")
        file.rmdir()
        aside.rename(file)
        assert analyze(lonely).status_code == 200

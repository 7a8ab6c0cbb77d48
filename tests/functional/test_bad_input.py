"""Everything that can be wrong with a request, in the native and the OpenAI dialect: docs/api.md has the same table.

Each case has its documented error, and afterwards the server still serves.
"""

import contextlib
import json
import socket
from dataclasses import dataclass

import httpx
import pytest

from evenhand.core.access import Scope
from live import LiveServer, live_server

GOOD = "Good morning, see you at the match."


@dataclass(frozen=True)
class Door:
    """One dialect: where a text goes in, and where an error's code comes out."""

    name: str
    path: str
    field: str

    def one(self, text):
        return {self.field: text}

    def many(self, *texts):
        return {"items": [{"text": text} for text in texts]} if self.name == "native" else {"input": list(texts)}

    def error(self, response):
        """Return the error's code and field, once its shape is the dialect's and no part of it is missing."""
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-request-id"]
        error = response.json()["error"]
        names = {"native": {"code", "message", "field", "remedy"}, "openai": {"message", "type", "param", "code"}}
        assert set(error) == names[self.name]
        assert error["message"]
        return error["code"], error.get("field", error.get("param"))


NATIVE = Door("native", "/v1/screen", "text")
OPENAI = Door("openai", "/v1/moderations", "input")


@pytest.fixture(params=[NATIVE, OPENAI], ids=lambda door: door.name)
def door(request):
    return request.param


def send(server: LiveServer, door: Door, body: object = None, *, key: str | None = None, **options):
    headers = options.pop("headers", {"Authorization": f"Bearer {key or server.key}"})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(server.url + door.path, content=content, headers=headers, timeout=30, **options)


def still_serves(server: LiveServer, door: Door):
    return send(server, door, door.one(GOOD)).status_code == 200


def expected(door: Door, native: tuple, openai: tuple):
    return native if door is NATIVE else openai


BODIES = {
    "nothing": (b"", (400, "json.invalid", None), (400, "json_invalid", None)),
    "no JSON": (b"text=hello", (400, "json.invalid", None), (400, "json_invalid", None)),
    "cut JSON": (b'{"F": "a', (400, "json.invalid", None), (400, "json_invalid", None)),
    "byte order mark": (b'\xef\xbb\xbf{"text": "a"}', (400, "json.invalid", None), (400, "json_invalid", None)),
    "array": (b"[]", (400, "field.invalid", None), (400, "invalid_type", None)),
    "null": (b"null", (400, "field.invalid", None), (400, "invalid_type", None)),
    "no fields": (b"{}", (400, "field.missing", "text"), (400, "missing_required_parameter", "input")),
    "invalid UTF-8": (b'{"F": "\xff\xfe"}', (400, "json.encoding", None), (400, "json_encoding", None)),
    "surrogates in UTF-8": (b'{"F": "\xed\xa0\x80"}', (400, "json.encoding", None), (400, "json_encoding", None)),
    "lone surrogate": (
        rb'{"F": "a \ud83d b"}',
        (400, "json.lone_surrogate", None),
        (400, "json_lone_surrogate", None),
    ),
    "deep array in the text": (
        b'{"F": ' + b"[" * 100_000,
        (400, "json.too_deep", None),
        (400, "invalid_type", "input[0]"),
    ),
    "deep array": (b"[" * 100_000, (400, "field.invalid", None), (400, "invalid_type", None)),
    "deep array in an unknown field": (
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        (400, "json.too_deep", None),
        (400, "unknown_parameter", "x"),
    ),
    "unknown field": (b'{"F": "a", "x": 1}', (400, "field.unknown", "x"), (400, "unknown_parameter", "x")),
    "huge unknown field": (
        b'{"F": "a", "' + b"x" * 1_000_000 + b'": 1}',
        (400, "field.unknown", "x" * 200),
        (400, "unknown_parameter", "x" * 200),
    ),
    "number": (b'{"F": 1}', (400, "field.invalid", "text"), (400, "invalid_type", "input")),
    "huge number": (
        b'{"F": ' + b"9" * 100_000 + b"}",
        (400, "field.invalid", "text"),
        (400, "invalid_type", "input"),
    ),
    "object": (b'{"F": {}}', (400, "field.invalid", "text"), (400, "invalid_type", "input")),
    "null text": (b'{"F": null}', (400, "field.invalid", "text"), (400, "invalid_type", "input")),
    "empty": (b'{"F": ""}', (400, "text.empty", "text"), (400, "text_empty", "input")),
    "white space": (b'{"F": " \\t\\n\\u00a0"}', (400, "text.empty", "text"), (400, "text_empty", "input")),
    "1 MB": (
        b'{"F": "' + b"x" * 1_000_000 + b'"}',
        (413, "text.too_long", "text"),
        (400, "string_above_max_length", "input"),
    ),
    "over the body limit": (
        b'{"F": "' + b"x" * 16_800_000 + b'"}',
        (413, "body.too_large", None),
        (413, "body_too_large", None),
    ),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_has_its_error(server, door, case):
    body, native, openai = BODIES[case]
    response = send(server, door, body.replace(b'"F"', f'"{door.field}"'.encode(), 1))
    assert (response.status_code, *door.error(response)) == expected(door, native, openai)
    assert len(response.content) < 1_000
    assert still_serves(server, door)


@pytest.mark.parametrize(
    ("texts", "native", "openai"),
    [
        ([], (400, "field.invalid", "items"), (400, "empty_array", "input")),
        ([GOOD, ""], (400, "text.empty", "items[1].text"), (400, "text_empty", "input[1]")),
        ([GOOD, 1], (400, "field.invalid", "items[1].text"), (400, "invalid_type", "input[1]")),
        (
            [GOOD, GOOD, "x" * 20_481],
            (413, "text.too_long", "items[2].text"),
            (400, "string_above_max_length", "input[2]"),
        ),
        ([GOOD] * 65, (413, "items.too_many", "items"), (400, "array_above_max_length", "input")),
    ],
)
def test_many_are_all_accepted_or_none(server, door, texts, native, openai):
    response = send(server, door, door.many(*texts))
    assert (response.status_code, *door.error(response)) == expected(door, native, openai)
    assert still_serves(server, door)


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "\x00",
        "\u202eyou are \u2066nice\u2069 here",
        "\U0001f600" * 5_000,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 1_000,
        "e" + "\u0301" * 10_000,
        "\u200b",
        "\ufffd\ufffe\uffff",
        "\U0010ffff",
        "x" * 20_480,
    ],
    ids=["NUL", "only NUL", "overrides", "emoji", "joined emoji", "marks", "zero width", "specials", "last", "longest"],
)
def test_odd_characters_are_screened_and_not_refused(server, door, text):
    response = send(server, door, door.one(text))
    assert response.status_code == 200
    if door is NATIVE:
        stored = send(server, door, door.one(text) | {"store_content": True}).json()
        assert server.store.contents.get(stored["id"]).body == text
    assert still_serves(server, door)


def test_ten_thousand_emoji_are_screened_where_the_limit_allows(tmp_path, door):
    emoji = "\U0001f600" * 10_000
    with live_server(tmp_path, max_text_bytes="50000") as roomy:
        assert send(roomy, door, door.one(emoji)).status_code == 200
        assert still_serves(roomy, door)


def test_ten_thousand_emoji_are_over_the_usual_limit(server, door):
    response = send(server, door, door.one("\U0001f600" * 10_000))
    wanted = expected(door, (413, "text.too_long", "text"), (400, "string_above_max_length", "input"))
    assert (response.status_code, *door.error(response)) == wanted
    assert still_serves(server, door)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer eh_aaaaaaaaaaaa_" + "a" * 43},
        {"Authorization": b"Bearer eh_\xff\xfe"},
        {"Authorization": "Bearer " + "x" * 10_000},
    ],
)
def test_without_a_good_key_nothing_is_read(server, door, headers):
    response = send(server, door, b"not even JSON", headers=headers)
    code, _ = door.error(response)
    has_key = headers.get("Authorization", "")[7:] != ""
    has_key = has_key and not str(headers["Authorization"]).startswith("Basic")
    wanted = expected(door, "key.invalid" if has_key else "key.missing", "invalid_api_key")
    assert (response.status_code, code) == (401, wanted)
    assert still_serves(server, door)


def make_key(server: LiveServer, *scopes: Scope, requests_per_minute: int = 1_000):
    return server.store.keys.create(name="bad", scopes=frozenset(scopes), requests_per_minute=requests_per_minute)


def test_a_revoked_key_is_refused(server, door):
    api_key, key = make_key(server, Scope.SCREEN)
    assert send(server, door, door.one(GOOD), key=key).status_code == 200
    server.store.keys.revoke(api_key.id)
    response = send(server, door, door.one(GOOD), key=key)
    assert (response.status_code, door.error(response)[0]) == (401, expected(door, "key.invalid", "invalid_api_key"))
    assert still_serves(server, door)


def test_a_key_without_the_scope_is_refused(server, door):
    _, key = make_key(server, Scope.REVIEW)
    response = send(server, door, door.one(GOOD), key=key)
    wanted = expected(door, "key.scope", "insufficient_permissions")
    assert (response.status_code, door.error(response)[0]) == (403, wanted)
    assert still_serves(server, door)


def test_a_used_up_key_is_told_when_to_come_back(server, door):
    _, key = make_key(server, Scope.SCREEN, requests_per_minute=2)
    statuses = [send(server, door, door.one(GOOD), key=key).status_code for _ in range(2)]
    response = send(server, door, door.one(GOOD), key=key)
    assert statuses == [200, 200]
    wanted = expected(door, "rate.limited", "rate_limit_exceeded")
    assert (response.status_code, door.error(response)[0]) == (429, wanted)
    assert int(response.headers["retry-after"]) >= 1
    assert still_serves(server, door)


def test_a_full_queue_refuses_and_says_when_to_come_back(tmp_path, door):
    with live_server(tmp_path, queue_items="1") as small:
        response = send(small, door, door.many(GOOD, GOOD))
        wanted = expected(door, "queue.full", "queue_full")
        assert (response.status_code, door.error(response)[0]) == (503, wanted)
        assert response.headers["retry-after"] == "1"
        assert still_serves(small, door)


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "", (405, "route.method_not_allowed", "method_not_supported")),
        ("PUT", "", (405, "route.method_not_allowed", "method_not_supported")),
        ("POST", "/", (404, "route.not_found", "unknown_url")),
        ("POST", "/x", (404, "route.not_found", "unknown_url")),
        ("POST", "%00", (404, "route.not_found", "unknown_url")),
    ],
)
def test_a_wrong_way_in_is_said_in_the_dialect(server, door, method, path, wanted):
    status, native, openai = wanted
    response = httpx.request(method, server.url + door.path + path, headers=server.headers)
    assert (response.status_code, door.error(response)[0]) == (status, expected(door, native, openai))
    assert status != 405 or response.headers["allow"] == "POST"
    assert still_serves(server, door)


@contextlib.contextmanager
def raw_request(server: LiveServer, door: Door, *, length: int):
    """Open a connection and send the head of a request whose body has `length` bytes."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST {door.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.key}\r\n"
        connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
        yield connection


def test_a_slow_body_is_given_up(tmp_path, door):
    with live_server(tmp_path, body_timeout_seconds="0.2") as hasty, raw_request(hasty, door, length=100) as connection:
        connection.sendall(b'{"text": ')
        answer = connection.recv(65_536).decode()
        assert answer.startswith("HTTP/1.1 408")
        assert expected(door, '"body.timeout"', '"body_timeout"') in answer
        assert still_serves(hasty, door)


def test_a_body_that_ends_early_disturbs_nobody(server, door):
    with raw_request(server, door, length=100) as connection:
        connection.sendall(b'{"text": "a"}')
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65_536) == b""
    assert still_serves(server, door)
    page = httpx.get(f"{server.url}/metrics").text
    assert f'evenhand_requests_total{{door="{door.name}",status="500"}}' not in page


@pytest.mark.parametrize("key_cache_seconds", ["0", "60"], ids=["before the key is read", "after the key is read"])
def test_without_its_database_the_server_refuses_and_recovers(tmp_path, door, key_cache_seconds):
    with live_server(tmp_path, key_cache_seconds=key_cache_seconds) as lonely:
        assert still_serves(lonely, door)
        file, aside = tmp_path / "evenhand.sqlite", tmp_path / "aside"
        lonely.store.close()
        file.rename(aside)
        file.mkdir()
        response = send(lonely, door, door.one(GOOD))
        wanted = expected(door, "store.unavailable", "store_unavailable")
        assert (response.status_code, door.error(response)[0]) == (503, wanted)
        assert response.headers["retry-after"] == "1"
        assert httpx.get(f"{lonely.url}/readyz").status_code == 503
        assert httpx.get(f"{lonely.url}/healthz").status_code == 200
        file.rmdir()
        aside.rename(file)
        assert still_serves(lonely, door)

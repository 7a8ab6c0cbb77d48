import asyncio
import logging

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, Router

from evenhand.api.dialect import Dialect
from evenhand.core.errors import OverloadError, http_status
from evenhand.server.guard import SECURITY_HEADERS, Guard
from evenhand.server.logs import request_id
from evenhand.server.metrics import Metrics


def refuse(name):
    return lambda error: PlainTextResponse(f"{name} {error.code}", http_status(error))


async def echo(request: Request):
    return PlainTextResponse(await request.body())


async def explode(_):
    raise ValueError("with a secret text")


async def overload(_):
    raise OverloadError(retry_after=1)


async def explode_late(_):
    async def parts():
        yield b"begun"
        raise ValueError("with a secret text")

    return StreamingResponse(parts())


async def tell_id(_):
    return PlainTextResponse(request_id.get())


async def own_policy(_):
    return PlainTextResponse("", headers={"content-security-policy": "default-src 'self'; media-src blob:"})


ROUTES = [
    Route("/policy", own_policy),
    Route("/echo", echo, methods=["POST"]),
    Route("/other/explode", explode),
    Route("/overload", overload),
    Route("/late", explode_late),
    Route("/id", tell_id),
]


class Client:
    """Speaks ASGI to a guard."""

    def __init__(self, **options):
        self.metrics = Metrics()
        dialects = [Dialect("native", ("/",), (), refuse("native")), Dialect("other", ("/other",), (), refuse("other"))]
        limits = {"max_body_bytes": 10, "body_timeout_seconds": 5.0} | options
        self.guard = Guard(Router(ROUTES), dialects, self.metrics, **limits)

    def send(self, method, path, parts=(b"",), *, delay=0.0, headers=()):
        sent = []
        messages = [
            {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
            for number, part in enumerate(parts)
        ]

        async def receive():
            await asyncio.sleep(delay)
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"key=eh_secret",
            "headers": list(headers),
        }
        asyncio.run(self.guard(scope, receive, send))
        body = b"".join(message.get("body", b"") for message in sent[1:]).decode()
        return sent[0]["status"], dict(sent[0]["headers"]), body


def test_a_good_request_passes_with_every_header():
    status, headers, body = Client().send("POST", "/echo", [b"hello"])
    assert (status, body) == (200, "hello")
    assert headers.items() >= dict(SECURITY_HEADERS).items()
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-request-id"].startswith(b"req_")


def test_a_policy_that_an_answer_has_itself_stands():
    _, headers, _ = Client().send("GET", "/policy")
    assert headers[b"content-security-policy"] == b"default-src 'self'; media-src blob:"
    assert headers[b"x-frame-options"] == b"DENY"


def test_a_sensible_request_id_is_kept_and_another_is_not():
    assert Client().send("GET", "/id", headers=[(b"x-request-id", b"abc-1")])[2] == "abc-1"
    assert Client().send("GET", "/id", headers=[(b"x-request-id", b"a\nb")])[2].startswith("req_")
    assert request_id.get() == ""


@pytest.mark.parametrize("parts", [[b"x" * 11], [b"x" * 6, b"x" * 6]])
def test_a_body_over_the_limit_is_refused(parts):
    assert Client().send("POST", "/echo", parts)[::2] == (413, "native body.too_large")


def test_a_declared_length_over_the_limit_is_refused_before_it_arrives():
    headers = [(b"content-length", b"11")]
    assert Client(body_timeout_seconds=0.01).send("POST", "/echo", delay=1, headers=headers)[0] == 413


def test_a_slow_body_is_refused():
    assert Client(body_timeout_seconds=0.01).send("POST", "/echo", delay=1)[::2] == (408, "native body.timeout")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "native route.not_found")),
        ("GET", "/other/nowhere", (404, "other route.not_found")),
        ("GET", "/echo", (405, "native route.method_not_allowed")),
        ("GET", "/overload", (503, "native queue.full")),
        ("GET", "/other/explode", (500, "other internal")),
    ],
)
def test_errors_are_said_in_the_dialect_of_the_path(method, path, expected):
    status, headers, body = Client().send(method, path)
    assert (status, body) == expected
    assert b"x-request-id" in headers


def test_the_log_has_neither_content_nor_key(caplog):
    caplog.set_level(logging.INFO)
    Client().send("GET", "/other/explode")
    record = next(record for record in caplog.records if record.message == "unexpected error")
    assert record.error_type == "ValueError"
    assert any("explode" in frame for frame in record.frames)
    assert "secret" not in str([vars(record) for record in caplog.records])


def test_a_failure_after_the_answer_began_is_logged(caplog):
    status, _, body = Client().send("GET", "/late")
    assert (status, body) == (200, "begun")
    assert "unexpected error" in caplog.text


def test_requests_are_counted_by_dialect_and_status():
    client = Client()
    client.send("POST", "/echo", [b"x"])
    client.send("GET", "/other/explode")
    page = client.metrics.page().decode()
    assert 'evenhand_requests_total{door="native",status="200"} 1.0' in page
    assert 'evenhand_requests_total{door="other",status="500"} 1.0' in page


def test_what_is_not_http_passes_through():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    guard = Guard(app, [], Metrics(), max_body_bytes=1, body_timeout_seconds=1)
    asyncio.run(guard({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_a_wrong_method_is_told_the_right_one():
    assert Client().send("GET", "/echo")[1][b"allow"] == b"POST"

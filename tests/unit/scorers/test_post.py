import socket
from email.utils import formatdate
from time import time as now

import pytest

from evenhand.core.errors import ConfigurationError, EndpointError
from evenhand.scorers.post import ATTEMPTS, Poster, retry_after
from fakes.scripted_server import scripted_server

GOOD = (200, {}, {"ok": True})


def post(server, clock, **options):
    return Poster(f"{server.url}/path", {"Authorization": "Bearer k"}, clock=clock, **options).post(b'{"a": 1}')


def test_a_body_is_posted_with_the_headers(clock):
    with scripted_server(GOOD) as server:
        assert post(server, clock) == b'{"ok": true}'
    ((path, headers, body),) = server.requests
    assert (path, headers["Authorization"], headers["Content-Type"], body) == (
        "/path",
        "Bearer k",
        "application/json",
        {"a": 1},
    )


def test_method_and_query_are_those_that_were_given(clock):
    with scripted_server(GOOD) as server:
        post(server, clock, query="v=2")
        with pytest.raises(EndpointError) as raised:
            post(server, clock, method="PUT")
    assert server.requests[0][0] == "/path?v=2"
    assert "status 501" in raised.value.message


def test_no_more_requests_are_sent_than_are_allowed_attempts_counted(clock):
    with scripted_server((503, {}, {})) as server, pytest.raises(EndpointError) as raised:
        post(server, clock, most_requests=2)
    assert raised.value.code == "endpoint.budget"
    assert len(server.requests) == 2


def test_a_busy_server_is_asked_again_when_it_says(clock, time):
    with scripted_server((429, {"Retry-After": "7"}, {}), (503, {}, {}), GOOD) as server:
        post(server, clock)
    assert time.slept == [7, 2]


def test_a_server_that_stays_busy_is_given_up_after_some_attempts(clock, time):
    with scripted_server((503, {}, {})) as server, pytest.raises(EndpointError) as raised:
        post(server, clock)
    assert raised.value.code == "endpoint.unavailable"
    assert "status 503" in raised.value.message
    assert len(server.requests) == ATTEMPTS
    assert time.slept == [1, 2, 4, 8]


def test_a_server_that_asks_for_too_long_a_wait_is_given_up_at_once(clock, time):
    with scripted_server((429, {"Retry-After": "3600"}, {})) as server, pytest.raises(EndpointError) as raised:
        post(server, clock)
    assert raised.value.code == "endpoint.unavailable"
    assert "3600 s" in raised.value.message
    assert time.slept == []


def test_a_server_that_is_not_there_is_unavailable(clock):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(EndpointError) as raised:
            Poster(url, {}, clock=clock).post(b"{}")
    assert raised.value.code == "endpoint.unavailable"
    assert "refused" in raised.value.message


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "endpoint.rejected"),
        (413, "endpoint.rejected"),
        (422, "endpoint.rejected"),
        (401, "endpoint.key"),
        (403, "endpoint.key"),
        (404, "endpoint.not_found"),
        (405, "endpoint.not_found"),
    ],
)
def test_what_waiting_does_not_mend_is_told_at_once(clock, time, status, code):
    with (
        scripted_server((status, {}, {"error": "no\nsuch \u0007thing"})) as server,
        pytest.raises(EndpointError) as raised,
    ):
        post(server, clock)
    assert raised.value.code == code
    assert len(server.requests) == 1
    assert time.slept == []
    assert "\n" not in raised.value.message


def test_a_redirect_is_not_followed(clock):
    with scripted_server(GOOD) as elsewhere, scripted_server((307, {"Location": elsewhere.url}, {})) as server:
        with pytest.raises(EndpointError) as raised:
            post(server, clock)
        assert raised.value.code == "endpoint.redirect"
        assert elsewhere.requests == []


def test_an_allowance_is_kept_to(clock, time):
    with scripted_server(GOOD) as server:
        poster = Poster(server.url, {}, requests_per_minute=30, clock=clock)
        for _ in range(3):
            poster.post(b"{}")
    assert time.slept == [2, 2]


def test_an_address_that_is_not_plain_is_refused_by_the_name_of_its_option():
    with pytest.raises(ConfigurationError) as raised:
        Poster("http://x/?key=1", {})
    assert (raised.value.code, raised.value.field) == ("endpoint.url", "--endpoint")


def test_retry_after_is_seconds_or_a_date():
    assert retry_after("12") == 12
    assert retry_after(formatdate(now() + 60, usegmt=True)) == pytest.approx(60, abs=5)
    assert retry_after(formatdate(now() - 60, usegmt=True)) == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None

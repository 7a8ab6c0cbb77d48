import contextlib
import socket
import threading
import time
from http.client import HTTPConnection

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.second_look.endpoint import LARGEST_ANSWER, Endpoint, NoAnswerError, Reason, _shut
from fakes.scripted_server import scripted_server


def failure(url, *, seconds=5.0):
    with pytest.raises(NoAnswerError) as caught:
        Endpoint(url).post({}, seconds=seconds)
    return caught.value.reason


@contextlib.contextmanager
def raw_server(*pieces, pause=0.0):
    """Serve one connection on 127.0.0.1: send `pieces` with pauses between, then hang up."""

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            request = b""
            while not request.endswith(b"{}"):  # what is left unread would break the connection off
                request += connection.recv(65_536) or b"{}"
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join()


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions"])
def test_the_address_is_taken_as_clients_give_it(ending):
    with scripted_server((200, {}, {"a": 1})) as server:
        assert Endpoint(f"{server.url}/v1{ending}").post({"b": "ü"}, seconds=5) == b'{"a": 1}'
    assert server.requests[0][0] == "/v1/chat/completions"
    assert server.requests[0][2] == {"b": "ü"}


def test_the_key_goes_in_a_header_and_without_one_there_is_none():
    with scripted_server((200, {}, {})) as server:
        Endpoint(server.url, key="secret").post({}, seconds=5)
        Endpoint(server.url).post({}, seconds=5)
    assert server.requests[0][1]["Authorization"] == "Bearer secret"
    assert "Authorization" not in server.requests[1][1]


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_is_none_is_refused_and_not_repeated(key):
    with pytest.raises(ConfigurationError) as caught:
        Endpoint("http://127.0.0.1:1", key=key)
    assert caught.value.code == "second_look.key"
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, Reason.DENIED),
        (400, Reason.REFUSED),
        (413, Reason.REFUSED),
        (422, Reason.REFUSED),
        (401, Reason.DENIED),
        (404, Reason.DENIED),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
    ],
)
def test_a_status_is_named(status, reason):
    with scripted_server((status, {}, b"")) as server:
        assert failure(server.url) is reason


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    with scripted_server((200, {}, {})) as elsewhere:
        with scripted_server((status, {"Location": f"{elsewhere.url}/chat/completions"}, b"")) as server:
            assert failure(server.url) is Reason.REDIRECT
        assert elsewhere.requests == []


def test_no_proxy_is_used(monkeypatch):
    with scripted_server((200, {}, {})) as proxy, scripted_server((200, {}, {})) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        Endpoint(server.url).post({}, seconds=5)
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


def test_nobody_there_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}") is Reason.UNREACHABLE


def test_what_does_not_speak_tls_is_unreachable():
    with scripted_server((200, {}, {})) as server:
        assert failure(server.url.replace("http:", "https:")) is Reason.UNREACHABLE


@pytest.mark.parametrize(
    "answer",
    [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"],
    ids=["hangs up", "no HTTP", "cut short"],
)
def test_a_broken_answer_is_unreachable(answer):
    with raw_server(answer) as url:
        assert failure(url) is Reason.UNREACHABLE


def test_an_answer_without_a_length_ends_with_the_connection():
    with raw_server(b"HTTP/1.1 200 OK\r\n\r\n{}") as url:
        assert Endpoint(url).post({}, seconds=5) == b"{}"


@pytest.mark.parametrize("size", [LARGEST_ANSWER + 1, 50 * LARGEST_ANSWER])
def test_a_huge_answer_is_not_read_to_its_end(size):
    with scripted_server((200, {}, b"x" * size)) as server:
        assert failure(server.url) is Reason.TOO_LARGE


def test_the_largest_answer_is_read_whole():
    with scripted_server((200, {}, b"x" * LARGEST_ANSWER)) as server:
        assert len(Endpoint(server.url).post({}, seconds=5)) == LARGEST_ANSWER


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["in the head", "in the body", "in a body without a length"],
)
def test_a_drip_counts_as_silence(start):
    with raw_server(start, *[b"x"] * 40, pause=0.02) as url:
        assert failure(url, seconds=0.2) is Reason.TIME_OUT


def test_silence_is_a_time_out():
    release = threading.Event()
    with scripted_server((200, {}, lambda _: release.wait(10))) as server:
        assert failure(server.url, seconds=0.1) is Reason.TIME_OUT
        release.set()


def test_to_shut_what_was_never_opened_is_nothing():
    connection = HTTPConnection("127.0.0.1")
    _shut(connection)
    assert connection.sock is None

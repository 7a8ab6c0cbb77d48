import pytest
from starlette.responses import Response

from evenhand.api.perspective.batch import Call, batch_response, parse_batch
from evenhand.core.errors import InputError, TooLargeError

PART = (
    "--b\r\nContent-Type: application/http\r\nContent-ID: <x + {number}>\r\n\r\n"
    "POST /v1alpha1/comments:analyze?key=k{number} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{}}\r\n"
)


def batch(count):
    return ("".join(PART.format(number=number) for number in range(count)) + "--b--\r\n").encode()


def test_calls_are_read():
    first, second = parse_batch(batch(2), "multipart/mixed; boundary=b")
    assert first.content_id == "<x + 0>"
    assert (second.path, second.key, second.body.strip()) == ("/v1alpha1/comments:analyze", "k1", b"{}")


@pytest.mark.parametrize(
    ("header", "key"), [("Authorization: Bearer abc", "abc"), ("X-Goog-Api-Key: def", "def"), ("X-Other: y", None)]
)
def test_a_call_may_have_its_key_in_a_header(header, key):
    body = f"--b\r\nContent-Type: application/http\r\n\r\nPOST /p HTTP/1.1\r\n{header}\r\n\r\n{{}}\r\n--b--"
    (call,) = parse_batch(body.encode(), "multipart/mixed; boundary=b")
    assert call.key == key


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/mixed; boundary=b"),
        (b"{}", "application/json"),
        (b"--b\r\n\r\nGET /p HTTP/1.1\r\n\r\n\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b\r\n\r\nnonsense\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b\r\n\r\n\r\n--b--", "multipart/mixed; boundary=b"),
        (batch(1), "multipart/mixed"),
        (batch(1), "multipart/mixed; boundary=\xff"),
        (
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--",
            "multipart/mixed; boundary=b",
        ),
    ],
)
def test_what_is_no_batch_is_refused(body, content_type):
    with pytest.raises(InputError) as caught:
        parse_batch(body, content_type)
    assert caught.value.code == "batch.invalid"


def test_a_batch_has_at_most_100_calls():
    assert len(parse_batch(batch(100), "multipart/mixed; boundary=b")) == 100
    with pytest.raises(TooLargeError):
        parse_batch(batch(101), "multipart/mixed; boundary=b")


def test_an_id_cannot_end_the_header():
    answer = batch_response([Call("<a\r\nX-Evil: 1>", "/", None, b"")], [Response("{}", media_type="application/json")])
    assert b"Content-ID: <response-aX-Evil: 1>\r\n" in answer.body
    assert b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n" in answer.body

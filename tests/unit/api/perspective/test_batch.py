import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from evenhand.api.perspective.batch import batch_response, parse_batch
from evenhand.core.errors import InputError, TooLargeError

TYPE = "multipart/mixed; boundary=b"
PART = (
    "--b\r\nContent-Type: application/http\r\nContent-ID: <x + {number}>\r\n\r\n"
    "POST /v1alpha1/comments:analyze?key=k{number} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{}}\r\n"
)


def batch(count):
    return ("".join(PART.format(number=number) for number in range(count)) + "--b--\r\n").encode()


def one(http):
    (part,) = parse_batch(b"--b\r\nContent-Type: application/http\r\n\r\n" + http + b"\r\n--b--", TYPE)
    return part.request


def test_calls_are_read():
    first, second = parse_batch(batch(2), TYPE)
    assert first.content_id == "<x + 0>"
    assert second.request.method == "POST"
    assert second.request.url.path == "/v1alpha1/comments:analyze"
    assert second.request.query_params["key"] == "k1"
    assert asyncio.run(second.request.body()).strip() == b"{}"


@pytest.mark.parametrize(
    "content_type",
    [
        TYPE,
        'Multipart/Mixed; boundary="b"',
        "multipart/mixed; charset=utf-8; boundary=b; x=y",
        "multipart/mixed;boundary=b",
    ],
)
def test_the_boundary_is_found(content_type):
    assert len(parse_batch(batch(2), content_type)) == 2


def test_lines_may_end_either_way():
    assert len(parse_batch(batch(2).replace(b"\r\n", b"\n"), TYPE)) == 2


def test_a_body_is_bytes():
    request = one("POST /p HTTP/1.1\r\n\r\n{é😀}".encode())
    assert asyncio.run(request.body()) == "{é😀}".encode()


def test_headers_of_a_call_are_its_own():
    request = one(b"POST /p HTTP/1.1\r\nAuthorization: Bearer abc\r\nX-Goog-Api-Key:def\r\n\r\n{}")
    assert (request.headers["authorization"], request.headers["x-goog-api-key"]) == ("Bearer abc", "def")


def test_a_colon_in_the_path_may_be_escaped():
    assert one(b"POST /v1alpha1/comments%3Aanalyze HTTP/1.1\r\n\r\n{}").url.path == "/v1alpha1/comments:analyze"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (b"{}", "application/json"),
        (b"--b--", TYPE),
        (b"--b\r\n\r\nnonsense\r\n--b--", TYPE),
        (b"--b\r\n\r\n\r\n--b--", TYPE),
        (batch(1).removesuffix(b"--b--\r\n"), TYPE),
        (batch(1), "multipart/mixed"),
        (batch(1), "multipart/mixed; boundary="),
        (batch(1), "multipart/mixed; boundary=\xff"),
        (batch(1), "multipart/form-data; boundary=b"),
    ],
)
def test_what_is_no_batch_is_refused(body, content_type):
    with pytest.raises(InputError) as caught:
        parse_batch(body, content_type)
    assert caught.value.code == "batch.invalid"


def test_a_batch_has_at_most_100_calls():
    assert len(parse_batch(batch(100), TYPE)) == 100
    for count in (101, 102, 1_000):
        with pytest.raises(TooLargeError):
            parse_batch(batch(count), TYPE)


@given(
    st.lists(
        st.sampled_from([b"--b", b"--", b"\r\n", b"\n\n", b"POST /p HTTP/1.1", b":", b"Content-ID: <\xff>", b"?%"])
    )
)
def test_any_bytes_are_calls_or_refused(pieces):
    try:
        parts = parse_batch(b"".join(pieces), TYPE)
    except InputError:
        return
    assert batch_response(parts, [Response("{}")] * len(parts)).body.count(b"HTTP/1.1 200 OK") == len(parts)


def test_an_id_cannot_end_the_header():
    body = b"--b\r\nContent-ID: <a\x0bX-Evil: 1>\r\n\r\nPOST /p HTTP/1.1\r\n\r\n{}\r\n--b--"
    answer = batch_response(parse_batch(body, TYPE), [Response("{}", media_type="application/json")])
    assert b"Content-ID: <response-aX-Evil: 1>\r\n" in answer.body


def test_each_answer_has_its_status_and_headers():
    answer = batch_response(
        parse_batch(batch(1), TYPE), [Response("{}", 503, {"Retry-After": "1"}, "application/json")]
    )
    assert b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n" in answer.body
    assert b"Content-Type: application/json\r\n\r\n{}\r\n" in answer.body

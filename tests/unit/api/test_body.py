import asyncio
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from evenhand.api.body import decode_json, json_answer, read_json
from evenhand.core.errors import InputError


class Part(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    weight: int = 0


class Body(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Part] = []
    extra: dict[str, Part] = {}
    anything: object = None


def refused(body, kind=Body):
    with pytest.raises(InputError) as caught:
        decode_json(body if isinstance(body, bytes) else json.dumps(body).encode(), kind)
    return caught.value


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"", "json.invalid", None),
        (b"{", "json.invalid", None),
        (b"{} {}", "json.invalid", None),
        (b"\xef\xbb\xbf{}", "json.invalid", None),
        (b'{"items": [{"text": "a\nb"}]}', "json.invalid", None),
        (b'{"anything": NaN}', "json.invalid", None),
        (b'{"items": [{"text": "\xff"}]}', "json.encoding", None),
        (b'{"items": [{"text": "\xed\xa0\x80"}]}', "json.encoding", None),
        (rb'{"items": [{"text": "\ud800"}]}', "json.lone_surrogate", None),
        (rb'{"items": [{"text": "\ud83d\ude00 \udc00"}]}', "json.lone_surrogate", None),
        (b'{"anything": ' + b"[" * 100_000, "json.too_deep", None),
        (b'{"anything": ' + b'{"a":' * 100_000, "json.too_deep", None),
        ([], "field.invalid", None),
        (None, "field.invalid", None),
        ({"items": [{"text": "a"}, {"text": 1}]}, "field.invalid", "items[1].text"),
        ({"items": {}}, "field.invalid", "items"),
        ({"extra": {"x": {"text": 1}}}, "field.invalid", "extra[...].text"),
        ({"items": [{}]}, "field.missing", "items[0].text"),
        ({"things": []}, "field.unknown", "things"),
        ({"items": [{"text": "a", "size": 1}]}, "field.unknown", "items[0].size"),
    ],
)
def test_a_bad_body_is_refused_with_code_and_field(body, code, field):
    error = refused(body)
    assert (error.code, error.field) == (code, field)
    assert error.message.endswith(".")


def test_an_error_repeats_little_of_what_was_sent():
    error = refused({"x" * 100_000: 1})
    assert error.code == "field.unknown"
    assert len(error.field) == 200


def test_nul_and_every_other_character_is_decoded():
    text = "\x00 \u202e abc \U0001f600 \\ud800"
    assert decode_json(json.dumps({"items": [{"text": text}]}).encode(), Body).items[0].text == text


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_body_or_a_named_error(body):
    code = "field.none"
    try:
        decode_json(body, Body)
    except InputError as error:
        code = error.code
    assert code.split(".")[0] in {"json", "field"}


def test_a_connection_that_ends_early_is_a_named_error():
    class Request:
        async def body(self):
            raise ClientDisconnect

    with pytest.raises(InputError) as caught:
        asyncio.run(read_json(Request(), Body))
    assert caught.value.code == "body.incomplete"


def test_an_answer_is_json():
    response = json_answer({"a": (1, 2)}, 503, {"Retry-After": "1"})
    assert (response.status_code, response.body) == (503, b'{"a":[1,2]}')
    assert response.headers["content-type"] == "application/json"
    assert response.headers["retry-after"] == "1"

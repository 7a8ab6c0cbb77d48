import asyncio

import pytest
from msgspec import UNSET
from starlette.requests import Request

from evenhand.api.native.form import read_form
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError


def read(*parts):
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'.encode()
        for name, value, more in parts
    )

    async def receive():
        return {"type": "http.request", "body": body + b"--x--\r\n", "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    return asyncio.run(read_form(Request({"type": "http", "method": "POST", "headers": headers}, receive)))


def field(name, value):
    return name, value, ""


FILE = ("images", "PNG", '; filename="a.png"')


def test_fields_are_those_of_json():
    asked, files = read(
        field("text", "a"), field("id", "post-1"), field("context", "one"), field("languages", "en"), FILE
    )
    assert (asked.text, asked.id, asked.context, asked.languages) == ("a", "post-1", ["one"], ["en"])
    assert asked.store_content is UNSET
    assert files == (ImageFile(b"PNG"),)


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False)])
def test_yes_and_no_are_said_as_in_json(value, expected):
    assert read(field("text", "a"), field("store_content", value))[0].store_content is expected


def test_a_file_needs_no_text_beside_it():
    assert read(FILE)[0].text == ""
    assert read(field("id", "a"))[0].text is UNSET


@pytest.mark.parametrize(
    ("parts", "code", "place"),
    [
        ([field("txt", "a"), FILE], "field.unknown", "txt"),
        ([field("text", "a"), field("text", "b")], "field.invalid", "text"),
        ([field("store_content", "perhaps"), FILE], "field.invalid", "store_content"),
        ([field("images", "no file")], "field.invalid", "images"),
    ],
)
def test_what_json_could_not_say_is_refused(parts, code, place):
    with pytest.raises(InputError) as caught:
        read(*parts)
    assert (caught.value.code, caught.value.field) == (code, place)

import asyncio

import pytest
from starlette.requests import Request

from evenhand.console.views import read_form
from evenhand.core import errors
from evenhand.core.content import ImageFile

FORM = "application/x-www-form-urlencoded"


def read(body, content_type=FORM):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}
    fields, images = asyncio.run(read_form(Request(scope, receive)))
    assert images == ()
    return fields


def refusal(body, content_type=FORM):
    with pytest.raises(errors.InputError) as caught:
        read(body, content_type)
    return caught.value.code


def subclasses(kind):
    return {kind, *(found for child in kind.__subclasses__() for found in subclasses(child))}


def test_a_form_is_read():
    assert read(b"key=eh_1&text=%C3%A9t%C3%A9+%26+more") == {"key": "eh_1", "text": "été & more"}


def test_empty_fields_are_kept():
    assert read(b"key=&text=") == {"key": "", "text": ""}


def test_line_ends_are_what_was_typed():
    assert read(b"text=a%0D%0Ab%0Dc") == {"text": "a\nb\rc"}


def test_a_charset_in_the_content_type_does_no_harm():
    assert read(b"text=a", f"{FORM}; charset=UTF-8") == {"text": "a"}


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'{"text": "a"}', "application/json", "form.type"),
        (b"text=a", "", "form.type"),
        (b"text=\xff", FORM, "form.encoding"),
        (b"text=%FF", FORM, "form.encoding"),
        (b"text=%ED%A0%80", FORM, "form.encoding"),
        (b"a&" * 100, FORM, "form.invalid"),
    ],
)
def test_what_is_no_form_is_refused(body, content_type, code):
    assert refusal(body, content_type) == code


def test_a_form_with_files_is_read_too():
    body = (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\nb\r\n'
        b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\nPNG\r\n"
        b"--x--\r\n"
    )

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    fields, images = asyncio.run(read_form(Request({"type": "http", "method": "POST", "headers": headers}, receive)))
    assert (fields, images) == ({"text": "a\nb"}, (ImageFile(b"PNG", "image/png"),))

import asyncio

import pytest
from starlette.requests import Request

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError
from evenhand.service.form import is_multipart, read_multipart

BOUNDARY = "xyz"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name, body, filename=None, media_type=None):
    file = f'; filename="{filename}"' if filename is not None else ""
    kind = f"Content-Type: {media_type}\r\n" if media_type else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n'
    return head.encode() + body + b"\r\n"


def request(*parts, content_type=TYPE, is_whole=True):
    messages = [{"type": "http.request", "body": b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), "more_body": False}]
    if not is_whole:
        messages = [{"type": "http.request", "body": parts[0], "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}, receive)


def read(*parts, **options):
    return asyncio.run(read_multipart(request(*parts, **options)))


def refusal(*parts, **options):
    with pytest.raises(InputError) as caught:
        read(*parts, **options)
    return caught.value.code


def test_fields_and_images_are_read_in_order():
    fields, images = read(
        part("text", "grüße".encode()),
        part("context", b"one"),
        part("context", b"two"),
        part("images", b"\x89PNG", "a.png", "image/png"),
        part("images", b"GIF", "b"),
    )
    assert fields == {"text": ["grüße"], "context": ["one", "two"]}
    assert images == (ImageFile(b"\x89PNG", "image/png"), ImageFile(b"GIF"))


def test_a_large_image_stays_in_memory():
    large = bytes(3_000_000)
    assert read(part("images", large, "a.png"))[1] == (ImageFile(large),)


def test_a_file_field_without_a_choice_is_no_image():
    assert read(part("text", b"a"), part("images", b"", "", "application/octet-stream")) == ({"text": ["a"]}, ())


def test_an_empty_file_is_an_image_and_refused_later():
    assert read(part("images", b"", "a.png"))[1] == (ImageFile(b""),)


def test_a_file_elsewhere_is_refused():
    assert refusal(part("text", b"a", "a.txt")) == "field.unknown"


def test_what_is_no_form_is_refused():
    assert refusal(b"no form", content_type="multipart/form-data") == "form.invalid"
    assert refusal(*[part("a", b"b")] * 101) == "form.invalid"


def test_a_broken_off_body_is_told():
    assert refusal(part("text", b"a"), is_whole=False) == "body.incomplete"


def test_only_a_form_with_files_is_one():
    assert is_multipart(request(content_type="Multipart/Form-Data; boundary=a"))
    assert not is_multipart(request(content_type="application/json"))

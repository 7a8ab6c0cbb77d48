import asyncio

import pytest
from starlette.requests import Request

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError, TooLargeError
from evenhand.service.form import ClipPart, is_multipart, read_form, read_multipart

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


def read_with_clip(*parts, **options):
    """Return the form, and the clip in pieces, before them the fields that had come by then."""
    pieces = []

    class Sink:
        def write(self, piece):
            pieces.append(piece)

    async def open_clip(fields):
        pieces.append(dict(fields))
        return Sink()

    return asyncio.run(read_form(request(*parts), open_clip=open_clip, **options)), pieces


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


def test_a_clip_goes_where_it_is_to_go():
    form, pieces = read_with_clip(
        part("key", b"eh_1"),
        part("images", b"PNG", "a.png"),
        part("clip", b"moving pictures", "a.mp4", "video/mp4"),
        part("text", b"late"),
    )
    assert pieces[0]["key"] == ["eh_1"]
    assert pieces[1:] == [b"moving pictures"]
    assert form.clip == ClipPart("video/mp4", 15)
    assert (form.fields, form.images) == ({"key": ["eh_1"], "text": ["late"]}, (ImageFile(b"PNG"),))


def test_a_clip_field_without_a_choice_is_no_clip_and_an_empty_file_is_one():
    assert read_with_clip(part("clip", b"", "", "application/octet-stream"))[0].clip is None
    form, pieces = read_with_clip(part("clip", b"", "a.mp4"))
    assert (form.clip, pieces) == (ClipPart("", 0), [])


@pytest.mark.parametrize(
    ("parts", "options", "code"),
    [
        ([part("clip", b"a", "a"), part("clip", b"b", "b")], {}, "field.invalid"),
        ([part("clip", b"a", "a"), part("clip", b"b", "b")], {"most_files": 1}, "form.invalid"),
        ([part("images", b"a", "a")], {"takes_images": False}, "field.unknown"),
        ([part("text", b"a" * 9)], {"largest_field": 8}, "form.invalid"),
        ([part("text", b"a")] * 3, {"most_fields": 2}, "form.invalid"),
        ([part("text", b"a" * 500), part("clip", b"b" * 900, "b")], {"most_bytes": 500}, "body.too_large"),
    ],
)
def test_a_form_over_its_limits_is_refused(parts, options, code):
    with pytest.raises(InputError) as caught:
        read_with_clip(*parts, **options)
    assert caught.value.code == code
    assert isinstance(caught.value, TooLargeError) == (code == "body.too_large")


def test_the_clip_does_not_count_among_the_bytes_of_its_form():
    assert read_with_clip(part("clip", b"b" * 9_000, "b"), most_bytes=500)[0].clip == ClipPart("", 9_000)


def test_a_clip_where_none_belongs_is_refused():
    assert refusal(part("clip", b"a", "a.mp4")) == "field.unknown"

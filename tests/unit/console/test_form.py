import asyncio

import pytest
from starlette.requests import Request

from evenhand.console.form import FormLimits, field_in, key_in, read_form
from evenhand.core import errors
from evenhand.core.content import ImageFile
from evenhand.service.form import ClipPart

FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=x"
LIMITS = FormLimits(most_bytes=1_000, seconds=5)


class Kept:
    """Keeps a clip in memory, and what came before it."""

    def __init__(self):
        self.data = b""
        self.before = None

    async def open(self, fields):
        self.before = dict(fields)
        return self

    def write(self, piece):
        self.data += piece


def part(name, body, file="", kind=""):
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file and f"; filename={file}"}\r\n'
    return (head + (kind and f"Content-Type: {kind}\r\n") + "\r\n").encode() + body + b"\r\n"


def read(*pieces, content_type=FORM, limits=LIMITS, kept=None, delay=0.0, is_whole=True):
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages += [{"type": "http.request", "body": b""} if is_whole else {"type": "http.disconnect"}]

    async def receive():
        await asyncio.sleep(delay)
        return messages.pop(0)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}
    open_clip = kept.open if kept else None
    return asyncio.run(read_form(Request(scope, receive), limits=limits, open_clip=open_clip))


def refusal(*pieces, **options):
    with pytest.raises(errors.EvenhandError) as caught:
        read(*pieces, **options)
    return caught.value.code


def test_a_form_is_read():
    assert read(b"key=eh_1&text=%C3%A9t%C3%A9+%26+more").fields == {"key": ["eh_1"], "text": ["été & more"]}


def test_empty_fields_are_kept():
    assert read(b"key=&text=").fields == {"key": [""], "text": [""]}


def test_line_ends_are_what_was_typed():
    assert read(b"text=a%0D%0Ab%0Dc").fields == {"text": ["a\nb\rc"]}


def test_a_charset_in_the_content_type_does_no_harm():
    assert read(b"text=a", content_type=f"{FORM}; charset=UTF-8").fields == {"text": ["a"]}


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'{"text": "a"}', "application/json", "form.type"),
        (b"text=a", "", "form.type"),
        (b"text=\xff", FORM, "form.encoding"),
        (b"text=%FF", FORM, "form.encoding"),
        (b"text=%ED%A0%80", FORM, "form.encoding"),
        (b"a&" * 100, FORM, "form.invalid"),
        (b"a" * 1_001, FORM, "body.too_large"),
        (part("text", b"a" * 1_001) + b"--x--\r\n", FILES, "body.too_large"),
    ],
)
def test_what_is_no_form_is_refused(body, content_type, code):
    assert refusal(body, content_type=content_type) == code


def test_a_form_with_files_is_read_too():
    body = part("text", b"a\r\nb") + part("images", b"PNG", "a.png", "image/png") + b"--x--\r\n"
    form = read(body, content_type=FILES)
    assert (form.fields, form.images, form.clip) == ({"text": ["a\nb"]}, (ImageFile(b"PNG", "image/png"),), None)


def test_the_last_of_several_counts_and_a_key_is_without_space_around_it():
    fields = {"key": ["a", " eh_1\n"], "text": [""]}
    assert (key_in(fields), field_in(fields, "text"), field_in(fields, "job")) == ("eh_1", "", "")
    assert key_in({"key": [" "]}) is None


def test_a_clip_goes_where_it_is_to_go_however_large_it_is():
    kept = Kept()
    clip = part("clip", b"c" * 5_000, "a.webm", "video/webm")
    pieces = [part("key", b"eh_1"), clip[:200], clip[200:4_000], clip[4_000:], b"--x--\r\n"]
    form = read(*pieces, content_type=FILES, kept=kept)
    assert (form.clip, form.fields) == (ClipPart("video/webm", 5_000), {"key": ["eh_1"]})
    assert (kept.data, kept.before) == (b"c" * 5_000, {"key": ["eh_1"]})


@pytest.mark.parametrize("place", [0, 1])
def test_what_stands_beside_a_clip_is_held_to_the_usual_limit(place):
    parts = [part("clip", b"c" * 5_000, "a.webm")]
    parts.insert(place, part("text", b"a" * 1_001))
    assert refusal(*parts, b"--x--\r\n", content_type=FILES, kept=Kept()) == "body.too_large"


def test_a_form_without_a_clip_must_come_soon_and_one_with_a_clip_need_not():
    slow = {"content_type": FILES, "limits": FormLimits(1_000, 0.3), "delay": 0.2}
    assert refusal(part("text", b"a"), part("text", b"b"), b"--x--\r\n", **slow) == "body.timeout"
    assert read(part("clip", b"c", "a"), part("text", b"b"), b"--x--\r\n", kept=Kept(), **slow).clip == ClipPart("", 1)


@pytest.mark.parametrize("content_type", [FORM, FILES])
def test_a_broken_off_form_is_told(content_type):
    assert refusal(part("text", b"a"), content_type=content_type, is_whole=False) == "body.incomplete"

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import zxingcpp
from PIL import Image as Pillow

from drawings import chart, code, flat, image, landscape, noise, on, photograph_like, sheet
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.codes import MAX_CHARACTERS, CodesReader

READER = CodesReader()
LINK = "https://example.org/offer?from=picture"


def texts(*pictures):
    return [passage.text for passage in READER.read([image(*pictures)])[0]]


def raw(data):
    """Return a picture of a QR code that holds these bytes."""
    made = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.QRCode)
    bits = np.asarray(zxingcpp.write_barcode_to_image(made, scale=5, add_quiet_zones=True))
    return Pillow.fromarray(bits).convert("RGB")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("QRCode", LINK),
        ("MicroQRCode", "HELLO12"),
        ("RMQRCode", "HELLO12"),
        ("Aztec", LINK),
        ("DataMatrix", LINK),
        ("PDF417", LINK),
        ("Code128", "call 555 0172"),
        ("Code39", "HELLO12"),
        ("EAN13", "4006381333931"),
    ],
)
def test_every_named_kind_of_code_is_read(kind, text):
    assert texts(code(text, kind=kind)) == [text]


@pytest.mark.parametrize("kind", ["QRCode", "MicroQRCode", "RMQRCode", "Aztec", "DataMatrix"])
def test_a_code_that_is_light_on_dark_is_read(kind):
    assert texts(code("HELLO12", kind=kind, inverted=True)) == ["HELLO12"]


@pytest.mark.parametrize("angle", [0, 10, 15, 37, 90, 180])
def test_a_turned_code_on_a_picture_is_read_and_placed(angle):
    turned = code(LINK, scale=4).rotate(angle, Pillow.Resampling.BICUBIC, expand=True, fillcolor="white")
    (passage,) = READER.read([image(on(photograph_like(800, 600), turned, 500, 200))])[0]
    left, top, width, height = passage.box
    assert (passage.text, passage.frame, passage.source, passage.confidence) == (LINK, 0, "code", 1.0)
    assert 500 <= left * 800 < (left + width) * 800 <= 500 + turned.width
    assert 200 <= top * 600 < (top + height) * 600 <= 200 + turned.height


def test_a_pale_code_is_read():
    pale = Pillow.fromarray((np.asarray(code(LINK)) * 0.15 + 110).astype(np.uint8))
    assert texts(pale) == [LINK]


@pytest.mark.parametrize("text", ["Grüße aus Köln", "日本語テキスト", "привет", "😀 hi", "two\nlines"])
def test_text_in_any_script_comes_through(text):
    assert texts(code(text)) == [text]


def test_bytes_that_are_no_utf_8_are_read_in_the_characters_that_they_seem_to_be():
    assert texts(raw("Grüße".encode("latin-1"))) == ["Grüße"]


def test_control_characters_become_spaces():
    assert texts(raw(b"one\x00two\x1dthree")) == ["one two three"]


def test_what_holds_no_text_is_left_out():
    assert texts(raw(b"\x00\x01  ")) == []


def test_a_long_text_is_cut_off():
    assert texts(code("x" * 2_500, scale=3)) == ["x" * MAX_CHARACTERS]


def test_several_codes_are_given_from_top_to_bottom():
    page = on(
        on(on(flat(900, 700, (255, 255, 255)), code("third"), 40, 400), code("second"), 500, 40), code("first"), 0, 20
    )
    assert texts(page) == ["first", "second", "third"]


def test_what_stands_in_several_frames_is_given_once():
    one, both = on(flat(600, 300), code("one"), 20, 20), on(flat(600, 300), code("one"), 30, 30)
    both = on(both, code("two"), 300, 20)
    passages = READER.read([image(one, one, both, numbers=(0, 5, 9))])[0]
    assert [(passage.text, passage.frame) for passage in passages] == [("one", 0), ("two", 9)]


@pytest.mark.parametrize(
    "picture",
    [
        flat(),
        noise(),
        chart(),
        landscape(),
        photograph_like(),
        sheet(["|||| || ||| |"] * 5),
        sheet(["lines of words"] * 12),
    ],
    ids=["flat", "noise", "chart", "landscape", "photograph-like", "stripes", "words"],
)
def test_nothing_is_read_where_there_is_no_code(picture):
    assert texts(picture) == []


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 500), (500, 1), (3_000, 2), (16_384, 61)])
def test_odd_sizes_are_borne(width, height):
    assert texts(noise(width, height)) == []


def test_an_answer_does_not_depend_on_what_stands_beside_it():
    images = [image(code(f"number {number}")) for number in range(3)] + [image(flat())]
    assert READER.read(images) == [READER.read([one])[0] for one in images]
    assert READER.read([]) == []


def test_threads_share_one_reader():
    images = [image(code(f"number {number}")) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: READER.read([one])[0], images)) == READER.read(images)


def test_a_reader_judges_nothing():
    assert CodesReader.labels == frozenset[Label]()
    assert READER.version.startswith("1+zxing-cpp.3")

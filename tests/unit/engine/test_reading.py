import pytest

from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Passage
from evenhand.engine.reading import MAX_CHARACTERS, reading_of, readings_of, strongest

LINES = (
    Passage("first line", 0, (0.0, 0.0, 1.0, 0.1), "words", 0.9),
    Passage("second", 2, (0.2, 0.5, 0.6, 0.1), "words", 0.9),
    Passage("https://example.com", 0, (0.7, 0.7, 0.2, 0.2), "code", 1.0),
)


def signal(*spans, score=0.9, detector="text.x", label=Label.SPAM):
    evidence = tuple(Evidence(begin, end, 0.5, "test") for begin, end in spans)
    return Signal(detector, "1", label, score, evidence, reason="its own")


def test_passages_are_lines_of_one_text():
    reading = reading_of(LINES, image=3)
    assert reading.text.original == "first line\nsecond\nhttps://example.com"


@pytest.mark.parametrize(
    "passages", [(), (Passage("", 0, (0, 0, 1, 1), "words", 1),), (Passage(" ", 0, (0, 0, 1, 1), "words", 1),)]
)
def test_without_words_there_is_nothing_to_read(passages):
    assert reading_of(passages, image=0) is None


def test_evidence_becomes_the_part_of_the_line_where_it_stands():
    (region,) = reading_of(LINES, image=3).shown(signal((6, 10))).regions
    assert (region.image, region.frame, region.weight, region.source) == (3, 0, 0.5, "words")
    assert region.box == pytest.approx((0.6, 0.0, 0.4, 0.1))


def test_evidence_over_several_lines_becomes_a_part_of_each():
    shown = reading_of(LINES, image=0).shown(signal((6, 14)))
    assert [(region.frame, region.box[:2]) for region in shown.regions] == [(0, (0.6, 0.0)), (2, (0.2, 0.5))]
    assert shown.evidence == ()


def test_a_code_is_shown_whole():
    (region,) = reading_of(LINES, image=0).shown(signal((18, 25))).regions
    assert (region.box, region.source) == ((0.7, 0.7, 0.2, 0.2), "code")


def test_the_reason_quotes_what_was_read_and_without_evidence_stays_as_it_is():
    reading = reading_of(LINES, image=0)
    assert reading.shown(signal((0, 5), (11, 17))).reason == "In image 1: “first … second”"
    assert reading.shown(signal()).reason == "its own"


def test_words_are_read_with_codes_and_alone():
    together, words = readings_of(LINES, image=1)
    assert together.text.original.endswith("https://example.com")
    assert words.text.original == "first line\nsecond"
    assert {together.image, words.image} == {1}


def test_without_codes_or_without_words_there_is_one_reading_or_none():
    assert len(readings_of(LINES[:2], image=0)) == len(readings_of(LINES[2:], image=0)) == 1
    assert readings_of((), image=0) == []


def test_a_flood_of_words_is_cut_at_a_line():
    many = [Passage("x" * 1_000, 0, (0, 0, 1, 1), "words", 1.0)] * 20
    assert MAX_CHARACTERS - 1_100 < len(reading_of(many, image=0).text.original) <= MAX_CHARACTERS


def test_the_strongest_of_each_detector_and_label_is_kept():
    weak, strong, other = signal(score=0.1), signal(score=0.8), signal(score=0.2, detector="text.y")
    assert set(strongest([weak, strong, other])) == {strong, other}

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.console.visible import is_invisible, pieces

TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("a \n\u200b\u202e\u200d\ufe0f😀\0"))
)


def shown(text):
    return [(piece.text, piece.name) for piece in pieces(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "sign", "name"),
    [
        ("\0", "␀", "U+0000 control character"),
        ("\x1b", "␛", "U+001B control character"),
        ("\x7f", "␡", "U+007F control character"),
        ("\x85", "U+0085", "U+0085 control character"),
        ("\u200b", "U+200B", "U+200B ZERO WIDTH SPACE"),
        ("\u202e", "U+202E", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u2028", "U+2028", "U+2028 LINE SEPARATOR"),
        ("\u00ad", "U+00AD", "U+00AD SOFT HYPHEN"),
        ("\u3164", "U+3164", "U+3164 HANGUL FILLER"),
        ("\U000e0061", "U+E0061", "U+E0061 TAG LATIN SMALL LETTER A"),
    ],
)
def test_an_invisible_character_becomes_a_sign(text, sign, name):
    assert shown(f"a{text}b") == [("a", ""), (sign, name), ("b", "")]


@pytest.mark.parametrize(
    "text",
    ["two\nlines\tand a tab", "👩‍❤️‍👨 👍🏽‍🔧 👨‍👩‍👧", "שלום עולם", "قل هو الله أحد \u06dd", "हिन्दी", "é, e\u0301"],
)
def test_ordinary_writing_is_shown_as_it_is(text):
    assert shown(text) == [(text, "")]


@pytest.mark.parametrize("text", ["a\u200db", "\u200d😀", "😀\u200d", "😀\u200da"])
def test_a_joiner_that_joins_no_emoji_is_shown(text):
    assert ("U+200D", "U+200D ZERO WIDTH JOINER") in shown(text)


def test_a_run_of_one_character_is_one_sign():
    assert shown("\u200b\u200b\u200b\u200c") == [
        ("U+200B \N{MULTIPLICATION SIGN}3", "U+200B ZERO WIDTH SPACE \N{MULTIPLICATION SIGN}3"),
        ("U+200C", "U+200C ZERO WIDTH NON-JOINER"),
    ]


def test_a_stretch_is_read_with_what_stands_around_it():
    assert [piece.text for piece in pieces("😀\u200d😀", 1, 2)] == ["\u200d"]


@given(TEXTS)
def test_plain_pieces_are_the_text_without_its_invisible_characters(text):
    plain = "".join(piece.text for piece in pieces(text, 0, len(text)) if not piece.name)
    assert plain == "".join(text[place] for place in range(len(text)) if not is_invisible(text, place))


@given(TEXTS)
def test_nothing_shown_can_turn_the_direction_of_the_page(text):
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for piece in pieces(text, 0, len(text)):
        assert directions.isdisjoint(unicodedata.bidirectional(character) for character in piece.text)

import pytest

from evenhand.content.text import MAX_TEXT_BYTES, Text, prepare
from evenhand.core.content import Content
from evenhand.core.errors import InputError, TooLargeError


def error(content, **options):
    with pytest.raises(InputError) as caught:
        prepare(content, **options)
    return caught.value


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0\u2003"])
def test_nothing_but_white_space_is_empty(text):
    assert (error(Content(text)).code, error(Content(text), field="items[3].text").field) == (
        "text.empty",
        "items[3].text",
    )


def test_the_limit_is_in_bytes_of_utf8_and_may_be_reached():
    assert prepare(Content("😀" * (MAX_TEXT_BYTES // 4)))
    too_long = error(Content("😀" * (MAX_TEXT_BYTES // 4) + "."))
    assert isinstance(too_long, TooLargeError)
    assert too_long.code == "text.too_long"
    assert "20481" in too_long.message
    assert error(Content("x" * 11), max_bytes=10).code == "text.too_long"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (Content("a\ud83d"), "text"),
        (Content("a", id="\udc00"), "id"),
        (Content("a", context=("fine", "\ud800")), "context"),
    ],
)
def test_half_a_surrogate_pair_is_refused_wherever_it_is(content, field):
    refused = error(content)
    assert (refused.code, refused.field) == ("text.lone_surrogate", field)


@pytest.mark.parametrize("text", ["a\0b", "\u202eabc", "😀" * 5_000, "\u0301" * 1_000, "\ufffd", "\u200b\u200b"])
def test_odd_characters_are_taken(text):
    assert prepare(Content(text)).original == text


def test_what_cannot_be_seen_leaves_nothing_to_read():
    # Such a text is not empty as it was sent, but detectors find nothing in it.
    assert prepare(Content("\u200b\u202e\u00ad")).clean == ""


def test_stated_languages_count_more_than_detected_ones():
    german = "Das ist doch alles gelogen"
    assert prepare(Content(german, languages=("en", "fr"))).languages == ("en", "fr")
    assert prepare(Content(german)).languages == ("de",)
    assert prepare(Content("ok")).languages == ()


def test_cleaning_is_done_once():
    text = Text("Some TEXT")
    assert text.cleaned is text.cleaned
    assert (text.clean, text.original_span(5, 9)) == ("some text", (5, 9))

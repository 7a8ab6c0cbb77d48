import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.content.cleaning import clean

#: Any text that can be sent: everything but halves of surrogate pairs.
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
#: What hides words: invisible characters, marks, look-alikes, digits, separators.
HOSTILE = st.text(alphabet="ab\u0430\u0435o0 1$@.-_*\u200b\u202e\u0301\0\n\u00adＡ🅰😀w", max_size=60)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("Hello World", "hello world"),
        ("you are a cr4p h3ad", "you are a crap head"),
        ("cl0wn", "clown"),
        ("a$$", "ass"),
        ("h@te", "hate"),
        ("sh!t", "shit"),
        ("$hit", "shit"),
        ("j e r k", "jerk"),
        ("j.e.r.k", "jerk"),
        ("j-e-r-k and f-o-o-l", "jerk and fool"),
        ("fooooool", "foool"),
        ("ｊｅｒｋ", "jerk"),
        ("𝓳𝓮𝓻𝓴", "jerk"),
        ("ⓙⓔⓡⓚ", "jerk"),
        ("🅹🅴🆁🅺", "jerk"),
        ("je\u200brk", "jerk"),
        ("je\u00adrk", "jerk"),
        ("je\0rk", "jerk"),
        ("\u202ejerk\u202c", "jerk"),
        ("j\u0335e\u0336r\u0337k\u0338", "jerk"),
        ("jérk", "jerk"),
        ("jеrk", "jerk"),  # a Cyrillic letter
        ("one  two\n\tthree", "one two three"),
    ],
)
def test_disguises_are_undone(disguised, plain):
    assert clean(disguised).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "2024 was 100% ok at 5pm, 4th of 3",
        "b2b covid19 mp3 windows7 0x1f",
        "mail a1b@example.com",
        "see http://x.example/a1b and www.example.com",
        "#h4sh @us3r",
        "it costs $5",
        "привет как дела",
        "καλημέρα σε όλους",
        "हिन्दी में नमस्ते",
        "مرحبا بالعالم",
        "\ufdfa",  # one character that stands for eighteen
        "한국어 텍스트",
        "你好世界",
        "🇩🇪 😀",
        "a b",
        "hello there",
    ],
)
def test_what_is_no_disguise_stays(text):
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("you JERK!", "jerk", "JERK"),
        ("you j e r k!", "jerk", "j e r k"),
        ("😀 you je\u200brk", "jerk", "je\u200brk"),
        ("a$$ hat", "ass", "a$$"),
        ("so  so  jérk", "jerk", "jérk"),
        ("straße jerk", "jerk", "jerk"),
        ("fooooool jerk", "jerk", "jerk"),
        ("fooooool jerk", "foool", "fooooool"),
    ],
)
def test_a_stretch_leads_back_to_where_it_came_from(text, word, original):
    cleaned = clean(text)
    begin = cleaned.text.index(word)
    first, past = cleaned.original_span(begin, begin + len(word))
    assert text[first:past] == original


@given(TEXTS | HOSTILE)
def test_every_stretch_is_inside_the_original_and_in_order(text):
    cleaned = clean(text)
    spans = [cleaned.original_span(at, at + 1) for at in range(len(cleaned.text))]
    assert all(0 <= begin < end <= len(text) for begin, end in spans)
    assert spans == sorted(spans)


@given(TEXTS | HOSTILE)
def test_nothing_grows_out_of_bounds_and_no_capital_stays(text):
    cleaned = clean(text).text
    assert len(cleaned) <= 4 * len(text)
    assert not any("A" <= character <= "Z" for character in cleaned)


@given(st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), max_size=12))
def test_plain_words_stay_as_they_are(words):
    text = " ".join(word for word in words if not any(letter * 4 in word for letter in word))
    assert clean(text).text == text


@given(st.text(alphabet="abcdefghij KLM,;:'\"()?\n", max_size=60))
def test_cleaning_twice_is_cleaning_once(text):
    # Without digits and signs nothing that cleaning makes looks like another disguise.
    once = clean(text).text
    assert clean(once).text == once


@pytest.mark.parametrize(
    "unit",
    ["a ", "😀", "e\u0301", "a1", "@", "$a", ".", "\u0301", "\u200b", "0", "aа", "a.b", "W"],
)
def test_the_work_grows_with_the_length_and_no_faster(unit):
    # Counted in calls, not in seconds: a second measure of the same thing on a busy machine would differ.
    small, large = (calls_of(unit * count) for count in (200, 2_000))
    assert large <= 12 * small + 100


def calls_of(text):
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        clean(text)
    finally:
        sys.setprofile(None)
    return calls

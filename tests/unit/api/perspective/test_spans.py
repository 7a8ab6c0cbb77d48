import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.api.perspective.spans import sentences, utf16_places


def parts(text):
    return [text[begin:end] for begin, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One. ", "Two! ", "Three?"]),
        ("No end", ["No end"]),
        ('"Really?!" she said. Yes.', ['"Really?!" ', "she said. ", "Yes."]),
        ("3.14 is pi. v1.2", ["3.14 is pi. ", "v1.2"]),
        ("line\nline", ["line\n", "line"]),
        ("\n\nstart. end.\n", ["\n\nstart. ", "end.\n"]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("...", ["..."]),
    ],
)
def test_sentences_are_found(text, expected):
    assert parts(text) == expected


@given(st.text(alphabet="ab .!?\n。😀", max_size=40))
def test_sentences_cover_the_text_and_each_has_something_to_read(text):
    assert "".join(parts(text)) == text
    if text.strip():
        assert all(part.strip() for part in parts(text))


def test_there_are_only_so_many():
    found = sentences("a. " * 10_000)
    assert len(found) == 64
    assert found[-1][1] == 30_000


@given(
    st.text(alphabet=st.one_of(st.sampled_from(".!? \n😀👨\u200d👩e\u0301"), st.characters(exclude_categories=["Cs"])))
)
def test_offsets_are_those_of_javascript(text):
    units = text.encode("utf-16-le")
    places = utf16_places(text, sentences(text))
    assert [units[2 * begin : 2 * end].decode("utf-16-le") for begin, end in places] == parts(text)
    assert places[-1][1] == len(units) // 2

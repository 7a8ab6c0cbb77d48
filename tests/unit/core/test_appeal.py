import pytest

from evenhand.core.appeal import MAX_TEXT, check_words
from evenhand.core.errors import InputError, http_status


@pytest.mark.parametrize("text", ["a", "<script>alert(1)</script>", "é" * MAX_TEXT, "\0 and words", "😀"])
def test_words_are_taken_as_they_are(text):
    check_words(text)


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("", "text.empty", 400),
        (" \n\u2003", "text.empty", 400),
        ("a" * (MAX_TEXT + 1), "text.too_long", 413),
        (" " * (MAX_TEXT + 1), "text.too_long", 413),
        ("half \ud800", "text.encoding", 400),
    ],
    ids=["nothing", "blank", "long", "long and blank", "surrogate"],
)
def test_what_nobody_can_answer_is_refused(text, code, status):
    with pytest.raises(InputError) as caught:
        check_words(text)
    assert (caught.value.code, caught.value.field, http_status(caught.value)) == (code, "text", status)

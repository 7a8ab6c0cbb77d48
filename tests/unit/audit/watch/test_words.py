import pytest

from evenhand.audit.watch.words import words


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("faceAttributes.SkinTone", "face attributes skin tone"),
        ("HTTPHeader max-age=3600", "http header max age"),
        ("<td class='x'>Gender</td><td>&lt;int&gt;</td>", ". gender . . int ."),
        ("It returns age. Never names!", "it returns age . never names ."),
        ("是否為少數民族；膚色。", "是否为少数民族 . 肤色 ."),
        ("a < b && c > d", "a b c d"),
        ("", ""),
    ],
)
def test_a_line_is_read_in_words(line, read):
    assert words().read(line) == read


def test_every_attribute_has_words_that_hardly_mean_anything_else():
    known = words()
    assert {"ethnicity", "religion", "gender", "age", "orientation", "disability", "political"} <= {*known.attributes}
    assert known.plain.keys() == known.vague.keys() == known.alike.keys()
    assert {"model", "seen", "sought", "stated", "denial"} == {*known.signs}


@pytest.mark.parametrize(
    ("attribute", "read", "is_found"),
    [
        ("ethnicity", "ethnicities", True),
        ("ethnicity", "uyghurs", True),
        ("ethnicity", "少数民族聚集", True),
        ("gender", "engender", False),
        ("age", "apparent age", True),
        ("age", "usage", False),
    ],
)
def test_a_word_is_found_whole_and_in_the_plural(attribute, read, is_found):
    assert bool(words().plain[attribute].search(read)) == is_found


def test_an_attribute_without_vague_words_is_found_by_none():
    assert not words().vague["pregnancy"].search("pregnant anything")


def test_a_line_that_cannot_name_an_attribute_is_known_at_once():
    known = words()
    assert not known.may_name("the storage of messages")
    assert known.may_name("the skin of an apple")
    assert known.may_name("任何")


def test_every_word_of_the_lists_is_found_in_itself_as_a_document_writes_it():
    text = (words.__wrapped__.__globals__["_FILE"]).read_text(encoding="utf-8")
    attribute = level = ""
    missed = []
    for line in text.splitlines():
        if line.startswith("["):
            attribute, _, level = line.strip("[]").partition(" ")
        elif line and not line.startswith("#") and level in {"plain", "vague"}:
            for term in line.split(", "):
                read = words().read(term)
                found = getattr(words(), level)[attribute].search(read)
                if not (found and words().may_name(read)):
                    missed.append(term)
    assert missed == []

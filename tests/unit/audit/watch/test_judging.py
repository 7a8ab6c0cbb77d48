import pytest

from evenhand.audit.watch.judging import findings_in, strength


def said(text, **options):
    return [(found.line, found.attribute, found.concern, found.sure) for found in findings_in(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("face.attributes.ethnicity", [(1, "ethnicity", "classifies", "high")]),
        ("filter by ethnicity", [(1, "ethnicity", "classifies", "medium")]),
        ("Boolean minority; // predicted", [(1, "ethnicity", "classifies", "medium")]),
        ("年龄识别结果", [(1, "age", "classifies", "medium")]),
        ("支持维吾尔族人脸识别", [(1, "ethnicity", "classifies", "high")]),
        ("the nationality in the passport of the passenger", [(1, "nationality", "states", "high")]),
        ("身份证上的民族", [(1, "ethnicity", "states", "high")]),
        ("String gender;", [(1, "gender", "states", "low")]),
        ("Cache-Control: max-age=60", []),
        ("a race condition of two workers", []),
        ("gender-neutral words in every label", []),
        ("the stage, a page and its usage", []),
        ("hate speech that attacks a religion, detected by the model", []),
        ("int age;", []),
        ("本服务不识别种族", []),
    ],
)
def test_what_stands_beside_a_word_decides(text, expected):
    assert said(text) == expected


def test_a_line_without_a_sign_is_read_by_what_encloses_it():
    text = "class DetectedFace:\n    size: int\n    width: int\n    height: int\n\n    gender: str\n    age: int"
    assert said(text) == [(6, "gender", "classifies", "medium"), (7, "age", "classifies", "low")]


def test_what_does_not_enclose_a_line_and_is_far_away_tells_nothing():
    text = "class DetectedFace:\n    size: int\nclass Other:\n    a: int\n    b: int\n    gender: str"
    assert said(text) == [(6, "gender", "states", "low")]


def test_what_a_form_encloses_is_stated():
    assert said("Passenger:\n  properties:\n    gender: string") == [(3, "gender", "states", "medium")]


def test_what_means_something_else_around_a_vague_word_means_so_here():
    assert said("person cache\nage: 3") == []
    assert said("person data\nage: 3") == [(2, "age", "classifies", "low")]


def test_the_name_of_a_document_tells_what_it_is_about():
    assert said("gender: string", name="docs/face-search.md") == [(1, "gender", "classifies", "medium")]


def test_a_name_that_nothing_explains_counts_in_a_schema_and_not_in_prose():
    assert said("gender", named=True) == [(1, "gender", "states", "low")]
    assert said("gender", named=False) == []


def test_a_sentence_that_says_it_is_not_done_hides_only_itself():
    assert said("The model does not detect gender.") == []
    assert said("The model does not store faces. It detects gender.") == [(1, "gender", "classifies", "high")]


def test_a_long_line_is_quoted_in_part_and_counted_once_with_its_strongest():
    line = "x" * 400 + " " + "gender, " + "word " * 100 + "the gender of a face " + "word " * 100
    (found,) = findings_in(line)
    assert (found.line, found.concern, found.sure) == (1, "classifies", "high")
    assert "the gender of a face" in found.quote
    assert len(found.quote) <= 300


def test_the_strongest_comes_first():
    between = "\n" + "nothing here\n" * 2
    text = f"gender{between}predicted gender of a face{between}the gender in the passport"
    found = sorted(findings_in(text), key=strength)
    assert [(one.concern, one.sure) for one in found] == [("classifies", "high"), ("states", "high"), ("states", "low")]
    assert found[0].why == "words for software that judges and people who are seen or heard beside it"
    assert found[2].why == "nothing says where it comes from"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(ending):
    assert said(ending.join(["a\x0cb\u2028c", "", "face gender"])) == [(3, "gender", "classifies", "high")]


def test_a_line_of_megabytes_is_read_to_its_end_in_a_moment():
    (found,) = findings_in('{"a":1},' * 300_000 + '{"face_gender":1}')
    assert (found.attribute, found.sure) == ("gender", "high")
    assert findings_in("x" * 1_000_000) == []

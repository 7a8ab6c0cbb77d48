import pytest

from evenhand.core.errors import ConfigurationError, InputError
from evenhand.core.taxonomy import Label
from evenhand.learn.comparison.labelled import (
    ANY,
    COLUMN_NAMES,
    Columns,
    label_named,
    read_labelled,
    truth_of,
)


@pytest.fixture
def read(tmp_path):
    def read(content, *, name="rows.csv", **columns):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_labelled(path, Columns(**columns))

    return read


def refused(read, content, **options):
    with pytest.raises(ConfigurationError) as raised:
        read(content, **options)
    return raised.value


def test_columns_that_are_called_like_labels_are_truths_without_being_told(read):
    file = read("text,hate/threatening,self_harm_intent,TOXICITY,severe_toxicity,profanity,other\na,1,0,1,0,1,x\n")
    assert file.columns == {
        "hate/threatening": "hate/threatening",
        "self-harm/intent": "self_harm_intent",
        "profanity": "profanity",
        "TOXICITY": "TOXICITY",
        "SEVERE_TOXICITY": "severe_toxicity",
    }
    assert file.labels[-1] == ANY
    assert file.rows[0].truths["hate/threatening"] is True


def test_every_label_has_a_name_that_means_itself():
    assert {label_named(str(label)) for label in Label} == set(Label)
    assert set(COLUMN_NAMES.values()) == {*Label, ANY}


def test_further_names_may_be_given_and_the_taxonomy_s_go_before_them(read):
    file = read("text,OBSCENE,hate\na,1,0\n", names={"OBSCENE": "PROFANITY", "hate": "spam"})
    assert file.columns == {"hate": "hate", "PROFANITY": "OBSCENE"}


def test_a_column_may_be_mapped_to_more_than_one_label_and_goes_before_a_name(read):
    file = read("text,toxic,TOXICITY\na,1,0\n", labels=[("toxic", "TOXICITY"), ("toxic", "harassment")])
    assert file.columns == {"TOXICITY": "toxic", "harassment": "toxic"}


@pytest.mark.parametrize(
    ("cell", "truth"),
    [
        ("1", True),
        ("0", False),
        ("true", True),
        ("FALSE", False),
        (" 0.5 ", True),
        ("0.49", False),
        (1, True),
        (0.7, True),
        (False, False),
        ("", None),
        (None, None),
        ("NaN", None),
    ],
)
def test_what_a_cell_says(cell, truth):
    assert truth_of(cell, "toxic") is truth


@pytest.mark.parametrize("cell", ["maybe", "2", "-1", "inf", [1], "1e999"])
def test_a_cell_that_says_nothing_clear_is_an_error(cell):
    with pytest.raises(InputError) as raised:
        truth_of(cell, "toxic")
    assert raised.value.code == "row.truth"
    assert "toxic" in raised.value.message


def test_any_is_true_with_any_label_and_false_only_when_all_are_known(read):
    file = read("text,hate,spam\na,1,\nb,0,0\nc,0,\nd,,\n")
    assert [file.truth(row, ANY) for row in file.rows] == [True, False, None, None]
    assert [file.truth(row, "spam") for row in file.rows] == [None, False, None, None]


def test_any_is_its_own_column_where_there_is_one(read):
    file = read("text,hate,flagged\na,1,0\nb,0,1\nc,0,\n", labels=[("flagged", "any")])
    assert [file.truth(row, ANY) for row in file.rows] == [False, True, None]
    assert file.labels == ("hate", ANY)


def test_rows_that_cannot_be_read_are_told_by_the_line_on_which_they_begin(read):
    content = b'text,hate\n"two\nlines",1\n,1\ngood,maybe\n\xff,1\na,1,more\nlast,0\n'
    file = read(content)
    assert [(row.line, row.text) for row in file.rows] == [(2, "two\nlines"), (8, "last")]
    assert [(row.line, row.code) for row in file.unread] == [
        (4, "row.no_text"),
        (5, "row.truth"),
        (6, "row.not_utf8"),
        (7, "row.cells"),
    ]


def test_only_line_ends_end_a_line(read):
    file = read("text,hate\r\none\u2028two\x0cthree\x85four,1\r\nlast,0\r\n")
    assert [(row.line, row.text) for row in file.rows] == [(2, "one\u2028two\x0cthree\x85four"), (3, "last")]


def test_json_lines_are_read_with_what_is_wrong_with_them(read):
    content = (
        b'\xef\xbb\xbf{"text": "a", "hate": true, "group": 3}\n\n{"text": 5, "hate": 1}\nnot json\n[1]\n'
        b'{"text": "\xff"}\n{"text": "b"}\n{"text": "\\ud800", "hate": 1}\n'
    )
    file = read(content, name="rows.jsonl")
    assert [(row.line, dict(row.truths), row.group) for row in file.rows] == [(1, {"hate": True}, "3"), (7, {}, "")]
    assert [row.line for row in file.unread] == [3, 4, 5, 6, 8]
    assert {row.code for row in file.unread} <= {"row.no_text", "row.not_json", "row.not_object", "row.not_utf8"}


def test_groups_are_the_values_of_the_column_that_was_named(read):
    assert [row.group for row in read("text,hate,group\na,1,tall\nb,0,\n").rows] == ["tall", ""]
    assert read("text,hate\na,1\n").group == ""
    assert [row.group for row in read("text,hate,kind\na,1,x\n", group="kind", is_group_needed=True).rows] == ["x"]


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        ("text,hate\na,1\n", {"name": "rows.txt"}, "file.format"),
        ("text,hate\na,1\n", {"text": "body"}, "file.field"),
        ("text,hate\na,1\n", {"labels": [("toxic", "TOXICITY")]}, "file.field"),
        ("text,hate\na,1\n", {"group": "kind", "is_group_needed": True}, "file.field"),
        ("text,hate\na,1\n", {"labels": [("hate", "hatred")]}, "label.unknown"),
        ("text,toxic\na,1\n", {}, "label.none"),
        ("text,hate_threatening,hate/threatening\na,1,1\n", {}, "label.twice"),
        ("text,hate\n,1\n", {}, "file.no_rows"),
        ("text,hate\n", {}, "file.no_rows"),
        ("", {}, "file.no_rows"),
        ("not json", {"name": "rows.jsonl"}, "file.no_rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_named_error_with_a_remedy(read, content, options, code):
    error = refused(read, content, **options)
    assert error.code == code
    assert error.remedy
    assert error.field


def test_a_missing_file_is_a_named_error(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        read_labelled(tmp_path / "none.csv", Columns())
    assert raised.value.code == "file.unreadable"


def test_remedies_name_the_columns_and_the_nearest_label(read):
    assert "toxic" in refused(read, "text,toxic\na,1\n").remedy
    assert "Did you mean hate?" in refused(read, "text,x\na,1\n", labels=[("x", "hat")]).remedy
    assert "harassment" in refused(read, "text,x\na,1\n", labels=[("x", "zzzz")]).remedy
    assert "Line 2" in refused(read, "text,hate\n,1\n").message

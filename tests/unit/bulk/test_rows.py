import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.bulk.rows import Fields, Row, count_rows, read_rows
from evenhand.core.errors import ConfigurationError

parquet = pytest.importorskip("pyarrow.parquet")
pyarrow = pytest.importorskip("pyarrow")


def rows_of(tmp_path, name, data, **fields):
    path = tmp_path / name
    path.write_bytes(data)
    return list(read_rows(path, Fields(**fields)))


def texts_and_codes(rows):
    return [row.error.code if row.error else row.text for row in rows]


def test_json_lines_are_rows_in_order(tmp_path):
    data = b'{"text": "one", "n": 7}\n{"text": "two"}\n'
    assert rows_of(tmp_path, "a.jsonl", data, id="n") == [Row("one", "7"), Row("two", "")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_byte_order_mark_and_any_line_end_are_read(tmp_path, end):
    assert rows_of(tmp_path, "a.jsonl", b'\xef\xbb\xbf{"text": "one"}' + end) == [Row("one")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"text": "rapid\xe9"}', "row.not_utf8"),
        (b"{text}", "row.not_json"),
        (b"", "row.not_json"),
        (b'{"text": "\\ud800"}', "row.not_json"),
        (b"[" * 100_000, "row.not_json"),
        (b'["text"]', "row.not_object"),
        (b'{"body": "one"}', "row.no_text"),
        (b'{"text": null}', "row.no_text"),
        (b'{"text": 5}', "row.no_text"),
    ],
)
def test_a_bad_line_is_a_row_that_says_what_is_wrong_and_spoils_no_other(tmp_path, line, code):
    rows = rows_of(tmp_path, "a.jsonl", b'{"text": "one"}\n' + line + b'\n{"text": "two"}\n')
    assert texts_and_codes(rows) == ["one", code, "two"]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_comes_out_of_json_lines_as_it_went_in(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    assert [row.text for row in read_rows(path, Fields())] == texts


def test_csv_with_odd_quoting_is_read(tmp_path):
    data = b'id,text\r\n1,"a ""quoted"", word"\r\n2,"two\r\nlines"\r\n3,half "quoted\r\n4,\r\n'
    assert rows_of(tmp_path, "a.csv", data, id="id") == [
        Row('a "quoted", word', "1"),
        Row("two\r\nlines", "2"),
        Row('half "quoted', "3"),
        Row("", "4"),
    ]


def test_csv_with_a_byte_order_mark_keeps_its_first_column(tmp_path):
    assert rows_of(tmp_path, "a.csv", b"\xef\xbb\xbftext\nhello\n") == [Row("hello")]


@pytest.mark.parametrize("bad", [b"1,rapid\xe9", b"\xff,hello"])
def test_csv_that_is_not_utf8_spoils_its_own_row_only(tmp_path, bad):
    rows = rows_of(tmp_path, "a.csv", b"id,text\n0,one\n" + bad + b"\n2,two\n", id="id")
    assert texts_and_codes(rows) == ["one", "row.not_utf8", "two"]


def test_a_csv_row_that_is_too_short_has_no_text_and_one_that_is_too_long_is_read(tmp_path):
    rows = rows_of(tmp_path, "a.csv", b"id,text\n1\n2,two,more\n")
    assert texts_and_codes(rows) == ["row.no_text", "two"]


def test_a_csv_cell_may_be_longer_than_the_readers_usual_limit(tmp_path):
    (row,) = rows_of(tmp_path, "a.csv", b"text\n" + b"a" * 200_000 + b"\n")
    assert len(row.text) == 200_000


def test_parquet_is_read_over_several_batches(tmp_path):
    path = tmp_path / "a.parquet"
    texts = [None if number == 5 else f"text {number}" for number in range(2_500)]
    parquet.write_table(pyarrow.table({"n": range(2_500), "text": texts, "other": texts}), path)
    rows = list(read_rows(path, Fields(id="n")))
    assert (len(rows), rows[0], rows[2_499]) == (2_500, Row("text 0", "0"), Row("text 2499", "2499"))
    assert rows[5].error.code == "row.no_text"


def test_parquet_that_is_not_utf8_spoils_its_own_row_only(tmp_path):
    path = tmp_path / "a.parquet"
    values = pyarrow.array([b"one", b"rapid\xe9", b"two"]).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"text": values}), path)
    assert texts_and_codes(read_rows(path, Fields())) == ["one", "row.not_utf8", "two"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.txt", b"hello", "file.format"),
        ("a", b"hello", "file.format"),
        ("a.parquet", b"hello", "file.unreadable"),
        ("a.csv", b"body\nhello\n", "file.field"),
        ("a.csv", b"", "file.field"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, name, data, code):
    with pytest.raises(ConfigurationError) as caught:
        rows_of(tmp_path, name, data)
    assert (caught.value.code, caught.value.field) == (code, "input")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(ConfigurationError, match=name) as caught:
        list(read_rows(tmp_path / name, Fields()))
    assert caught.value.code == "file.unreadable"


def test_a_missing_column_names_those_that_are_there(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        rows_of(tmp_path, "a.csv", b"body,who\nhello,me\n")
    assert "body, who" in caught.value.remedy


def test_a_parquet_file_without_the_column_says_so(tmp_path):
    parquet.write_table(pyarrow.table({"body": ["hello"]}), tmp_path / "a.parquet")
    with pytest.raises(ConfigurationError) as caught:
        list(read_rows(tmp_path / "a.parquet", Fields()))
    assert caught.value.code == "file.field"


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ConfigurationError) as caught:
        rows_of(tmp_path, "a.parquet", b"")
    assert (caught.value.code, caught.value.remedy) == ("file.parquet", "pip install 'evenhand[parquet]'")


def test_the_count_is_that_of_the_rows_bad_ones_too(tmp_path):
    path = tmp_path / "A.JSONL"
    path.write_bytes(b'{"text": "one"}\nnothing\n{"text": "two"}')
    assert count_rows(path, Fields()) == 3

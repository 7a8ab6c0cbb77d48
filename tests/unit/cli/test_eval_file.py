import json

import click
import pytest

from evenhand.cli.eval_file import read_endpoints
from evenhand.cli.eval_text import command
from evenhand.core.errors import ConfigurationError

ROWS = [("you are an idiot", 1), ("have a lovely day", 0)] * 6
LEXICON = ("--detector", "text.lexicon")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "toxic": truth}) for text, truth in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "key.txt"
    path.write_text("eh_secret\n", encoding="utf-8")
    return str(path)


def error_of(run, *arguments):
    ended = run(command, *map(str, arguments))
    assert isinstance(ended.exception, ConfigurationError), ended.output
    return ended.exception.code


def test_what_is_printed_is_a_report_that_can_be_read(run, file):
    ended = run(command, str(file), *LEXICON, "--label", "toxic=TOXICITY")
    assert ended.exit_code == 0
    assert "# Scores on rows.jsonl" in ended.output
    assert "1.000 (1.000 to 1.000)" in ended.output


def test_json_is_printed_alone_and_reports_are_written(run, file, tmp_path):
    page, text = tmp_path / "page.html", tmp_path / "page.md"
    options = ("--json", "--html", str(page), "--markdown", str(text), "--examples", "2", "--threshold", "0.99")
    ended = run(command, str(file), *LEXICON, "--label", "toxic=TOXICITY", *options)
    report = json.loads(ended.stdout)
    assert report["threshold"] == 0.99
    assert report["labels"]["TOXICITY"]["evenhand"]["auroc"]["value"] == 1
    assert "you are an idiot" in page.read_text(encoding="utf-8")
    assert "you are an idiot" in text.read_text(encoding="utf-8")
    assert "you are an idiot" not in ended.stdout


def test_perspective_s_other_names_are_known(run, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,OBSCENE,INSULT_EXPERIMENTAL\ndamn,1,0\nfine,0,0\n", encoding="utf-8")
    columns = json.loads(run(command, str(path), *LEXICON, "--json").stdout)["file"]["columns"]
    assert columns == {"PROFANITY": "OBSCENE", "INSULT": "INSULT_EXPERIMENTAL"}


def test_rows_of_one_kind_have_figures_without_a_value_and_no_crash(run, tmp_path):
    path, page = tmp_path / "rows.csv", tmp_path / "page.html"
    path.write_text("text,hate,group\na,0,x\nb,0,y\n", encoding="utf-8")
    ended = run(command, str(path), *LEXICON, "--html", str(page))
    assert ended.exit_code == 0
    assert "n/a: no positive rows" in ended.output
    assert "n/a: no positive rows" in page.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_told_before_the_work(run, file, tmp_path):
    labels = ("--label", "toxic=TOXICITY")
    assert error_of(run, file, *labels, "--html", tmp_path / "none" / "x.html") == "output.unwritable"
    assert error_of(run, file, *labels, "--markdown", file) == "output.is_input"
    assert "idiot" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "label.none"),
        (("--label", "toxic=hatred"), "label.unknown"),
        (("--label", "poison=hate"), "file.field"),
        (("--label", "toxic=hate", "--text-field", "body"), "file.field"),
        (("--label", "toxic=hate", "--group-field", "kind"), "file.field"),
        (("--label", "toxic=hate", "--detector", "text.none"), "detector.unknown"),
    ],
)
def test_what_cannot_be_used_is_a_named_error(run, file, arguments, code):
    assert error_of(run, file, *arguments) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("--label", "toxic"),
        ("--label", "=hate"),
        ("--threshold", "2"),
        ("--endpoint", "http://x"),
        ("--dialect", "openai"),
        ("--endpoint", "http://x", "--dialect", "other"),
        ("--key-file", "x"),
    ],
)
def test_a_wrong_call_is_told_as_such(run, file, arguments):
    assert run(command, str(file), *arguments).exit_code == 2


def test_dialects_and_keys_belong_to_the_endpoints_in_their_order(key_file):
    found = read_endpoints(["http://a", "http://b"], ["openai", "native"], [key_file, "-"])
    assert [(one.url, one.dialect, one.key) for one in found] == [
        ("http://a", "openai", "eh_secret"),
        ("http://b", "native", ""),
    ]
    assert [one.dialect for one in read_endpoints(["http://a", "http://b"], ["openai"], [])] == ["openai", "openai"]
    assert read_endpoints([], [], []) == []


def test_one_key_is_never_sent_to_two_servers(key_file):
    with pytest.raises(click.UsageError):
        read_endpoints(["http://a", "http://b"], ["openai"], [key_file])


def test_an_endpoint_named_twice_is_refused():
    with pytest.raises(click.UsageError):
        read_endpoints(["http://a", "http://a/"], ["openai"], [])


@pytest.mark.parametrize("content", ["", "two keys\n", "one\ntwo\n", "schlüssel"])
def test_a_file_that_is_no_key_is_refused_without_showing_it(tmp_path, content):
    (tmp_path / "key").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        read_endpoints(["http://a"], ["openai"], [str(tmp_path / "key")])
    assert raised.value.code == "endpoint.key_file"
    assert not content.strip() or content.strip() not in str(raised.value)


def test_a_missing_key_file_is_a_named_error(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        read_endpoints(["http://a"], ["openai"], [str(tmp_path / "none")])
    assert raised.value.code == "file.unreadable"

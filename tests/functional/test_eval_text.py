"""One labelled file, scored here and by a live server in its three dialects: the figures must agree."""

import csv
import json

import pytest
from click.testing import CliRunner

from evenhand.cli.eval_text import command
from evenhand.scorers.local_scorers import TOGETHER

HARMFUL = (
    "you are an idiot",
    "shut up, you moron",
    "i will kill you tomorrow",
    "what a stupid fool you are",
    "you are worthless scum",
)
HARMLESS = (
    "have a lovely day",
    "the game starts at noon",
    "i disagree with the review",
    "that movie was damn good",
    "this printer is stupid",
    "thanks for the help",
)


@pytest.fixture(scope="module")
def rows():
    return [
        {
            "text": f"{text} ({number})",
            "TOXICITY": int(text in HARMFUL),
            "THREAT": int("kill" in text),
            "harassment": int(text in HARMFUL) if number % 3 else None,
            "group": ("tall", "short", "")[number % 3],
        }
        for number in range(8)
        for text in (*HARMFUL, *HARMLESS)
    ]


@pytest.fixture
def file(request, rows, tmp_path):
    path = tmp_path / getattr(request, "param", "rows.jsonl")
    with path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".csv":
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        else:
            out.writelines(json.dumps(row) + "\n" for row in rows)
    return path


@pytest.fixture
def key_file(server, tmp_path):
    path = tmp_path / "key"
    path.write_text(server.key, encoding="utf-8")
    return str(path)


@pytest.fixture
def endpoints(server, key_file):
    urls = {"openai": f"{server.url}/v1", "perspective": server.url, "native": server.url}
    return [
        part
        for dialect, url in urls.items()
        for part in ("--endpoint", url, "--dialect", dialect, "--key-file", key_file)
    ]


def run(*arguments):
    ended = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended


def named(report, dialect):
    return next(scorer["name"] for scorer in report["scorers"] if scorer["name"].endswith(f"({dialect})"))


@pytest.mark.parametrize("file", ["rows.csv", "rows.jsonl"], indirect=True)
def test_here_and_over_http_the_figures_agree(file, endpoints):
    report = json.loads(run(file, *endpoints, "--json").stdout)
    labels = report["labels"]
    for dialect, own in (
        ("native", ("TOXICITY", "THREAT", "harassment", "any")),
        ("perspective", ("TOXICITY", "THREAT")),
        ("openai", ("harassment",)),
    ):
        for label in own:
            there, here = dict(labels[label][named(report, dialect)]), dict(labels[label][TOGETHER])
            assert {end for figure in there.pop("difference_from_first").values() for end in figure.values()} == {0}
            assert here.pop("difference_from_first") == {}
            assert there == here, (dialect, label)
    assert labels["harassment"][named(report, "perspective")]["rows"] == 0
    assert labels["TOXICITY"][named(report, "openai")]["auroc"]["reason"] == "not scored"
    assert labels["any"][named(report, "openai")]["auroc"]["value"] > 0.9
    assert labels["TOXICITY"][TOGETHER]["rows"] == 88
    assert labels["harassment"][TOGETHER]["rows"] == 55
    assert {scorer["answered"] for scorer in report["scorers"]} == {88}


def test_a_page_and_a_text_have_every_scorer(file, endpoints, tmp_path):
    page, text = tmp_path / "page.html", tmp_path / "page.md"
    printed = run(file, *endpoints, "--html", page, "--markdown", text).stdout
    for report in (printed, page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")):
        for name in (TOGETHER, "text.lexicon", "text.toxicity", "(openai)", "(perspective)", "(native)"):
            assert name in report
    assert HARMFUL[0] not in page.read_text(encoding="utf-8")


def test_what_was_asked_is_not_asked_again_and_nothing_is_kept_by_the_server(file, endpoints, server, tmp_path):
    first = json.loads(run(file, *endpoints, "--json", "--cache", tmp_path / "cache").stdout)
    again = json.loads(run(file, *endpoints, "--json", "--cache", tmp_path / "cache").stdout)
    assert [scorer["about"].get("from_cache", 0) for scorer in first["scorers"][-3:]] == [0, 0, 0]
    assert [scorer["about"]["from_cache"] for scorer in again["scorers"][-3:]] == [88, 88, 88]
    assert again["labels"] == first["labels"]
    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cache").iterdir())
    assert "idiot" not in kept
    assert server.key not in kept


def test_a_key_that_is_not_accepted_is_a_named_error(file, server):
    arguments = [str(file), "--endpoint", server.url, "--dialect", "native"]
    ended = CliRunner().invoke(command, arguments)
    assert ended.exception.code == "endpoint.key"


def test_a_text_that_the_server_refuses_is_named_and_has_no_score(server, key_file, tmp_path):
    path = tmp_path / "long.jsonl"
    lines = [{"text": "you are an idiot", "TOXICITY": 1}, {"text": "x " * 15_000, "TOXICITY": 0}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for dialect, url in (("openai", f"{server.url}/v1"), ("perspective", server.url), ("native", server.url)):
        options = ("--endpoint", url, "--dialect", dialect, "--key-file", key_file, "--json")
        report = json.loads(run(path, *options).stdout)
        summary = {scorer["name"]: scorer["unanswered"] for scorer in report["scorers"]}
        assert summary[named(report, dialect)] == {"endpoint.rejected": [2]}
        assert summary[TOGETHER] == {"text.too_long": [2]}

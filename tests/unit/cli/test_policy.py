import json

import pytest

from evenhand.cli.policy import SUBCOMMANDS, command
from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy
from evenhand.policy.schema import SCHEMA_FILE


def test_without_a_file_the_default_policy_is_printed_as_it_is(run):
    assert run(command).output == DEFAULT_POLICY_FILE.read_text(encoding="utf-8")


def test_what_is_printed_is_a_good_policy(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(run(command).output, encoding="utf-8")
    policy = load_policy(path)
    assert (
        run(command, "check", str(path)).output
        == f"{path} is a good policy: default, version {policy.version.version}, {len(policy.rules)} rules.\n"
    )


def test_json_tells_version_and_rules(run):
    shown = json.loads(run(command, "--json").output)
    policy = load_policy()
    assert (shown["name"], shown["version"], shown["on_failure"]) == ("default", policy.version.version, "review")
    assert [rule["id"] for rule in shown["rules"]] == [rule.id for rule in policy.rules]


@pytest.mark.parametrize("data", [b"name: mine\nthresholds:\n  rudeness: {review: 0.5}\n", b"\xff", b"- a\n", None])
def test_a_bad_policy_is_refused(run, tmp_path, data):
    path = tmp_path / "mine.yaml"
    if data is not None:
        path.write_bytes(data)
    assert isinstance(run(command, str(path)).exception, ConfigurationError)


LINKS = """
name: mine
lists: {scams: {kind: words, entries: [free prize, casino, jews]}}
rules:
  - {id: scam, list: scams, action: block}
  - {id: low, when: scores.profanity < 0.1, action: label, tags: [clean]}
"""
ROWS = '{"body": "Good morning"}\n{"body": "A FREE PRIZE for you"}\n{"text": 1}\nnot JSON\n{"body": " "}\n'


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(LINKS, encoding="utf-8")
    return path


def test_a_file_in_place_of_a_subcommand_is_checked(run, mine):
    assert run(command, str(mine)).output == run(command, "check", str(mine)).output
    assert run(command, "--json", str(mine)).output == run(command, "check", str(mine), "--json").output


def test_check_warns_of_what_may_be_wrong(run, mine):
    first, *warnings = run(command, "check", str(mine)).output.splitlines()
    assert first.endswith("2 rules.")
    assert warnings == [
        "warning: list scams: 1 of 3 entries only name people or what they practise (`jews`)",
        "warning: rule low: holds when a score is low, so a higher score can soften the decision",
    ]


def test_check_counts_what_it_would_hit_in_a_file(run, mine, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(ROWS, encoding="utf-8")
    arguments = (
        "check",
        str(mine),
        "--on",
        str(rows),
        "--text-field",
        "body",
        "--setting",
        "detectors",
        "text.lexicon",
    )
    lines = run(command, *arguments).output.splitlines()
    assert lines[-3:] == [
        "5 rows: 1 allow, 0 review, 1 block, 3 error",
        f"  {'low':40}{2:8}",
        f"  {'scam':40}{1:8}",
    ]
    shown = json.loads(run(command, *arguments, "--json").output)
    assert shown["on"] == {"actions": {"allow": 1, "review": 0, "block": 1, "error": 3}, "rules": {"low": 2, "scam": 1}}
    assert [rule["action"] for rule in shown["rules"]] == ["block", "label"]
    assert len(shown["warnings"]) == 2


def test_check_says_where_a_condition_is_wrong(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: p\nrules:\n  - {id: a, when: 'scoers.hate > 0.5', action: block}\n")
    error = run(command, "check", str(path)).exception
    assert isinstance(error, ConfigurationError)
    assert error.field == f"{path}:3:20"


def test_the_schema_is_printed_as_it_is_carried(run):
    assert run(command, "schema").output == SCHEMA_FILE.read_text(encoding="utf-8")


def test_every_subcommand_is_there(run):
    listed = run(command, "--help").output
    assert [name for name in SUBCOMMANDS if f"  {name} " not in listed] == []

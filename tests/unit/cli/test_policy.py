import json

import pytest

from evenhand.cli.policy import command
from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy


def test_without_a_file_the_default_policy_is_printed_as_it_is(run):
    assert run(command).output == DEFAULT_POLICY_FILE.read_text(encoding="utf-8")


def test_what_is_printed_is_a_good_policy(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(run(command).output, encoding="utf-8")
    policy = load_policy(path)
    assert (
        run(command, str(path)).output
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

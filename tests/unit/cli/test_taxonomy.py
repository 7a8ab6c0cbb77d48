import json

from evenhand.cli.taxonomy import command
from evenhand.core.taxonomy import TAXONOMY, Label


def test_every_label_is_printed_with_what_it_does_not_mean(run):
    shown = run(command).output
    for entry in TAXONOMY.values():
        assert f"{entry.label}\n  {entry.definition}\n  Not meant: {entry.not_meant}\n" in shown


def test_json_has_every_label_in_order(run):
    assert [entry["label"] for entry in json.loads(run(command, "--json").output)] == list(Label)

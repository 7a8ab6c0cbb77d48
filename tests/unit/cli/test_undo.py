import json

import pytest
from click.testing import CliRunner

from databases import store_in
from evenhand.cli.undo import command
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from samples import keep, record, to_review


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


def run(tmp_path, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--data-folder", str(tmp_path)])
    return result.exit_code, result.output


def test_what_would_be_taken_back_is_printed_before_it_is(store, tmp_path):
    (decision_id,) = keep(store, record(action=Action.BLOCK))
    assert run(tmp_path, decision_id) == (0, "1 block; give --yes to take it back\n")
    assert store.rulings.stands(decision_id) is Action.BLOCK
    assert run(tmp_path, decision_id, "--yes", "--note", "a mistake") == (0, "1 block; 1 taken back\n")
    assert store.rulings.stands(decision_id) is Action.ALLOW
    assert store.rulings.of_decision(decision_id)[0].note == "a mistake"
    assert run(tmp_path, decision_id) == (0, "nothing to take back; give --yes to take it back\n")


def test_a_whole_rule(store, tmp_path):
    ids = keep(store, *(to_review(Label.HATE) for _ in range(3)))
    code, output = run(tmp_path, "--rule", "hate.review", "--since", "2026-11-01", "--yes", "--json")
    assert (code, json.loads(output)["undone"]) == (0, 3)
    assert {store.rulings.stands(decision_id) for decision_id in ids} == {Action.ALLOW}


@pytest.mark.parametrize("arguments", [(), ("dec_0", "--rule", "hate.review"), ("--rule", "hate.review")])
def test_what_is_to_be_undone_must_be_clear(tmp_path, arguments):
    assert run(tmp_path, *arguments)[0] == 2

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from evenhand.cli import audit as module
from evenhand.cli.audit import EXIT_BROKEN, command
from evenhand.store.store import open_store
from samples import record


@pytest.fixture
def folder(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    store.decisions.record([record() for _ in range(5)])
    store.close()
    return tmp_path


def run(folder, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--data-folder", str(folder)])
    return result.exit_code, result.output


def change(folder, statement):
    engine = create_engine(f"sqlite:///{folder / 'evenhand.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_an_audit_that_nobody_touched_is_whole_and_says_its_end(folder):
    code, output = run(folder, "verify")
    assert code == 0
    assert output.startswith("5 rows in the chain, 0 from before it\nend: 5 ")
    assert output.endswith("\nwhole\n")


def test_what_was_changed_and_what_is_missing_is_said_with_its_place(folder):
    change(folder, "UPDATE audit SET act = 'x' WHERE sequence = 2")
    change(folder, "DELETE FROM audit WHERE sequence >= 4")
    code, output = run(folder, "verify")
    assert code == EXIT_BROKEN
    assert "row 2: changed\nrows 4 to 5: missing\nbroken\n" in output


def test_the_report_for_programs(folder):
    change(folder, "DELETE FROM audit WHERE sequence = 3")
    code, output = run(folder, "verify", "--json")
    assert code == EXIT_BROKEN
    assert json.loads(output)["faults"] == [{"first": 3, "last": 3, "kind": "missing"}]


def test_rows_are_exported_in_order(folder, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    _, output = run(folder, "export", "--after", "1")
    rows = [json.loads(line) for line in output.splitlines()]
    assert [row["sequence"] for row in rows] == [2, 3, 4, 5]
    assert {row["act"] for row in rows} == {"decision.made"}

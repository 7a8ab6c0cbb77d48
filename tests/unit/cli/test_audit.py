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


def test_a_chain_that_was_made_anew_does_not_go_through_a_checkpoint_from_before(folder, tmp_path):
    key = tmp_path / "key"
    key.write_text("k" * 32)
    setting = ("--setting", "audit_key_file", str(key))
    code, point = run(folder, "checkpoint", *setting)
    assert (code, json.loads(point)["sequence"]) == (0, 5)
    (tmp_path / "point.json").write_text(point)
    verify = ("verify", "--checkpoint", str(tmp_path / "point.json"), *setting)
    assert run(folder, *verify)[0] == 0
    store = open_store(f"sqlite:///{folder / 'evenhand.sqlite'}")
    store.decisions.record([record()])
    store.close()
    assert run(folder, *verify)[0] == 0, "it may have gone on since"
    (folder / "evenhand.sqlite").unlink()
    store = open_store(f"sqlite:///{folder / 'evenhand.sqlite'}")
    store.decisions.record([record() for _ in range(6)])
    store.close()
    assert run(folder, "verify")[0] == 0, "a new chain is whole"
    code, output = run(folder, *verify)
    assert code == EXIT_BROKEN
    assert "row 5: changed" in output


@pytest.mark.parametrize("name", ["", "missing"])
def test_without_a_key_nothing_is_signed(folder, name):
    path = str(folder / name) if name else ""
    result = CliRunner().invoke(
        command, ["checkpoint", "--data-folder", str(folder), "--setting", "audit_key_file", path]
    )
    assert result.exception.code == "audit.key"

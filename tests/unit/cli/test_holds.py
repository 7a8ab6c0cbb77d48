import json

from click.testing import CliRunner

from databases import store_in
from evenhand.cli import erase, holds
from samples import keep, to_review


def run(tmp_path, command, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--data-folder", str(tmp_path)])
    return result.exit_code, result.output


def test_a_hold_is_placed_listed_and_lifted(tmp_path):
    store = store_in(tmp_path)
    (decision_id,) = keep(store, to_review(body="evidence", content_id="post-1"))
    assert run(tmp_path, holds.command, "place", decision_id, "--reason", "court order 7")[0] == 0
    assert "court order 7" in run(tmp_path, holds.command, "list")[1]
    assert json.loads(run(tmp_path, holds.command, "list", "--json")[1])[0]["decision"] == decision_id
    assert run(tmp_path, erase.command, "--content", "post-1", "--reason", "asked") == (3, "0 erased, 1 held\n")
    assert run(tmp_path, holds.command, "lift", decision_id)[0] == 0
    assert store.holds.list() == []
    store.close()

import json

import pytest
from click.testing import CliRunner

from databases import store_in
from evenhand.cli.erase import command
from evenhand.core.errors import NotFoundError
from samples import keep, to_review


def run(tmp_path, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--data-folder", str(tmp_path)])
    return result.exit_code, result.output


@pytest.mark.parametrize("how", ["--author", "--content", "--decision"])
def test_what_is_asked_for_is_erased(tmp_path, how):
    store = store_in(tmp_path)
    first, other = keep(
        store, to_review(body="words", author_id="u1", content_id="post-1"), to_review(body="words", author_id="u2")
    )
    value = {"--author": "u1", "--content": "post-1", "--decision": first}[how]
    code, output = run(tmp_path, how, value, "--reason", "asked by the author", "--json")
    assert (code, json.loads(output)) == (0, {"erased": [first], "held": []})
    with pytest.raises(NotFoundError):
        store.contents.get(first)
    assert store.contents.get(other).body == "words"
    assert run(tmp_path, how, "nobody", "--reason", "asked") == (0, "0 erased, 0 held\n")
    store.close()


def test_it_must_be_clear_what(tmp_path):
    assert run(tmp_path, "--reason", "asked")[0] == 2
    assert run(tmp_path, "--author", "a", "--content", "b", "--reason", "asked")[0] == 2

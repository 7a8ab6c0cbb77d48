import json

import pytest

from evenhand.cli.keys import command
from evenhand.core.errors import NotFoundError


@pytest.fixture
def keys(run, tmp_path):
    return lambda name, *arguments: run(command, name, *arguments, "--data-folder", str(tmp_path / "keys"))


def created(keys, *arguments):
    return json.loads(keys("create", *arguments, "--json").output)


def test_a_key_is_printed_and_nothing_else(keys):
    secret = keys("create", "forum").output.strip()
    assert secret.startswith("eh_")
    assert len(secret.split()) == 1


def test_a_new_key_may_screen_and_nothing_else(keys):
    made = created(keys, "forum")
    assert (made["name"], made["scopes"], made["requests_per_minute"]) == ("forum", ["screen"], 1_200)
    assert made["revoked_at"] is None


def test_scopes_and_allowance_are_taken(keys):
    made = created(keys, "forum", "--scope", "screen", "--scope", "review", "--requests-per-minute", "7")
    assert (made["scopes"], made["requests_per_minute"]) == (["review", "screen"], 7)


@pytest.mark.parametrize("wrong", [("--scope", "everything"), ("--requests-per-minute", "0")])
def test_a_wrong_scope_or_allowance_is_a_wrong_call(keys, wrong):
    assert keys("create", "forum", *wrong).exit_code == 2


def test_the_list_shows_keys_but_never_their_secrets(keys):
    made = created(keys, "forum")
    for shown in (keys("list").output, keys("list", "--json").output):
        assert made["id"] in shown
        assert made["key"] not in shown


def test_the_list_of_no_keys_is_empty(keys):
    assert keys("list").output == ""
    assert json.loads(keys("list", "--json").output) == []


def test_a_revoked_key_is_listed_as_such(keys):
    made = created(keys, "forum")
    assert keys("revoke", made["id"]).output == f"{made['id']} is revoked.\n"
    (entry,) = json.loads(keys("list", "--json").output)
    assert entry["revoked_at"]
    assert f"revoked {entry['revoked_at']}" in keys("list").output


def test_revoking_says_so_in_json(keys):
    made = created(keys, "forum")
    assert json.loads(keys("revoke", made["id"], "--json").output) == {"id": made["id"], "revoked": True}


def test_a_key_that_is_not_there_cannot_be_revoked(keys):
    assert isinstance(keys("revoke", "0" * 12).exception, NotFoundError)

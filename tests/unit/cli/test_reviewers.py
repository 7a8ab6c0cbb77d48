import json

import pytest

from databases import store_in
from evenhand.cli.reviewers import command
from evenhand.core.errors import InputError, NotFoundError
from evenhand.review import passwords as module
from evenhand.review.sign_in import SignIn
from fakes.hashing import quick_passwords


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def reviewers(run, folder, monkeypatch):
    quick = quick_passwords()._hasher
    monkeypatch.setattr(module, "PasswordHasher", lambda: quick)
    return lambda *arguments, **options: run(command, *arguments, "--data-folder", str(folder), **options)


def enter(folder, name, password):
    store = store_in(folder)
    try:
        return SignIn(store.reviewers, quick_passwords()).begin(name, password, "")
    finally:
        store.close()


def listed(reviewers):
    return json.loads(reviewers("list", "--json").output)


def test_a_password_is_printed_and_nothing_else(reviewers, folder):
    made = reviewers("create", "Ada", "--role", "admin")
    assert made.exit_code == 0
    password = made.output.strip()
    assert len(password.split()) == 1
    assert enter(folder, "ada", password)


def test_a_password_is_asked_for_and_not_printed(reviewers, folder):
    typed = "three words in a row\n" * 2
    made = reviewers("create", "ada", "--role", "lead", "--password", input=typed)
    assert made.stdout == "The password of ada is set.\n"
    assert enter(folder, "ada", "three words in a row")
    made = reviewers("reset", "ada", "--password", "--json", input="four words in a row\n" * 2)
    assert "password" not in json.loads(made.stdout)
    assert enter(folder, "ada", "four words in a row")


def test_an_account_is_made_in_json(reviewers):
    made = json.loads(reviewers("create", "ada", "--role", "reviewer", "--json").output)
    assert len(made.pop("password")) == 20
    assert made == {
        "id": 1,
        "name": "ada",
        "role": "reviewer",
        "is_enabled": True,
        "has_authenticator": False,
        "severe_per_day": 0,
    }
    assert listed(reviewers) == [made]


@pytest.mark.parametrize("wrong", [(), ("--role", "owner")])
def test_a_role_is_needed(reviewers, wrong):
    assert reviewers("create", "ada", *wrong).exit_code == 2


def test_a_name_that_is_taken_or_none_is_refused(reviewers):
    reviewers("create", "ada", "--role", "lead")
    assert isinstance(reviewers("create", "ADA", "--role", "lead").exception, InputError)
    assert isinstance(reviewers("create", "a b", "--role", "lead").exception, InputError)


def test_accounts_are_listed_for_people(reviewers):
    reviewers("create", "ada", "--role", "lead")
    reviewers("create", "bob", "--role", "auditor")
    reviewers("disable", "bob")
    assert reviewers("list").output.splitlines() == [
        "1  ada  lead  password alone  enabled",
        "2  bob  auditor  password alone  disabled",
    ]


def test_the_list_of_no_accounts_is_empty(reviewers):
    assert reviewers("list").output == ""
    assert listed(reviewers) == []


def test_an_account_is_disabled_and_enabled(reviewers):
    reviewers("create", "ada", "--role", "lead")
    assert reviewers("disable", "Ada").output == "ada is disabled.\n"
    assert not listed(reviewers)[0]["is_enabled"]
    assert json.loads(reviewers("enable", "ada", "--json").output)["is_enabled"]
    assert listed(reviewers)[0]["is_enabled"]


def test_a_role_is_changed(reviewers):
    reviewers("create", "ada", "--role", "lead")
    assert reviewers("set-role", "ada", "auditor").output == "ada has the role auditor.\n"
    assert listed(reviewers)[0]["role"] == "auditor"


def test_a_reset_prints_another_password(reviewers, folder):
    old = reviewers("create", "ada", "--role", "lead").output.strip()
    new = reviewers("reset", "ada").output.strip()
    assert new != old
    assert enter(folder, "ada", new)


@pytest.mark.parametrize("call", [("disable",), ("enable",), ("reset",), ("set-role",)])
def test_an_unknown_account_is_an_error(reviewers, call):
    arguments = (*call, "ada", "lead") if call == ("set-role",) else (*call, "ada")
    error = reviewers(*arguments).exception
    assert isinstance(error, NotFoundError)
    assert error.code == "reviewer.not_found"

import re

import pytest

from evenhand.core.case import Role


@pytest.fixture
def ada(console):
    return console.person("ada", Role.ADMIN)


@pytest.fixture
def bob(console, ada):
    return console.person("bob", Role.REVIEWER, has_authenticator=False)


@pytest.fixture
def change_bob(console, ada, bob):
    return lambda **given: change(console, ada, bob, **given)


def change(console, ada, bob, **given):
    data = {"id": str(bob.id), "role": "reviewer", "severe_per_day": "0", "is_enabled": "on"} | given
    return console.post("accounts/change", ada, {name: value for name, value in data.items() if value is not None})


def password_in(answer):
    return re.search(r'<code class="secret">([^<]+)</code>', answer.text)[1]


def acts(console):
    return [(row.act, row.actor, row.details) for row in console.store.audit.list()]


def test_an_account_is_made_with_a_password_that_is_shown_once(console, ada):
    answer = console.post("accounts/create", ada, {"name": "Eve", "role": "lead"})
    assert answer.status_code == 200
    password = password_in(answer)
    assert password not in console.get("accounts", ada).text
    assert console.post("sign-in", data={"name": "eve", "password": password}).status_code == 303
    assert console.store.reviewers.get("eve").role is Role.LEAD
    assert ("reviewer.created", f"reviewer:{ada.id}", {"name": "eve", "role": "lead"}) in acts(console)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "ada", "role": "lead"}, "reviewer.exists"),
        ({"name": "<b>", "role": "lead"}, "reviewer.name"),
        ({"name": "eve", "role": "owner"}, "role.unknown"),
        ({"name": "eve"}, "role.unknown"),
        ({"role": "lead"}, "reviewer.name"),
    ],
)
def test_no_account_is_made_of_what_is_wrong(console, ada, code_in, given, code):
    answer = console.post("accounts/create", ada, given)
    assert (answer.status_code, code_in(answer)) == (400, code)
    assert [reviewer.name for reviewer in console.store.reviewers.list()] == ["ada"]
    assert "<b>" not in answer.text


def test_a_reset_shows_another_password_and_ends_sessions(console, ada, bob):
    answer = console.post("accounts/reset", ada, {"id": str(bob.id)})
    assert console.get("account", bob).status_code == 303
    assert console.post("sign-in", data={"name": "bob", "password": password_in(answer)}).status_code == 303
    assert ("reviewer.reset", f"reviewer:{ada.id}", {}) in acts(console)


def test_role_limit_and_signing_in_are_changed(console, ada, bob):
    answer = change(console, ada, bob, role="auditor", severe_per_day="30", is_enabled=None)
    assert (answer.status_code, answer.headers["location"]) == (303, "../accounts?after=change")
    changed = console.store.reviewers.find(bob.id)
    assert (changed.role, changed.severe_per_day, changed.is_enabled) == (Role.AUDITOR, 30, False)
    assert console.get("account", bob).status_code == 303
    shown = console.get("accounts?after=change", ada).text
    assert "The account is changed." in shown
    assert "may not sign in" in shown
    assert "at most 30 severe cases a day" in shown
    change(console, ada, bob, role="auditor", severe_per_day="30")
    assert console.store.reviewers.find(bob.id).is_enabled


def test_what_stays_is_no_act(console, ada, bob):
    before = acts(console)
    assert change(console, ada, bob).status_code == 303
    assert acts(console) == before


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"id": "99"}, "reviewer.not_found"),
        ({"id": ""}, "field.invalid"),
        ({"id": "-1"}, "field.invalid"),
        ({"id": "9" * 100}, "field.invalid"),
        ({"id": "٣"}, "field.invalid"),
        ({"role": "owner"}, "role.unknown"),
        ({"role": None}, "role.unknown"),
        ({"severe_per_day": "many"}, "field.invalid"),
        ({"severe_per_day": "10001"}, "reviewer.severe_per_day"),
    ],
)
def test_nothing_is_changed_by_what_is_wrong(console, change_bob, code_in, given, code):
    before = acts(console)
    answer = change_bob(is_enabled=None, **given)
    assert (answer.status_code, code_in(answer)) == (404 if code == "reviewer.not_found" else 400, code)
    assert acts(console) == before
    assert 'action="../accounts/change"' in answer.text


@pytest.mark.parametrize("path", ["accounts/change", "accounts/reset"])
def test_nobody_locks_themselves_out(console, ada, code_in, path):
    before = acts(console)
    answer = console.post(path, ada, {"id": str(ada.id), "role": "reviewer", "severe_per_day": "0"})
    assert (answer.status_code, code_in(answer)) == (400, "reviewer.own")
    assert acts(console) == before


def test_the_own_account_has_no_form(console, ada, bob):
    shown = console.get("accounts", ada).text
    assert f'name="id" value="{bob.id}"' in shown
    assert f'name="id" value="{ada.id}"' not in shown

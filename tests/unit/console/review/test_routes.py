"""Every address of the review console: who gets there, and who does not."""

import re

import pytest
from starlette.routing import Mount

from evenhand.core.case import Role

REVIEWER, LEAD, ADMIN, AUDITOR = Role.REVIEWER, Role.LEAD, Role.ADMIN, Role.AUDITOR
EVERYBODY = frozenset(Role)
#: Whoever has no session gets here, and nowhere else.
OPEN = {("GET", "sign-in"), ("POST", "sign-in")}
RULING = {REVIEWER, LEAD, ADMIN}
LEADING = {LEAD, ADMIN}
SEEING = {LEAD, ADMIN, AUDITOR}
#: Who gets where. An address that is not named here fails a test: think about who may see it.
ROLES = {
    ("GET", ""): EVERYBODY,
    ("POST", "next"): RULING,
    ("GET", "cases/{id}"): EVERYBODY,
    ("GET", "cases/{id}/pictures/{image:int}/{frame:int}"): EVERYBODY,
    ("POST", "cases/{id}/ruling"): RULING,
    ("POST", "cases/{id}/message"): RULING,
    ("POST", "cases/{id}/skip"): RULING,
    ("POST", "cases/{id}/release"): RULING,
    ("GET", "undo"): LEADING,
    ("POST", "undo/preview"): LEADING,
    ("POST", "undo/carry-out"): LEADING,
    ("GET", "golden"): LEADING,
    ("POST", "golden/retire"): LEADING,
    ("GET", "numbers"): SEEING,
    ("GET", "numbers/{name}.csv"): SEEING,
    ("GET", "transparency"): SEEING,
    ("GET", "audit"): SEEING,
    ("POST", "audit/verify"): SEEING,
    ("POST", "sign-out"): EVERYBODY,
    ("GET", "account"): EVERYBODY,
    ("POST", "account/password"): EVERYBODY,
    ("POST", "account/authenticator"): EVERYBODY,
    ("POST", "account/preferences"): EVERYBODY,
    ("GET", "accounts"): {ADMIN},
    ("POST", "accounts/create"): {ADMIN},
    ("POST", "accounts/change"): {ADMIN},
    ("POST", "accounts/reset"): {ADMIN},
}
EVERY = sorted(ROLES)
POSTS = [route for route in EVERY if route[0] == "POST"]


def filled(path):
    """Return a path with something in the place of each of its parameters."""
    return re.sub(r"\{[^}]*\}", "1", path)


def test_every_address_says_here_who_gets_there(console):
    (mount,) = [route for route in console.routes if isinstance(route, Mount)]
    found = {
        (method, route.path.removeprefix("/")) for route in mount.app._app.routes for method in route.methods - {"HEAD"}
    }
    assert found == OPEN | set(ROLES)


def test_the_console_is_below_one_address(console):
    assert {route.path for route in console.routes} == {"/review"}


def test_the_address_without_a_slash_leads_to_the_one_with_it(console):
    answer = console.get("", whole="/review")
    assert (answer.status_code, answer.headers["location"]) == (303, "review/")


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_a_session_nobody_gets_anywhere(console, method, path):
    answer = console.ask(method, filled(path), data={} if method == "POST" else None)
    depth = filled(path).count("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "../" * depth + "sign-in")
    assert answer.text == ""


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_session_that_ended_is_none(console, method, path):
    ada = console.person("ada", Role.ADMIN)
    console.post("sign-out", ada)
    answer = console.ask(method, filled(path), ada, data={"csrf": ada.csrf} if method == "POST" else None)
    assert answer.headers["location"].endswith("sign-in")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_role_gets_where_it_may_and_nowhere_else(console, code_in, method, path, role):
    person = console.person("ada", role)
    answer = console.ask(method, filled(path), person, data={"csrf": person.csrf} if method == "POST" else None)
    if role in ROLES[method, path]:
        assert code_in(answer) not in {"role.not_allowed", "csrf.invalid", "internal", "route.not_found"}
        assert not answer.headers.get("location", "").endswith("sign-in")
    else:
        assert (answer.status_code, code_in(answer)) == (403, "role.not_allowed")


@pytest.mark.parametrize("token", [None, "", "forged"])
@pytest.mark.parametrize(("method", "path"), POSTS)
def test_no_form_is_taken_without_its_token(console, code_in, method, path, token):
    # Each role that gets there at all is refused for the token alone.
    person = console.person("ada", min(ROLES[method, path]))
    before = console.store.audit.list()
    data = {} if token is None else {"csrf": token}
    answer = console.ask(method, filled(path), person, data=data or {"other": "1"})
    assert (answer.status_code, code_in(answer)) == (403, "csrf.invalid")
    assert console.store.audit.list() == before


@pytest.mark.parametrize("path", ["nothing", "accounts/", "account/nothing", "static/page.css"])
def test_where_there_is_nothing_a_page_says_so(console, code_in, path):
    ada = console.person("ada", Role.ADMIN)
    for person in (None, ada):
        answer = console.get(path, person)
        assert (answer.status_code, code_in(answer)) == (404, "route.not_found")
        assert answer.headers["content-type"].startswith("text/html")

import pytest
from starlette.requests import Request

from evenhand.console.review.session import Doorkeeper, root_for
from evenhand.core.case import Role

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ada(console):
    return console.person("ada", Role.ADMIN)


@pytest.mark.parametrize(
    ("path", "root"),
    [("/review/", ""), ("/review/account", ""), ("/review/cases/1", "../"), ("/review/cases/1/ruling", "../../")],
)
def test_addresses_are_relative_to_the_page(path, root):
    assert root_for(Request({"type": "http", "path": path})) == root


@pytest.mark.parametrize(
    "cookie",
    ["", "evenhand=", "evenhand=x", "evenhand=é", "other={token}", "__Host-evenhand={token}", "evenhand={token}x"],
)
def test_a_cookie_that_is_none_lets_nobody_in(console, ada, cookie):
    sent = cookie.format(token=ada.token).encode("latin-1")
    answer = console.get("account", headers={b"cookie": sent})
    assert (answer.status_code, answer.headers["location"]) == (303, "sign-in")


def test_the_token_of_the_forms_is_no_cookie(console, ada):
    forged = type(ada)(ada.id, ada.name, ada.csrf, ada.csrf)
    assert console.get("account", forged).status_code == 303


@pytest.mark.parametrize(
    ("options", "base", "name", "is_secure"),
    [
        ({}, "http://evenhand", "evenhand", False),
        ({}, "https://evenhand", "__Host-evenhand", True),
        ({"public_url": "https://mod.example"}, "http://evenhand", "__Host-evenhand", True),
        ({"public_url": "http://mod.example"}, "http://evenhand", "evenhand", False),
    ],
)
def test_the_cookie_is_for_this_server_alone(make_console, options, base, name, is_secure):
    console = make_console(**options)
    ada = console.person("ada", Role.REVIEWER, has_authenticator=False)
    entered = console.post("sign-in", data={"name": "ada", "password": "three words in a row"}, base=base)
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"} <= set(cookie.split("; "))
    assert ("; Secure" in cookie) is is_secure
    assert "domain" not in cookie.lower()
    assert console.get("account", ada, base=base, cookie=name).status_code == 200
    left = console.post("sign-out", ada, base=base, cookie=name).headers["set-cookie"]
    assert left.startswith(f'{name}=""')
    assert "Max-Age=0" in left


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"},
        {"origin": "http://evenhand"},
        {"origin": "https://mod.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_our_own_page_is_taken(make_console, headers):
    console = make_console(public_url="https://mod.example")
    ada = console.person("ada", Role.ADMIN)
    answer = console.post("account/preferences", ada, {"break_after": "0"}, headers=headers, cookie="__Host-evenhand")
    assert (answer.status_code, answer.headers["location"]) == (303, "../account?after=preferences")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": "http://evenhand"},
        {"origin": "http://evil.example"},
        {"origin": "http://evenhand.evil.example"},
        {"origin": "http://evenhand:81"},
        {"origin": ""},
        {"origin": "evenhand"},
    ],
)
@pytest.mark.parametrize("path", ["account/preferences", "sign-in", "sign-out"])
def test_a_form_of_another_site_is_refused(console, ada, code_in, path, headers):
    answer = console.post(path, ada, {"break_after": "7"}, headers=headers)
    assert (answer.status_code, code_in(answer)) == (403, "csrf.invalid")
    assert console.store.reviewers.find(ada.id).preferences.break_after == 0


@pytest.mark.parametrize("token", ["", "x", "é", "\0", "{token}x", " {token}"])
def test_a_form_with_another_token_is_refused(console, ada, code_in, token):
    answer = console.post("account/preferences", ada, {"csrf": token.format(token=ada.csrf), "break_after": "7"})
    assert (answer.status_code, code_in(answer)) == (403, "csrf.invalid")
    assert console.store.reviewers.find(ada.id).preferences.break_after == 0


def test_the_token_of_another_session_is_refused(console, ada, code_in):
    other = console.enter("ada")
    answer = console.post("account/preferences", ada, {"csrf": other.csrf, "break_after": "7"})
    assert code_in(answer) == "csrf.invalid"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"content": b"csrf=" + b"x" * 70_000, "headers": {"content-type": FORM}}, "body.too_large"),
        ({"content": b"csrf=%ff", "headers": {"content-type": FORM}}, "form.encoding"),
        ({"content": b"&".join([b"a=1"] * 200), "headers": {"content-type": FORM}}, "form.invalid"),
        ({"json": {"csrf": "x"}}, "form.type"),
        ({"files": {"csrf": b"x"}}, "form.type"),
        ({}, "form.type"),
    ],
    ids=["large", "encoding", "fields", "json", "files", "nothing"],
)
def test_what_is_no_form_is_refused(console, ada, code_in, sent, code):
    for path in ("account/preferences", "sign-in"):
        answer = console.ask("POST", path, ada, **sent)
        assert (answer.status_code, code_in(answer)) == (413 if code == "body.too_large" else 400, code)


def test_a_role_that_needs_an_authenticator_sees_its_account_alone(console):
    ada = console.person("ada", Role.ADMIN, has_authenticator=False)
    answer = console.get("accounts", ada)
    assert (answer.status_code, answer.headers["location"]) == (303, "account")
    answer = console.post("accounts/create", ada, {"name": "eve", "role": "admin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "../account")
    assert len(console.store.reviewers.list()) == 1
    shown = console.get("account", ada)
    assert "Your role needs an authenticator." in shown.text
    assert 'href="accounts"' not in shown.text
    assert console.post("sign-out", ada).headers["location"] == "sign-in?after=signed-out"


@pytest.mark.parametrize(
    ("second_step", "role", "is_needed"),
    [
        ("leads", Role.LEAD, True),
        ("leads", Role.ADMIN, True),
        ("leads", Role.REVIEWER, False),
        ("leads", Role.AUDITOR, False),
        ("all", Role.REVIEWER, True),
        ("all", Role.AUDITOR, True),
        ("none", Role.ADMIN, False),
    ],
)
def test_the_setting_says_who_needs_an_authenticator(make_console, second_step, role, is_needed):
    console = make_console(second_step=second_step)
    ada = console.person("ada", role, has_authenticator=False)
    assert ("Your role needs an authenticator." in console.get("account", ada).text) is is_needed
    bob = console.person("bob", role)
    assert "Your role needs an authenticator." not in console.get("account", bob).text


def test_what_an_admission_says(console, ada):
    visited = []

    async def look(request):
        visited.append(await Doorkeeper(console.store.sessions, public_url="", second_step=frozenset()).admit(request))

    import asyncio

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/review/cases/1",
        "query_string": b"",
        "headers": [(b"cookie", f"evenhand={ada.token}".encode())],
        "scheme": "http",
        "server": ("evenhand", 80),
    }
    asyncio.run(look(Request(scope)))
    (visitor,) = visited
    assert (visitor.reviewer.name, visitor.csrf_token, visitor.root) == ("ada", ada.csrf, "../")
    assert not visitor.lacks_authenticator

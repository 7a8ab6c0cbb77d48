import re

import pyotp
import pytest

from evenhand.core.case import Role

PASSWORD = "three words in a row"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def enter(console, name="ada", password=PASSWORD, code="", **options):
    return console.post("sign-in", data={"name": name, "password": password, "code": code}, **options)


def cookie_of(answer):
    return re.match("evenhand=([^;]+);", answer.headers["set-cookie"])[1]


@pytest.fixture
def ada(console):
    return console.person("ada", Role.REVIEWER, has_authenticator=False)


def test_the_form_is_there_for_everybody(console):
    answer = console.get("sign-in")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for field in ("name", "password", "code"):
        assert f'name="{field}"' in answer.text
    assert "csrf" not in answer.text


def test_whoever_signs_in_gets_a_cookie_and_sees_the_first_page(console, ada):
    answer = enter(console)
    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    shown = console.get("account", type(ada)(ada.id, "ada", cookie_of(answer), ""))
    assert "ada, reviewer" in shown.text


def test_a_code_is_needed_where_there_is_an_authenticator(console):
    console.person("ada", Role.LEAD)
    assert enter(console).status_code == 401
    assert enter(console, code=pyotp.TOTP(SECRET).now()).status_code == 303


def test_signing_in_anew_ends_the_session_that_came_along(console, ada):
    answer = enter(console, headers={"cookie": f"evenhand={ada.token}"})
    assert cookie_of(answer) != ada.token
    assert console.get("account", ada).status_code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [("bob", PASSWORD), ("ada", "another password"), ("", ""), ("<script>", "\0"), ("x" * 5_000, "")],
)
def test_whatever_is_wrong_the_page_says_the_same(console, ada, code_in, name, password):
    answer = enter(console, name, password)
    assert (answer.status_code, code_in(answer)) == (401, "sign_in.refused")
    assert "Wrong name, password or code, or the account is locked." in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text
    assert len(answer.text) < 5_000
    assert password not in answer.text or password in {"", "\0"}


def test_fields_that_are_missing_are_wrong_ones(console, ada, code_in):
    answer = console.post("sign-in", data={"other": "1"})
    assert code_in(answer) == "sign_in.refused"


def test_a_flood_of_sign_ins_is_told_to_come_back(console, ada, code_in):
    with console.passwords._slot(), console.passwords._slot():
        answer = enter(console)
    assert (answer.status_code, code_in(answer)) == (503, "queue.full")
    assert answer.headers["retry-after"] == "1"
    assert enter(console).status_code == 303


def test_signing_out_ends_every_session_of_the_reviewer(console, ada):
    other = console.enter("ada")
    answer = console.post("sign-out", ada)
    assert (answer.status_code, answer.headers["location"]) == (303, "sign-in?after=signed-out")
    assert console.get("account", ada).status_code == console.get("account", other).status_code == 303


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("signed-out", "You are signed out."),
        ("password", "Your password is changed."),
        ("<b>call me</b>", None),
        ("", None),
    ],
)
def test_the_address_says_nothing_of_its_own(console, after, words):
    answer = console.get("sign-in", params={"after": after})
    assert ("notice" in answer.text) is (words is not None)
    assert (words or "") in answer.text
    assert "call me" not in answer.text

import re

import pyotp
import pytest

from evenhand.core.case import Role
from evenhand.core.reviewer import Preferences

PASSWORD = "three words in a row"
NEW = "four words in a row"


@pytest.fixture
def ada(console):
    return console.person("ada", Role.REVIEWER, has_authenticator=False)


def secret_in(answer):
    return re.search(r'name="secret" value="([A-Z2-7]{32})"', answer.text)[1]


def set_up(console, ada, secret, *, password=PASSWORD, code=None):
    code = pyotp.TOTP(secret).now() if code is None else code
    return console.post("account/authenticator", ada, {"secret": secret, "password": password, "code": code})


def change(console, ada, old=PASSWORD, new=NEW, again=NEW):
    return console.post("account/password", ada, {"password": old, "new": new, "again": again})


def test_an_authenticator_is_set_up_with_what_the_page_shows(console, ada):
    page = console.get("account", ada)
    secret = secret_in(page)
    assert " ".join(re.findall("....", secret)) in page.text
    assert "<path d=" in page.text
    answer = set_up(console, ada, secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "../account?after=authenticator")
    assert console.store.reviewers.credentials("ada").totp_secret == secret
    shown = console.get("account?after=authenticator", ada).text
    assert "The authenticator is set up." in shown
    assert secret not in shown


def test_every_page_has_a_secret_of_its_own(console, ada):
    assert secret_in(console.get("account", ada)) != secret_in(console.get("account", ada))


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"code": "000000"}, (400, "authenticator.code")), ({"password": "another password"}, (401, "password.wrong"))],
)
def test_a_secret_stays_until_its_code_is_right(console, ada, code_in, given, expected):
    secret = secret_in(console.get("account", ada))
    answer = set_up(console, ada, secret, **given)
    assert (answer.status_code, code_in(answer)) == expected
    assert secret_in(answer) == secret
    assert "<details open>" in answer.text
    assert 'action="../account/authenticator"' in answer.text
    assert console.store.reviewers.credentials("ada").totp_secret == ""


@pytest.mark.parametrize("secret", ["", "short", "<b>", "a" * 32])
def test_a_secret_that_the_page_cannot_have_shown_is_refused(console, ada, code_in, secret):
    answer = set_up(console, ada, secret, code="000000")
    assert (answer.status_code, code_in(answer)) == (400, "authenticator.secret")
    assert secret_in(answer) != secret


def test_a_new_password_ends_all_sessions(console, ada):
    other = console.enter("ada")
    answer = change(console, ada)
    assert (answer.status_code, answer.headers["location"]) == (303, "../sign-in?after=password")
    assert answer.headers["set-cookie"].startswith('evenhand=""')
    assert console.get("account", ada).status_code == console.get("account", other).status_code == 303
    assert console.post("sign-in", data={"name": "ada", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"old": "another password"}, (401, "password.wrong")),
        ({"new": "too few", "again": "too few"}, (400, "password.too_short")),
        ({"again": "five words in a row"}, (400, "password.differs")),
        ({"new": "x" * 2_000, "again": "x" * 2_000}, (400, "password.too_long")),
    ],
    ids=["wrong", "short", "differs", "long"],
)
def test_a_password_that_cannot_be_changed_stays(console, ada, code_in, given, expected):
    answer = change(console, ada, **given)
    assert (answer.status_code, code_in(answer)) == expected
    assert console.get("account", ada).status_code == 200
    assert console.post("sign-in", data={"name": "ada", "password": PASSWORD}).status_code == 303
    assert not any(value in answer.text for value in given.values())


def test_preferences_are_kept_and_shown(console, ada):
    answer = console.post("account/preferences", ada, {"grey_pictures": "on", "break_after": "25"})
    assert (answer.status_code, answer.headers["location"]) == (303, "../account?after=preferences")
    kept = console.store.reviewers.find(ada.id).preferences
    assert kept == Preferences(
        blur_pictures=False, grey_pictures=True, mute_sound=False, fold_severe_text=False, break_after=25
    )
    shown = console.get("account?after=preferences", ada).text
    assert "Your preferences are kept." in shown
    assert re.findall(r'name="(\w+)" checked', shown) == ["grey_pictures"]
    assert 'value="25"' in shown
    every = dict.fromkeys(("blur_pictures", "grey_pictures", "mute_sound", "fold_severe_text"), "on")
    console.post("account/preferences", ada, every | {"break_after": "0"})
    assert console.store.reviewers.find(ada.id).preferences == Preferences()


@pytest.mark.parametrize("count", ["", "-1", "1001", "2.5", "ten", "٣", "9" * 10_000, " 1", "0x1"])
def test_a_number_of_cases_that_is_none_is_refused(console, ada, code_in, count):
    answer = console.post("account/preferences", ada, {"break_after": count})
    assert (answer.status_code, code_in(answer)) == (400, "preferences.break_after")
    assert console.store.reviewers.find(ada.id).preferences == Preferences()


def test_the_page_says_what_there_is_already(console):
    bob = console.person("bob", Role.LEAD)
    assert "takes the place of the one that you have" in console.get("account", bob).text
    assert "<details open>" not in console.get("account", bob).text

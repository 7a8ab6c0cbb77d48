from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from evenhand.core.case import Role
from evenhand.core.errors import AuthenticationError, InputError
from evenhand.review.accounts import Accounts
from evenhand.review.sign_in import SignIn
from fakes.hashing import quick_passwords

PASSWORD = "three words in a row"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 26, 12, 0, 7, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ada(store):
    return Accounts(store.reviewers, quick_passwords()).create("ada", Role.LEAD, password=PASSWORD)[0]


@pytest.fixture
def sign_in(store, clock):
    return SignIn(store.reviewers, quick_passwords(), clock=clock)


def code(clock, step=0):
    return pyotp.TOTP(SECRET).at(clock.now, counter_offset=step)


def have_authenticator(store, sign_in, clock, ada):
    sign_in.set_authenticator(ada, PASSWORD, SECRET, code(clock))
    clock.now += timedelta(seconds=30)


def refused(call, *arguments):
    with pytest.raises(AuthenticationError) as caught:
        call(*arguments)
    return str(caught.value), caught.value.code


def reasons(store):
    return [row.details["because"] for row in store.audit.list() if row.act == "reviewer.sign_in_failed"]


def test_name_and_password_begin_a_session(store, sign_in, ada):
    token = sign_in.begin(" ADA ", PASSWORD, "")
    assert store.sessions.find(token, NOW).reviewer == ada


def test_whoever_has_no_authenticator_may_give_any_code(sign_in, ada):
    assert sign_in.begin("ada", PASSWORD, "nonsense")


def test_the_session_that_came_along_ends(store, sign_in, ada):
    first = sign_in.begin("ada", PASSWORD, "")
    sign_in.begin("ada", PASSWORD, "", instead_of=first)
    assert store.sessions.find(first, NOW) is None


def test_whatever_is_wrong_is_said_in_the_same_words(store, sign_in, clock, ada):
    have_authenticator(store, sign_in, clock, ada)
    said = {
        refused(sign_in.begin, "bob", PASSWORD, ""),
        refused(sign_in.begin, "no name!", PASSWORD, ""),
        refused(sign_in.begin, "ada", "another password", code(clock)),
        refused(sign_in.begin, "ada", "short", code(clock)),
        refused(sign_in.begin, "ada", PASSWORD, ""),
        refused(sign_in.begin, "ada", PASSWORD, "000000"),
        refused(sign_in.begin, "ada", PASSWORD, code(clock, -1)),
    }
    assert {code for _, code in said} == {"sign_in.refused"}
    assert len(said) == 1
    assert reasons(store) == ["unknown", "unknown", "password", "password", "code", "code", "code"]
    assert "bob" not in repr(store.audit.list())


def test_a_locked_account_refuses_what_is_right_in_the_same_words(store, sign_in, clock, ada):
    said = {refused(sign_in.begin, "ada", "another password", "") for _ in range(5)}
    said.add(refused(sign_in.begin, "ada", PASSWORD, ""))
    assert len(said) == 1
    assert reasons(store)[-1] == "locked"
    clock.now += timedelta(minutes=15)
    assert sign_in.begin("ada", PASSWORD, "")


def test_a_wrong_code_counts_like_a_wrong_password(store, sign_in, clock, ada):
    have_authenticator(store, sign_in, clock, ada)
    for _ in range(5):
        refused(sign_in.begin, "ada", PASSWORD, "000000")
    refused(sign_in.begin, "ada", PASSWORD, code(clock))


def test_a_disabled_account_refuses_what_is_right(store, sign_in, ada):
    store.reviewers.set_enabled(ada.id, is_enabled=False)
    refused(sign_in.begin, "ada", PASSWORD, "")
    assert reasons(store) == ["switched_off"]


def test_a_code_is_needed_and_works_once(store, sign_in, clock, ada):
    have_authenticator(store, sign_in, clock, ada)
    assert sign_in.begin("ada", PASSWORD, code(clock))
    refused(sign_in.begin, "ada", PASSWORD, code(clock))
    clock.now += timedelta(seconds=30)
    assert sign_in.begin("ada", PASSWORD, code(clock))


def test_the_code_that_set_it_up_does_not_sign_in(store, sign_in, clock, ada):
    sign_in.set_authenticator(ada, PASSWORD, SECRET, code(clock))
    refused(sign_in.begin, "ada", PASSWORD, code(clock))


def test_an_account_that_changes_while_it_is_looked_at_is_refused(store, ada):
    class Meanwhile(type(quick_passwords())):
        def is_right(self, password_hash, password):
            store.reviewers.set_enabled(ada.id, is_enabled=False)
            return True

    refused(SignIn(store.reviewers, Meanwhile()).begin, "ada", PASSWORD, "")
    assert reasons(store) == ["changed"]


def test_a_hash_of_old_parameters_is_made_anew(store, ada):
    before = store.reviewers.credentials("ada").password_hash
    usual = SignIn(store.reviewers)
    assert usual.begin("ada", PASSWORD, "")
    after = store.reviewers.credentials("ada").password_hash
    assert after != before
    assert "m=65536" in after
    assert usual.begin("ada", PASSWORD, "")
    assert store.reviewers.credentials("ada").password_hash == after


def test_a_password_is_changed_by_whoever_knows_it(store, sign_in, ada):
    token = sign_in.begin("ada", PASSWORD, "")
    sign_in.change_password(ada, PASSWORD, "four words in a row")
    assert store.sessions.find(token, NOW) is None
    refused(sign_in.begin, "ada", PASSWORD, "")
    assert sign_in.begin("ada", "four words in a row", "")


def test_a_password_is_not_changed_to_one_that_is_none(sign_in, ada):
    with pytest.raises(InputError):
        sign_in.change_password(ada, PASSWORD, "short")
    assert sign_in.begin("ada", PASSWORD, "")


def test_guessing_the_password_of_an_open_session_locks_the_account(store, sign_in, ada):
    said = {refused(sign_in.change_password, ada, "another password", "four words in a row") for _ in range(5)}
    said.add(refused(sign_in.change_password, ada, PASSWORD, "four words in a row"))
    assert {code for _, code in said} == {"password.wrong"}
    assert len(said) == 1
    refused(sign_in.begin, "ada", PASSWORD, "")


def test_a_right_password_begins_the_count_of_wrong_ones_anew(sign_in, ada):
    for _ in range(2):
        for _ in range(4):
            refused(sign_in.change_password, ada, "another password", "four words in a row")
        sign_in.change_password(ada, PASSWORD, PASSWORD)
    assert sign_in.begin("ada", PASSWORD, "")


def test_an_authenticator_takes_the_password_and_its_code(store, sign_in, clock, ada):
    refused(sign_in.set_authenticator, ada, "another password", SECRET, code(clock))
    for secret, given, expected in [
        (SECRET, "000000", "authenticator.code"),
        ("short", code(clock), "authenticator.secret"),
    ]:
        with pytest.raises(InputError) as caught:
            sign_in.set_authenticator(ada, PASSWORD, secret, given)
        assert caught.value.code == expected
    assert not store.reviewers.find(ada.id).has_authenticator
    sign_in.set_authenticator(ada, PASSWORD, SECRET, code(clock))
    assert store.reviewers.find(ada.id).has_authenticator


def test_an_account_that_is_gone_proves_nothing(store, sign_in, ada):
    gone = type(ada)(99, "gone", Role.LEAD)
    refused(sign_in.change_password, gone, PASSWORD, "four words in a row")


def test_the_time_is_now(store, ada):
    token = SignIn(store.reviewers, quick_passwords()).begin("ada", PASSWORD, "")
    assert store.sessions.find(token, datetime.now(UTC))

import pytest

from evenhand.core.case import Role
from evenhand.core.errors import InputError, NotFoundError
from evenhand.review.accounts import Accounts
from evenhand.review.sign_in import SignIn
from fakes.hashing import quick_passwords


@pytest.fixture
def accounts(store):
    return Accounts(store.reviewers, quick_passwords())


def enter(store, name, password):
    return SignIn(store.reviewers, quick_passwords()).begin(name, password, "")


def test_whoever_got_an_account_signs_in_with_its_password(store, accounts):
    reviewer, password = accounts.create(" Ada ", Role.LEAD, actor="reviewer:9")
    assert (reviewer.name, reviewer.role) == ("ada", Role.LEAD)
    assert store.audit.list()[0].actor == "reviewer:9"
    assert enter(store, "ada", password)


def test_a_first_password_may_be_given(store, accounts):
    _, password = accounts.create("ada", Role.LEAD, password="three words in a row")
    assert password == "three words in a row"
    assert enter(store, "ada", password)


@pytest.mark.parametrize(
    ("name", "password", "code"), [("a b", "", "reviewer.name"), ("ada", "short", "password.too_short")]
)
def test_no_account_is_made_of_what_is_wrong(store, accounts, name, password, code):
    with pytest.raises(InputError) as caught:
        accounts.create(name, Role.LEAD, password=password)
    assert caught.value.code == code
    assert store.reviewers.list() == []


@pytest.mark.parametrize("given", ["", "four words in a row"])
def test_a_reset_gives_another_password(store, accounts, given):
    reviewer, old = accounts.create("ada", Role.LEAD)
    password = accounts.reset(reviewer.id, password=given, actor="reviewer:9")
    assert password == given or (not given and password != old)
    assert store.audit.list()[-1].actor == "reviewer:9"
    assert enter(store, "ada", password)


def test_an_unknown_account_is_not_reset(accounts):
    with pytest.raises(NotFoundError):
        accounts.reset(7)


def test_the_usual_cost_is_the_libraries(store):
    reviewer, _ = Accounts(store.reviewers).create("ada", Role.LEAD)
    assert "m=65536,t=3,p=4" in store.reviewers.credentials(reviewer.name).password_hash

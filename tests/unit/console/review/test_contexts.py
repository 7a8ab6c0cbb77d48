"""Templates of the console show documented fields, and all of them."""

import dataclasses
import html

import pytest

from contexts import leaves, named
from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import (
    REVIEW_CONTEXTS,
    AccountPage,
    AccountRow,
    AccountsPage,
    ErrorPage,
    FirstPassword,
    Frame,
    Link,
    NewAuthenticator,
    QrCode,
    RoleChoice,
    SignInPage,
)
from evenhand.console.views import make_templates

FIELDS = {(context, field.name): field for context in REVIEW_CONTEXTS for field in dataclasses.fields(context)}


FRAME = named(
    Frame, root="<root>/", links=(named(Link, is_current=False), Link("<address>", "<words>", is_current=True))
)
CODE = named(QrCode, size=7_001)
AUTHENTICATOR = named(NewAuthenticator, qr_code=CODE)
ACCOUNT = named(
    AccountPage,
    frame=FRAME,
    lacks_authenticator=True,
    has_authenticator=True,
    is_setting_up=True,
    authenticator=AUTHENTICATOR,
    blur_pictures=True,
    grey_pictures=True,
    mute_sound=True,
    fold_severe_text=True,
    break_after=7_002,
    refusal=named(Refusal),
)
CHOICES = (RoleChoice("<chosen>", is_chosen=True), RoleChoice("<other>", is_chosen=False))
ROW = named(AccountRow, id=7_003, severe_per_day=7_004, is_enabled=False, is_own=False, choices=CHOICES)
PAGES = {
    "pages/review_error.html": named(ErrorPage, frame=FRAME, refusal=named(Refusal)),
    "pages/review_sign_in.html": named(SignInPage, frame=FRAME, refusal=named(Refusal)),
    "pages/review_account.html": ACCOUNT,
    "pages/review_accounts.html": named(
        AccountsPage,
        frame=FRAME,
        rows=(ROW,),
        choices=CHOICES,
        first_password=named(FirstPassword),
        refusal=named(Refusal),
    ),
}


def render(name, page):
    return make_templates().get_template(name).render(page=page)


@pytest.mark.parametrize(("context", "name"), FIELDS)
def test_every_field_has_help(context, name):
    assert FIELDS[context, name].metadata["help"].endswith(".")


def test_every_context_is_frozen():
    assert all(context.__dataclass_params__.frozen for context in REVIEW_CONTEXTS)


@pytest.mark.parametrize("name", PAGES)
def test_every_documented_field_is_shown_and_escaped(name):
    rendered = render(name, PAGES[name])
    shown = html.unescape(rendered)
    assert [value for value in leaves(PAGES[name]) if value not in shown] == []
    assert [value for value in leaves(PAGES[name]) if value.startswith("<") and value in rendered] == []


@pytest.mark.parametrize("name", ["blur_pictures", "grey_pictures", "mute_sound", "fold_severe_text", "is_setting_up"])
def test_what_is_yes_or_no_makes_a_difference(name):
    page = dataclasses.replace(ACCOUNT, **{name: False})
    assert render("pages/review_account.html", page) != render("pages/review_account.html", ACCOUNT)


def test_a_page_for_nobody_has_no_menu_and_no_form_to_sign_out():
    nobody = dataclasses.replace(FRAME, name="", links=())
    shown = render("pages/review_error.html", dataclasses.replace(PAGES["pages/review_error.html"], frame=nobody))
    assert "<nav" not in shown
    assert "sign-out" not in shown

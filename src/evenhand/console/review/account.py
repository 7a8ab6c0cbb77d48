"""A reviewer's own account: password, authenticator, and how they want to see content."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import AccountPage, NewAuthenticator
from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.qr_code import qr_code_of
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.errors import AuthenticationError, EvenhandError, InputError, http_status
from evenhand.core.reviewer import MOST_CASES_TO_A_BREAK, Preferences
from evenhand.review.one_time_codes import address_of, check_secret, new_secret
from evenhand.review.sign_in import SignIn
from evenhand.store.reviewers import Reviewers

_PAGE: Final = "pages/review_account.html"
_GROUP: Final = 4
_NOTICES: Final[Mapping[str, str]] = {
    "authenticator": "The authenticator is set up. From now on you sign in with its codes too.",
    "preferences": "Your preferences are kept.",
}


class AccountPages:
    """Answers the requests of the page of one's own account, which every role has, with or without authenticator.

    Args:
        doorkeeper: Says who asks.
        sign_in: Changes passwords and authenticators.
        reviewers: Keeps preferences.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, sign_in: SignIn, reviewers: Reviewers, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._sign_in = sign_in
        self._reviewers = reviewers
        self._templates = templates

    async def show(self, request: Request) -> Response:
        """Return the page."""
        visitor = await self._doorkeeper.admit(request, needs_authenticator=False)
        return self._page(visitor, notice=_NOTICES.get(request.query_params.get("after", ""), ""))

    async def change_password(self, request: Request) -> Response:
        """Change the password, which ends all sessions, this one too."""
        visitor, fields = await self._doorkeeper.admit_form(request, needs_authenticator=False)
        new = fields.get("new", "")
        try:
            _check_same(new, fields.get("again", ""))
            await asyncio.to_thread(self._sign_in.change_password, visitor.reviewer, fields.get("password", ""), new)
        except (InputError, AuthenticationError) as error:
            return self._page(visitor, error=error)
        response = RedirectResponse("../sign-in?after=password", HTTPStatus.SEE_OTHER)
        self._doorkeeper.drop(request, response)
        return response

    async def set_authenticator(self, request: Request) -> Response:
        """Have signing in take a code, once one was given; the secret of the form stays until it is right."""
        visitor, fields = await self._doorkeeper.admit_form(request, needs_authenticator=False)
        secret = fields.get("secret", "")
        try:
            check_secret(secret)
        except InputError as error:
            return self._page(visitor, error=error)
        password, code = fields.get("password", ""), fields.get("code", "")
        try:
            await asyncio.to_thread(self._sign_in.set_authenticator, visitor.reviewer, password, secret, code)
        except (InputError, AuthenticationError) as error:
            return self._page(visitor, error=error, secret=secret)
        return RedirectResponse("../account?after=authenticator", HTTPStatus.SEE_OTHER)

    async def set_preferences(self, request: Request) -> Response:
        """Keep how the reviewer wants to see content."""
        visitor, fields = await self._doorkeeper.admit_form(request, needs_authenticator=False)
        try:
            preferences = _preferences(fields)
        except InputError as error:
            return self._page(visitor, error=error)
        reviewer = visitor.reviewer
        await asyncio.to_thread(self._reviewers.set_preferences, reviewer.id, preferences, actor=reviewer.actor)
        return RedirectResponse("../account?after=preferences", HTTPStatus.SEE_OTHER)

    def _page(
        self, visitor: Visitor, *, notice: str = "", error: EvenhandError | None = None, secret: str = ""
    ) -> Response:
        reviewer, wanted = visitor.reviewer, visitor.reviewer.preferences
        page = AccountPage(
            frame=frame_for(visitor, current="account"),
            lacks_authenticator=visitor.lacks_authenticator,
            has_authenticator=reviewer.has_authenticator,
            is_setting_up=visitor.lacks_authenticator or bool(secret),
            authenticator=_authenticator(secret or new_secret(), reviewer.name),
            blur_pictures=wanted.blur_pictures,
            grey_pictures=wanted.grey_pictures,
            mute_sound=wanted.mute_sound,
            fold_severe_text=wanted.fold_severe_text,
            break_after=wanted.break_after,
            refusal=Refusal(error.code, error.message, error.remedy) if error else None,
            notice=notice,
        )
        return show(self._templates, _PAGE, page, status=http_status(error) if error else 200)


def _authenticator(secret: str, name: str) -> NewAuthenticator:
    groups = (secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP))
    return NewAuthenticator(secret, " ".join(groups), qr_code_of(address_of(secret, name)))


def _check_same(new: str, again: str) -> None:
    """Refuse a new password that was typed in two ways.

    Raises:
        InputError: `password.differs`.
    """
    if new != again:
        raise InputError(
            "password.differs", "The new password is not the same both times.", field="again", remedy="Type it anew."
        )


def _preferences(fields: Mapping[str, str]) -> Preferences:
    """Return what the form says; a box that is not ticked is not sent.

    Raises:
        InputError: `preferences.break_after`.
    """
    given = fields.get("break_after", "")
    # Of digits, only the ASCII ones; and no more of them than fit, since long numbers take long to read.
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(MOST_CASES_TO_A_BREAK))) or (
        int(given) > MOST_CASES_TO_A_BREAK
    ):
        raise InputError(
            "preferences.break_after",
            "This is no number of cases.",
            field="break_after",
            remedy=f"Give 0 to {MOST_CASES_TO_A_BREAK}; 0 is never.",
        )
    return Preferences(
        blur_pictures="blur_pictures" in fields,
        grey_pictures="grey_pictures" in fields,
        mute_sound="mute_sound" in fields,
        fold_severe_text="fold_severe_text" in fields,
        break_after=int(given),
    )

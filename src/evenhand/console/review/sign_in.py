"""Sign in and out."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import SignInPage
from evenhand.console.review.frame import frame_for_nobody, show
from evenhand.console.review.session import Doorkeeper, read_fields, root_for
from evenhand.core.errors import AuthenticationError, http_status
from evenhand.review.sign_in import SignIn

_PAGE: Final = "pages/review_sign_in.html"
#: What the address may have the page say. It says nothing else: an address can come from anybody.
_NOTICES: Final[Mapping[str, str]] = {
    "signed-out": "You are signed out.",
    "password": "Your password is changed. Sign in with the new one.",
}


class SignInPages:
    """Answers the requests of whoever signs in or out.

    Args:
        doorkeeper: Keeps cookies.
        sign_in: Checks names, passwords and codes.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, sign_in: SignIn, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._sign_in = sign_in
        self._templates = templates

    async def ask(self, request: Request) -> Response:
        """Return the form."""
        notice = _NOTICES.get(request.query_params.get("after", ""), "")
        page = SignInPage(frame_for_nobody(root_for(request)), "", None, notice)
        return show(self._templates, _PAGE, page)

    async def enter(self, request: Request) -> Response:
        """Begin a session, or return the form with the reason why not.

        The form has no token, since there is no session yet to hold it against; a foreign page that would have a
        browser sign in is known by what the browser says of it.
        """
        self._doorkeeper.check_origin(request)
        fields = await read_fields(request)
        name = fields.get("name", "")
        try:
            token = await asyncio.to_thread(
                self._sign_in.begin,
                name,
                fields.get("password", ""),
                fields.get("code", ""),
                instead_of=self._doorkeeper.token_in(request),
            )
        except AuthenticationError as error:
            refusal = Refusal(error.code, error.message, error.remedy)
            page = SignInPage(frame_for_nobody(root_for(request)), name[:100], refusal, "")
            return show(self._templates, _PAGE, page, status=http_status(error))
        response = RedirectResponse("./", HTTPStatus.SEE_OTHER)
        self._doorkeeper.keep(request, response, token)
        return response

    async def leave(self, request: Request) -> Response:
        """End the session, and all others of the same reviewer."""
        await self._doorkeeper.admit_form(request, needs_authenticator=False)
        await self._doorkeeper.sign_out(request)
        response = RedirectResponse("sign-in?after=signed-out", HTTPStatus.SEE_OTHER)
        self._doorkeeper.drop(request, response)
        return response

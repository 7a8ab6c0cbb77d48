"""Who comes in: the cookie of a session, the roles of a page, and what proves that a form comes from our own page."""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from evenhand.console.form import FormLimits, field_in, read_form
from evenhand.core.case import Role, check_role
from evenhand.core.errors import AuthenticationError, InputError, ScopeError
from evenhand.core.reviewer import Reviewer
from evenhand.service.form import is_multipart
from evenhand.store.sessions import LASTS, Sessions

#: Whose cookie it is; over https with the prefix that keeps other hosts from setting it.
_COOKIE: Final = "evenhand"
_SECURE_COOKIE: Final = "__Host-evenhand"
_FORM_BYTES: Final = 64 * 1024
_FORM_SECONDS: Final = 30.0
#: What a browser says of a form that comes from our own page, or from nobody's.
_OUR_SITE: Final = ("same-origin", "none")

#: For whom signing in needs an authenticator, by what the setting says.
SECOND_STEP: Final[Mapping[str, frozenset[Role]]] = {
    "leads": frozenset({Role.LEAD, Role.ADMIN}),
    "all": frozenset(Role),
    "none": frozenset(),
}


class SignInNeeded(AuthenticationError):  # noqa: N818 -- it asks for something, and is answered with a form
    """There is no session, or it ended."""

    def __init__(self) -> None:
        super().__init__("session.missing", "You are not signed in, or no longer.", remedy="Sign in.")


class AuthenticatorNeeded(ScopeError):  # noqa: N818 -- as above
    """The role needs an authenticator, and there is none yet."""

    def __init__(self) -> None:
        super().__init__(
            "authenticator.missing",
            "Your role needs an authenticator.",
            remedy="Set one up on the page of your account.",
        )


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page, with a session.

    Args:
        reviewer: Who they are.
        csrf_token: What every form on the page has to carry.
        root: The way from the page to `/review/`, such as `../`; empty: it is there.
        lacks_authenticator: Whether their role needs one that they do not have: they see their account alone.
    """

    reviewer: Reviewer
    csrf_token: str
    root: str
    lacks_authenticator: bool = False


class Doorkeeper:
    """Lets in whoever has a session and the role.

    Args:
        sessions: The sessions.
        public_url: The server's address as clients see it; empty: as the request says.
        second_step: The roles that need an authenticator.
    """

    def __init__(self, sessions: Sessions, *, public_url: str, second_step: frozenset[Role]) -> None:
        self._sessions = sessions
        self._public_url = public_url
        self._second_step = second_step

    async def admit(self, request: Request, *roles: Role, needs_authenticator: bool = True) -> Visitor:
        """Return who asks.

        Args:
            request: Carries the cookie.
            roles: Those that may; none: all.
            needs_authenticator: Whether a role that needs an authenticator gets in only with one.

        Raises:
            SignInNeeded: There is no session, or it ended.
            AuthenticatorNeeded: The role needs an authenticator, and there is none yet.
            ScopeError: `role.not_allowed`.
            StoreError: The sessions cannot be read.
        """
        token = self.token_in(request)
        session = await asyncio.to_thread(self._sessions.find, token, datetime.now(UTC)) if token else None
        if session is None:
            raise SignInNeeded
        reviewer = session.reviewer
        lacks = reviewer.role in self._second_step and not reviewer.has_authenticator
        visitor = Visitor(reviewer, session.csrf_token, root_for(request), lacks)
        request.state.visitor = visitor  # for the page that says an error
        if lacks and needs_authenticator:
            raise AuthenticatorNeeded
        if roles:
            check_role(reviewer.role, roles)
        return visitor

    async def admit_form(
        self, request: Request, *roles: Role, needs_authenticator: bool = True
    ) -> tuple[Visitor, Mapping[str, str]]:
        """Return who sent a form, and its fields, each with what was given last.

        Raises:
            InputError: As `read_fields`.
            ScopeError: `csrf.invalid` where the form does not come from a page of this session; and as `admit`.
            EvenhandError: As `admit`.
        """
        self.check_origin(request)
        visitor = await self.admit(request, *roles, needs_authenticator=needs_authenticator)
        fields = await read_fields(request)
        # As bytes: of texts, only those in ASCII can be compared in constant time.
        if not hmac.compare_digest(fields.get("csrf", "").encode(), visitor.csrf_token.encode()):
            raise _foreign_form()
        return visitor, fields

    def check_origin(self, request: Request) -> None:
        """Refuse what a browser says comes from another site.

        Without a word about it the form's token decides. `null` is such a word: browsers that know no
        `Sec-Fetch-Site`, or over plain http, say it of our own pages, since those send no referrer.

        Raises:
            ScopeError: `csrf.invalid`.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            is_ours = site in _OUR_SITE
        else:
            origin = request.headers.get("origin", "null")
            ours = {request.headers.get("host", ""), urlsplit(self._public_url).netloc} - {""}
            is_ours = origin == "null" or urlsplit(origin).netloc in ours
        if not is_ours:
            raise _foreign_form()

    def token_in(self, request: Request) -> str:
        """Return the cookie that `request` carries; empty where it has none."""
        return request.cookies.get(self._cookie(request), "")

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Have the browser keep the cookie of a session that begins.

        Lax: with strict, whoever follows a link from a mail or a chat would be signed out. No address changes anything
        when it is only followed, and every form carries its token.
        """
        is_secure = self._is_secure(request)
        response.set_cookie(
            self._cookie(request),
            token,
            round(LASTS.total_seconds()),  # by place: the name for it says something else to the gate of names
            secure=is_secure,
            httponly=True,
            samesite="lax",
        )

    async def sign_out(self, request: Request) -> None:
        """End the session that `request` comes with, and all others of the same reviewer.

        Raises:
            StoreError: The sessions cannot be written.
        """
        await asyncio.to_thread(self._sessions.sign_out, self.token_in(request), datetime.now(UTC))

    def drop(self, request: Request, response: Response) -> None:
        """Have the browser forget the cookie."""
        response.delete_cookie(self._cookie(request), secure=self._is_secure(request), httponly=True, samesite="lax")

    def _cookie(self, request: Request) -> str:
        return _SECURE_COOKIE if self._is_secure(request) else _COOKIE

    def _is_secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self._public_url.startswith("https://")


async def read_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form without files, each with what was given last.

    Raises:
        InputError: `form.type`, and as `console.form.read_form`.
        TooLargeError: It is over 64 KiB.
    """
    if is_multipart(request):
        raise InputError("form.type", "This form has no files.", remedy="Send it as application/x-www-form-urlencoded.")
    form = await read_form(request, limits=FormLimits(_FORM_BYTES, _FORM_SECONDS))
    return {name: field_in(form.fields, name) for name in form.fields}


def root_for(request: Request) -> str:
    """Return the way from the request's address to `/review/`; every address is relative, for proxies' sake."""
    below = str(request.scope["path"]).removeprefix("/review/")
    return "../" * below.count("/")


def _foreign_form() -> ScopeError:
    return ScopeError(
        "csrf.invalid",
        "The form does not come from a page of your session.",
        remedy="Load the page anew and send it again.",
    )

"""All accounts, for admins: make, disable, reset, and say what each may do."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import AccountRow, AccountsPage, FirstPassword, RoleChoice
from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.case import Role
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, http_status
from evenhand.core.reviewer import Reviewer
from evenhand.review.accounts import Accounts
from evenhand.store.reviewers import Reviewers

_PAGE: Final = "pages/review_accounts.html"
_MOST_DIGITS: Final = 9
_NOTICES: Final[Mapping[str, str]] = {"change": "The account is changed."}


class AccountsPages:
    """Answers the requests of the page of all accounts.

    Args:
        doorkeeper: Says who asks.
        accounts: Makes and resets accounts.
        reviewers: The accounts.
        templates: Of the pages.
    """

    def __init__(
        self, doorkeeper: Doorkeeper, accounts: Accounts, reviewers: Reviewers, templates: Environment
    ) -> None:
        self._doorkeeper = doorkeeper
        self._accounts = accounts
        self._reviewers = reviewers
        self._templates = templates

    async def show(self, request: Request) -> Response:
        """Return the page."""
        visitor = await self._doorkeeper.admit(request, Role.ADMIN)
        return await self._page(visitor, notice=_NOTICES.get(request.query_params.get("after", ""), ""))

    async def create(self, request: Request) -> Response:
        """Make an account and return the page with its first password, this once."""
        visitor, fields = await self._doorkeeper.admit_form(request, Role.ADMIN)
        try:
            reviewer, password = await asyncio.to_thread(
                self._accounts.create, fields.get("name", ""), _role(fields), actor=visitor.reviewer.actor
            )
        except InputError as error:
            return await self._page(visitor, error=error)
        return await self._page(visitor, first_password=FirstPassword(reviewer.name, password))

    async def reset(self, request: Request) -> Response:
        """Give an account a new first password and return the page with it, this once."""
        visitor, fields = await self._doorkeeper.admit_form(request, Role.ADMIN)
        try:
            reviewer = await self._other(visitor, fields)
            password = await asyncio.to_thread(self._accounts.reset, reviewer.id, actor=visitor.reviewer.actor)
        except InputError as error:
            return await self._page(visitor, error=error)
        return await self._page(visitor, first_password=FirstPassword(reviewer.name, password))

    async def change(self, request: Request) -> Response:
        """Change the role, the daily limit, and whether the account may be signed in to, as far as they differ."""
        visitor, fields = await self._doorkeeper.admit_form(request, Role.ADMIN)
        try:
            reviewer = await self._other(visitor, fields)
            role, limit = _role(fields), _number(fields, "severe_per_day")
            await asyncio.to_thread(
                self._change, reviewer, role, limit, is_enabled="is_enabled" in fields, actor=visitor.reviewer.actor
            )
        except InputError as error:
            return await self._page(visitor, error=error)
        return RedirectResponse("../accounts?after=change", HTTPStatus.SEE_OTHER)

    def _change(self, reviewer: Reviewer, role: Role, limit: int, *, is_enabled: bool, actor: str) -> None:
        if limit != reviewer.severe_per_day:
            self._reviewers.set_severe_per_day(reviewer.id, limit, actor=actor)
        if role is not reviewer.role:
            self._reviewers.set_role(reviewer.id, role, actor=actor)
        if is_enabled is not reviewer.is_enabled:
            self._reviewers.set_enabled(reviewer.id, is_enabled=is_enabled, actor=actor)

    async def _other(self, visitor: Visitor, fields: Mapping[str, str]) -> Reviewer:
        """Return the account that a form is about, which is not the admin's own.

        Raises:
            InputError: `reviewer.own`: nobody locks themselves out by mistake.
            NotFoundError: `reviewer.not_found`.
        """
        reviewer_id = _number(fields, "id")
        if reviewer_id == visitor.reviewer.id:
            raise InputError(
                "reviewer.own",
                "This is your own account.",
                field="id",
                remedy="Have another admin do it, or use `evenhand reviewers`.",
            )
        found = await asyncio.to_thread(self._reviewers.find, reviewer_id)
        if found is None:
            raise NotFoundError(
                "reviewer.not_found", "There is no such account.", field="id", remedy="Load the page anew."
            )
        return found

    async def _page(
        self,
        visitor: Visitor,
        *,
        notice: str = "",
        error: EvenhandError | None = None,
        first_password: FirstPassword | None = None,
    ) -> Response:
        reviewers = await asyncio.to_thread(self._reviewers.list)
        page = AccountsPage(
            frame=frame_for(visitor, current="accounts"),
            rows=tuple(_row(reviewer, is_own=reviewer.id == visitor.reviewer.id) for reviewer in reviewers),
            choices=_choices(Role.REVIEWER),
            first_password=first_password,
            refusal=Refusal(error.code, error.message, error.remedy) if error else None,
            notice=notice,
        )
        return show(self._templates, _PAGE, page, status=http_status(error) if error else 200)


def _row(reviewer: Reviewer, *, is_own: bool) -> AccountRow:
    return AccountRow(
        id=reviewer.id,
        name=reviewer.name,
        role=reviewer.role,
        is_enabled=reviewer.is_enabled,
        second_step="password and code" if reviewer.has_authenticator else "password alone",
        severe_per_day=reviewer.severe_per_day,
        is_own=is_own,
        choices=_choices(reviewer.role),
    )


def _choices(chosen: Role) -> tuple[RoleChoice, ...]:
    return tuple(RoleChoice(role, role is chosen) for role in Role)


def _role(fields: Mapping[str, str]) -> Role:
    """Return the role that a form gives.

    Raises:
        InputError: `role.unknown`.
    """
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise InputError(
            "role.unknown", "There is no such role.", field="role", remedy=f"Give {', '.join(Role)}."
        ) from None


def _number(fields: Mapping[str, str], name: str) -> int:
    """Return the whole number that a form gives.

    Raises:
        InputError: `field.invalid`.
    """
    given = fields.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise InputError("field.invalid", "This is no whole number.", field=name, remedy="Give digits alone.")
    return int(given)

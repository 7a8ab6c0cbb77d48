"""Queues and cases: take the next one, look, rule, go on."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.review.case_contexts import QueuesPage
from evenhand.console.review.case_page import case_page, queue_line, today_line
from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.case import REFERRALS, CaseKind
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import InputError
from evenhand.policy.policy import Policy
from evenhand.review.casework import RULING_ROLES, Casework
from evenhand.store.rulings import Alike, NewRuling

Chosen = TypeVar("Chosen")

_QUEUES: Final = "pages/review_queues.html"
_CASE: Final = "pages/review_case.html"

#: What the address may have the page say. It says nothing else: an address can come from anybody.
_NOTICES: Final[Mapping[str, str]] = {
    "ruled": "Your ruling is kept.",
    "many": "Your ruling is kept, for the cases that are alike too.",
    "skipped": "You do not get that case again for a while.",
    "written": "The author can read your message.",
    "released": "The case is back in its queue.",
    "late": "That case was closed, or somebody else had it by then, so nothing was changed.",
    "empty": "There is no case for you in that queue.",
}

#: So that a page cannot be used to draw a reviewer's picture on another site, and no picture becomes a page.
_PICTURE_HEADERS: Final = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}


class CasePages:
    """Answers the requests of the pages of queues and cases.

    Args:
        doorkeeper: Says who asks.
        casework: Does what they ask for.
        templates: Of the pages.
        policy_for: Finds the policy that made a decision, for its thresholds.
    """

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        casework: Casework,
        templates: Environment,
        policy_for: Callable[[Decision], Policy],
    ) -> None:
        self._doorkeeper = doorkeeper
        self._casework = casework
        self._templates = templates
        self._policy_for = policy_for

    async def queues(self, request: Request) -> Response:
        """Return the queues, and what the reviewer was shown today."""
        visitor = await self._doorkeeper.admit(request)
        return await asyncio.to_thread(self._queues, visitor, _notice(request))

    async def next(self, request: Request) -> Response:
        """Send the reviewer to the case that they have, or to the next one of a queue."""
        visitor, fields = await self._doorkeeper.admit_form(request, *RULING_ROLES)
        case_id = await self._next(visitor, fields.get("queue", ""))
        return _see(f"cases/{case_id}" if case_id else "./?after=empty")

    async def show(self, request: Request) -> Response:
        """Return the page of a case."""
        visitor = await self._doorkeeper.admit(request)
        return await asyncio.to_thread(self._case, visitor, request.path_params["id"], _notice(request))

    async def picture(self, request: Request) -> Response:
        """Return a picture of a case."""
        visitor = await self._doorkeeper.admit(request)
        place = request.path_params
        data = await asyncio.to_thread(
            self._casework.picture, visitor.reviewer, place["id"], place["image"], place["frame"]
        )
        return Response(data, media_type="image/jpeg", headers=_PICTURE_HEADERS)

    async def rule(self, request: Request) -> Response:
        """Keep a ruling, and send the reviewer to the next case of the same queue."""
        visitor, fields = await self._doorkeeper.admit_form(request, *RULING_ROLES)
        ruling = _ruling_in(fields)
        try:
            after = await asyncio.to_thread(self._rule, visitor, request.path_params["id"], ruling, fields)
        except InputError as error:
            if error.code != "case.not_yours":
                raise
            after = "late"
        return await self._go_on(visitor, fields, after)

    async def write(self, request: Request) -> Response:
        """Write to the author in an appeal, and show the case again."""
        visitor, fields = await self._doorkeeper.admit_form(request, *RULING_ROLES)
        case_id = request.path_params["id"]
        now = datetime.now(UTC)
        await asyncio.to_thread(self._casework.write, visitor.reviewer, case_id, fields.get("text", ""), now)
        return _see(f"../{quote(case_id)}?after=written")

    async def skip(self, request: Request) -> Response:
        """Pass a case by, and send the reviewer to the next one of the same queue."""
        visitor, fields = await self._doorkeeper.admit_form(request, *RULING_ROLES)
        was_theirs = await asyncio.to_thread(
            self._casework.skip, visitor.reviewer, request.path_params["id"], datetime.now(UTC)
        )
        return await self._go_on(visitor, fields, "skipped" if was_theirs else "late")

    async def release(self, request: Request) -> Response:
        """Put a case back, and send the reviewer to the queues."""
        visitor, _ = await self._doorkeeper.admit_form(request, *RULING_ROLES)
        was_theirs = await asyncio.to_thread(self._casework.release, visitor.reviewer, request.path_params["id"])
        return _see(f"../../?after={'released' if was_theirs else 'late'}")

    async def _go_on(self, visitor: Visitor, fields: Mapping[str, str], after: str) -> Response:
        case_id = await self._next(visitor, fields.get("queue", ""))
        return _see(f"../{case_id}?after={after}" if case_id else f"../../?after={after}")

    async def _next(self, visitor: Visitor, queue: str) -> str:
        case = await asyncio.to_thread(self._casework.next, visitor.reviewer, queue, datetime.now(UTC))
        return quote(case.id) if case else ""

    def _rule(self, visitor: Visitor, case_id: str, ruling: NewRuling, fields: Mapping[str, str]) -> str:
        now = datetime.now(UTC)
        made = self._casework.rule(visitor.reviewer, case_id, ruling, now, is_golden="golden" in fields)
        return "many" if len(made) > 1 else "ruled"

    def _queues(self, visitor: Visitor, notice: str) -> Response:
        now = datetime.now(UTC)
        may_rule = visitor.reviewer.role in RULING_ROLES
        held = self._casework.held(visitor.reviewer, now)
        page = QueuesPage(
            frame=frame_for(visitor, current="./"),
            notice=notice,
            queues=tuple(queue_line(count, now) for count in self._casework.queues()),
            held_address=f"cases/{held.id}" if held else "",
            may_rule=may_rule,
            today=today_line(self._casework.today(visitor.reviewer, now)),
        )
        return show(self._templates, _QUEUES, page)

    def _case(self, visitor: Visitor, case_id: str, notice: str) -> Response:
        file = self._casework.file(visitor.reviewer, case_id, datetime.now(UTC))
        today = self._casework.today(visitor.reviewer, datetime.now(UTC))
        page = case_page(visitor, file, today, policy_for=self._policy_for, notice=notice)
        return show(self._templates, _CASE, page)


def _ruling_in(fields: Mapping[str, str]) -> NewRuling:
    """Return what the form says.

    Raises:
        InputError: `field.invalid`; `Casework.rule` checks what it means.
    """
    action = _choice(fields, "action", {str(action): action for action in Action})
    refer: CaseKind | None = _choice(fields, "refer", {"": None, **{str(kind): kind for kind in REFERRALS}})
    return NewRuling(
        action=action,
        reason="" if action is Action.REVIEW else fields.get(f"reason_{action}", ""),
        note=fields.get("note", "").strip(),
        refer=refer,
        outcome=fields.get("outcome", "").strip(),
        alike=_choice(fields, "alike", {"": Alike.NONE, **{str(alike): alike for alike in Alike}}),
    )


def _choice(fields: Mapping[str, str], name: str, choices: Mapping[str, Chosen]) -> Chosen:
    given = fields.get(name, "")
    if given not in choices:
        raise InputError(
            "field.invalid",
            "This is none of the choices.",
            field=name,
            remedy=f"Give one of: {', '.join(filter(None, choices))}.",
        )
    return choices[given]


def _notice(request: Request) -> str:
    return _NOTICES.get(request.query_params.get("after", ""), "")


def _see(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)

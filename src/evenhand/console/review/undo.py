"""Undo: first what would be taken back, then the same with the button that does it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.contexts import Refusal
from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.record_contexts import UndoPage, UndoPreview
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.decision import Action
from evenhand.core.errors import EvenhandError, InputError, http_status
from evenhand.review.casework import LEADING_ROLES, MAX_NOTE
from evenhand.review.undo import Undo, UndoPlan

_PAGE: Final = "pages/review_undo.html"
_EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the form says, as it was typed."""

    decision: str = ""
    rule: str = ""
    since: str = ""
    until: str = ""
    note: str = ""


class UndoPages:
    """Answers the requests of the page of undo.

    Args:
        doorkeeper: Says who asks.
        undo: Takes decisions back.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, undo: Undo, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._undo = undo
        self._templates = templates

    async def ask(self, request: Request) -> Response:
        """Return the form."""
        visitor = await self._doorkeeper.admit(request, *LEADING_ROLES)
        count = request.query_params.get("undone", "")
        notice = f"{int(count)} decisions were taken back." if count.isascii() and count.isdigit() else ""
        return self._page(visitor, _Wish(), notice=notice)

    async def preview(self, request: Request) -> Response:
        """Return what the undo would take back, with the button that does it."""
        visitor, fields = await self._doorkeeper.admit_form(request, *LEADING_ROLES)
        wish = _wish_in(fields, until=datetime.now(UTC).isoformat(timespec="microseconds"))
        try:
            plan = await asyncio.to_thread(self._plan, wish)
        except InputError as error:
            return self._page(visitor, wish, error=error)
        return self._page(visitor, wish, plan=plan)

    async def carry_out(self, request: Request) -> Response:
        """Take back what the preview showed."""
        visitor, fields = await self._doorkeeper.admit_form(request, *LEADING_ROLES)
        wish = _wish_in(fields, until=fields.get("until", ""))
        try:
            count = await asyncio.to_thread(self._carry_out, visitor, wish)
        except InputError as error:
            return self._page(visitor, wish, error=error)
        return RedirectResponse(f"../undo?undone={count}", HTTPStatus.SEE_OTHER)

    def _carry_out(self, visitor: Visitor, wish: _Wish) -> int:
        plan = self._plan(wish)
        return self._undo.carry_out(plan, reviewer_id=visitor.reviewer.id, note=wish.note, now=datetime.now(UTC))

    def _plan(self, wish: _Wish) -> UndoPlan:
        if len(wish.note) > MAX_NOTE:
            raise InputError("ruling.note", f"The note is over {MAX_NOTE} characters.", field="note")
        if bool(wish.decision) == bool(wish.rule):
            raise InputError(
                "undo.what", "It is one decision, or all of one rule.", field="decision", remedy="Give one of the two."
            )
        if wish.decision:
            return self._undo.of_one(wish.decision)
        since, until = _time(wish.since, "since"), _time(wish.until, "until")
        return self._undo.of_rule(wish.rule, since=since, until=until)

    def _page(
        self,
        visitor: Visitor,
        wish: _Wish,
        *,
        notice: str = "",
        error: EvenhandError | None = None,
        plan: UndoPlan | None = None,
    ) -> Response:
        page = UndoPage(
            frame=frame_for(visitor, current="undo"),
            notice=notice,
            refusal=Refusal(error.code, error.message, error.remedy) if error else None,
            decision=wish.decision,
            rule=wish.rule,
            since=wish.since,
            until=wish.until if plan else "",
            note=wish.note,
            preview=_preview(wish, plan) if plan else None,
        )
        return show(self._templates, _PAGE, page, status=http_status(error) if error else 200)


def _wish_in(fields: Mapping[str, str], *, until: str) -> _Wish:
    typed = {name: fields.get(name, "").strip() for name in ("decision", "rule", "since", "note")}
    return _Wish(**typed, until=until)


def _time(given: str, field: str) -> datetime:
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise InputError("undo.time", "This is no day.", field=field, remedy="Give one such as 2026-11-26.") from None
    return time.replace(tzinfo=time.tzinfo or UTC)


def _preview(wish: _Wish, plan: UndoPlan) -> UndoPreview:
    return UndoPreview(
        what=f"decision {wish.decision}" if wish.decision else f"what {wish.rule} decided since {wish.since}",
        reviewed=plan.standing.get(Action.REVIEW, 0),
        blocked=plan.standing.get(Action.BLOCK, 0),
        examples=tuple(plan.decision_ids[:_EXAMPLES]),
    )

"""Golden cases: what is right of each, who ruled how, and a button that retires one."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evenhand.console.contexts import Refusal
from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.record_contexts import GoldenAnswerLine, GoldenLine, GoldenPage
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.decision import Action
from evenhand.core.errors import EvenhandError, NotFoundError, http_status
from evenhand.review.casework import LEADING_ROLES
from evenhand.store.golden import GoldenAnswer, GoldenCase
from evenhand.store.store import Store

_PAGE: Final = "pages/review_golden.html"
_NOTICES: Final[Mapping[str, str]] = {"retired": "The golden case is retired: nobody gets it any more."}
#: Golden cases that the page shows.
MOST_LINES: Final = 200


class GoldenPages:
    """Answers the requests of the page of golden cases.

    Args:
        doorkeeper: Says who asks.
        store: Where golden cases are.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, store: Store, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._store = store
        self._templates = templates

    async def show(self, request: Request) -> Response:
        """Return the page."""
        visitor = await self._doorkeeper.admit(request, *LEADING_ROLES)
        notice = _NOTICES.get(request.query_params.get("after", ""), "")
        return await asyncio.to_thread(self._page, visitor, notice=notice)

    async def retire(self, request: Request) -> Response:
        """Retire one, and send the lead back to the page."""
        visitor, fields = await self._doorkeeper.admit_form(request, *LEADING_ROLES)
        try:
            await asyncio.to_thread(
                self._store.golden.retire,
                fields.get("decision", ""),
                reviewer_id=visitor.reviewer.id,
                now=datetime.now(UTC),
            )
        except NotFoundError as error:
            return await asyncio.to_thread(self._page, visitor, error=error)
        return RedirectResponse("../golden?after=retired", HTTPStatus.SEE_OTHER)

    def _page(self, visitor: Visitor, *, notice: str = "", error: EvenhandError | None = None) -> Response:
        names = self._store.numbers.names()
        page = GoldenPage(
            frame=frame_for(visitor, current="golden"),
            notice=notice,
            refusal=Refusal(error.code, error.message, error.remedy) if error else None,
            lines=tuple(_line(each, names, visitor.root) for each in self._store.golden.list(limit=MOST_LINES)),
        )
        return show(self._templates, _PAGE, page, status=http_status(error) if error else 200)


def _line(golden: GoldenCase, names: Mapping[int, str], root: str) -> GoldenLine:
    answers = tuple(_answer_line(answer, golden, names) for answer in golden.answers)
    return GoldenLine(
        decision_id=golden.decision_id,
        right=f"{golden.action}: {golden.reason}",
        name=_name(golden.reviewer_id, names),
        at=_minute(golden.created_at),
        address=f"{root}cases/{golden.case_id}" if golden.case_id else "",
        answers=answers,
        agreed=sum(answer.is_right for answer in answers),
    )


def _answer_line(answer: GoldenAnswer, golden: GoldenCase, names: Mapping[int, str]) -> GoldenAnswerLine:
    return GoldenAnswerLine(
        name=_name(answer.reviewer_id, names),
        said="cannot tell" if answer.action is Action.REVIEW else f"{answer.action}: {answer.reason}",
        at=_minute(answer.at),
        # As the numbers have it: the action counts, and not the reason.
        is_right=answer.action is golden.action,
    )


def _name(reviewer_id: int, names: Mapping[int, str]) -> str:
    return names.get(reviewer_id, f"reviewer {reviewer_id}")


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"

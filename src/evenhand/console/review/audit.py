"""The audit, for those who may see it: the newest rows, and whether all of it is as it was written."""

import asyncio
import json
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.record_contexts import AuditLine, AuditPage, FaultLine
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.review.casework import SEEING_ROLES
from evenhand.store.audit import Audit
from evenhand.store.records import AuditReport, AuditRow

_PAGE: Final = "pages/review_audit.html"
_ROWS: Final = 100


class AuditPages:
    """Answers the requests of the page of the audit.

    Args:
        doorkeeper: Says who asks.
        audit: The rows.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, audit: Audit, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._audit = audit
        self._templates = templates

    async def show(self, request: Request) -> Response:
        """Return the newest rows."""
        visitor = await self._doorkeeper.admit(request, *SEEING_ROLES)
        return await asyncio.to_thread(self._page, visitor, None)

    async def verify(self, request: Request) -> Response:
        """Return them, and what came of looking through all of it."""
        visitor, _ = await self._doorkeeper.admit_form(request, *SEEING_ROLES)
        report = await asyncio.to_thread(self._audit.verify)
        return await asyncio.to_thread(self._page, visitor, report)

    def _page(self, visitor: Visitor, report: AuditReport | None) -> Response:
        page = AuditPage(
            frame=frame_for(visitor, current="audit"),
            lines=tuple(map(_line, self._audit.newest(_ROWS))),
            report=_in_words(report) if report else "",
            faults=tuple(FaultLine(fault.first, fault.last, fault.kind) for fault in report.faults) if report else (),
        )
        return show(self._templates, _PAGE, page)


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        sequence=row.sequence,
        at=f"{row.at:%Y-%m-%d %H:%M:%S}",
        actor=row.actor,
        act=row.act,
        subject=row.subject,
        details=json.dumps(row.details, ensure_ascii=False),
    )


def _in_words(report: AuditReport) -> str:
    if report.faults:
        return "The audit is not as it was written."
    earlier = f" {report.unchained} rows are from before there was a chain." if report.unchained else ""
    return f"All {report.rows} rows are as they were written, and none is missing.{earlier}"

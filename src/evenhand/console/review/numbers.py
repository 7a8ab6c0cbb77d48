"""Numbers for leads, as plots, tables and CSV, and the transparency report."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from evenhand.console.review.frame import frame_for, show
from evenhand.console.review.number_contexts import NumbersPage, NumberTable, TransparencyPage
from evenhand.console.review.plots import bars_of, lines_of
from evenhand.console.review.session import Doorkeeper, Visitor
from evenhand.core.errors import InputError, NotFoundError
from evenhand.review.casework import SEEING_ROLES
from evenhand.review.numbers import numbers
from evenhand.review.tables import Table, as_csv, as_page, number_tables, transparency_tables
from evenhand.review.transparency import transparency
from evenhand.store.numbers import Period
from evenhand.store.store import Store

_NUMBERS: Final = "pages/review_numbers.html"
_TRANSPARENCY: Final = "pages/review_transparency.html"
_CHOICES: Final = (7, 30, 90)
_DAYS: Final = 30
_YEAR: Final = 365


class NumberPages:
    """Answers the requests of the pages of numbers.

    Args:
        doorkeeper: Says who asks.
        store: Where numbers come from.
        templates: Of the pages.
    """

    def __init__(self, doorkeeper: Doorkeeper, store: Store, templates: Environment) -> None:
        self._doorkeeper = doorkeeper
        self._store = store
        self._templates = templates

    async def show(self, request: Request) -> Response:
        """Return the numbers of the last days."""
        visitor = await self._doorkeeper.admit(request, *SEEING_ROLES)
        return await asyncio.to_thread(self._page, visitor, _days(request))

    async def csv(self, request: Request) -> Response:
        """Return one of the tables as CSV."""
        await self._doorkeeper.admit(request, *SEEING_ROLES)
        name, days = request.path_params["name"], _days(request)
        found = await asyncio.to_thread(numbers, self._store, _last(days))
        for table in number_tables(found):
            if table.name == name:
                headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
                return Response(as_csv(table), media_type="text/csv", headers=headers)
        raise NotFoundError("table.not_found", "There is no such table.", field="name")

    async def transparency(self, request: Request) -> Response:
        """Return the transparency report as a page, or alone as a file."""
        visitor = await self._doorkeeper.admit(request, *SEEING_ROLES)
        period = _asked(request)
        tables = transparency_tables(await asyncio.to_thread(transparency, self._store, period))
        first, last = f"{period.since:%Y-%m-%d}", f"{period.until - timedelta(days=1):%Y-%m-%d}"
        if "file" in request.query_params:
            headers = {"content-disposition": f'attachment; filename="transparency-{first}-{last}.html"'}
            return HTMLResponse(as_page(f"Transparency report, {first} to {last}", tables), headers=headers)
        page = TransparencyPage(frame_for(visitor, current="transparency"), first, last, _shown(tables))
        return show(self._templates, _TRANSPARENCY, page)

    def _page(self, visitor: Visitor, days: int) -> Response:
        period = _last(days)
        found = numbers(self._store, period)
        bars, most = bars_of(found.volume, period.since.date(), days)
        page = NumbersPage(
            frame=frame_for(visitor, current="numbers"),
            days=days,
            choices=_CHOICES,
            most=most,
            bars=bars,
            lines=lines_of(found.drift),
            tables=_shown(number_tables(found), f"numbers/{{}}.csv?days={days}"),
        )
        return show(self._templates, _NUMBERS, page)


def _shown(tables: Iterable[Table], address: str = "") -> tuple[NumberTable, ...]:
    """Return `tables` for a page; in `address`, `{}` stands for the table's name."""
    return tuple(
        NumberTable(table.name, table.title, table.columns, table.rows, address.format(table.name)) for table in tables
    )


def _days(request: Request) -> int:
    given = request.query_params.get("days", str(_DAYS))
    if given not in map(str, _CHOICES):
        raise InputError("numbers.days", "This is none of the choices.", field="days", remedy="Give 7, 30 or 90.")
    return int(given)


def _last(days: int) -> Period:
    """Return the last so many days in UTC, today with them."""
    tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Period(tomorrow - timedelta(days=days), tomorrow)


def _asked(request: Request) -> Period:
    whole = _last(_YEAR)
    since, until = (request.query_params.get(name, "") for name in ("from", "to"))
    period = Period(
        _day(since, "from") if since else whole.since,
        _day(until, "to") + timedelta(days=1) if until else whole.until,
    )
    if period.since >= period.until:
        raise InputError("numbers.period", "The period ends before it begins.", field="to", remedy="Give a later day.")
    return period


def _day(given: str, field: str) -> datetime:
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InputError("numbers.day", "This is no day.", field=field, remedy="Give one such as 2026-11-26.") from None

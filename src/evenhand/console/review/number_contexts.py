"""What the templates of numbers may show, as `console/contexts.py` says."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from evenhand.console.review.contexts import Frame


def _field(help_text: str) -> Any:
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the plot of decisions by day."""

    action: str = _field("allow, review or block.")
    x: str = _field("Its left side, in percent of the plot.")
    y: str = _field("Its upper side, in percent.")
    width: str = _field("In percent.")
    height: str = _field("In percent.")
    words: str = _field("Day, action and number, for who points at it.")


@dataclass(frozen=True, slots=True)
class Line:
    """How a label's scores went from week to week."""

    label: str = _field("The label.")
    points: str = _field("Where the line goes, in a square of 100 by 100, for SVG.")
    last: str = _field("The newest value.")


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A table of numbers."""

    name: str = _field("Stable, for its file.")
    title: str = _field("What it tells.")
    columns: tuple[str, ...] = _field("What stands above each column.")
    rows: tuple[tuple[str, ...], ...] = _field("Below it, cell by cell.")
    address: str = _field("Where it is as CSV, as the page sees it; empty: nowhere.")


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """Numbers for leads."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    days: int = _field("How many days count.")
    choices: tuple[int, ...] = _field("How many could.")
    most: int = _field("The most decisions on a day, for the plot.")
    bars: tuple[Bar, ...] = _field("The plot of decisions by day.")
    lines: tuple[Line, ...] = _field("The plots of scores by week: what nine of ten do not exceed.")
    tables: tuple[NumberTable, ...] = _field("All numbers.")


@dataclass(frozen=True, slots=True)
class TransparencyPage:
    """The transparency report."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    first: str = _field("The first day.")
    last: str = _field("The last day.")
    tables: tuple[NumberTable, ...] = _field("What was decided.")


NUMBER_CONTEXTS = (Bar, Line, NumberTable, NumbersPage, TransparencyPage)

"""What the templates of numbers may show, as `console/contexts.py` says."""

from dataclasses import dataclass

from evenhand.console.contexts import shown
from evenhand.console.review.contexts import Frame


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the plot of decisions by day."""

    action: str = shown("allow, review or block.")
    x: str = shown("Its left side, in percent of the plot.")
    y: str = shown("Its upper side, in percent.")
    width: str = shown("In percent.")
    height: str = shown("In percent.")
    words: str = shown("Day, action and number, for who points at it.")


@dataclass(frozen=True, slots=True)
class Line:
    """How a label's scores went from week to week."""

    label: str = shown("The label.")
    points: str = shown("Where the line goes, in a square of 100 by 100, for SVG.")
    last: str = shown("The newest value.")


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A table of numbers."""

    name: str = shown("Stable, for its file.")
    title: str = shown("What it tells.")
    columns: tuple[str, ...] = shown("What stands above each column.")
    rows: tuple[tuple[str, ...], ...] = shown("Below it, cell by cell.")
    address: str = shown("Where it is as CSV, as the page sees it; empty: nowhere.")


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """Numbers for leads."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    days: int = shown("How many days count.")
    choices: tuple[int, ...] = shown("How many could.")
    most: int = shown("The most decisions on a day, for the plot.")
    bars: tuple[Bar, ...] = shown("The plot of decisions by day.")
    lines: tuple[Line, ...] = shown("The plots of scores by week: what nine of ten do not exceed.")
    tables: tuple[NumberTable, ...] = shown("All numbers.")


@dataclass(frozen=True, slots=True)
class TransparencyPage:
    """The transparency report."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    first: str = shown("The first day.")
    last: str = shown("The last day.")
    tables: tuple[NumberTable, ...] = shown("What was decided.")


NUMBER_CONTEXTS = (Bar, Line, NumberTable, NumbersPage, TransparencyPage)

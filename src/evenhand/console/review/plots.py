"""Plots of numbers, as places in percent: the templates draw them, and tables beneath say the same."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from evenhand.console.review.number_contexts import Bar, Line
from evenhand.core.decision import Action
from evenhand.review.numbers import Drift, Volume

#: What a bar leaves free of its day.
_GAP: Final = 0.2


def bars_of(volume: Sequence[Volume], first: date, days: int) -> tuple[tuple[Bar, ...], int]:
    """Return a stack of bars for each of so many days, strictest below, and the most decisions on a day."""
    counts = {(each.day, each.action): each.decisions for each in volume}
    shown = [first + timedelta(days=number) for number in range(days)]
    totals = {day: sum(counts.get((day, action), 0) for action in Action) for day in shown}
    most = max(totals.values(), default=0)
    bars = []
    for place, day in enumerate(shown):
        below = 0
        for action in reversed(Action):
            count = counts.get((day, action), 0)
            if count:
                below += count
                bars.append(
                    Bar(
                        action=str(action),
                        x=_percent(place / days),
                        y=_percent(1 - below / most),
                        width=_percent((1 - _GAP) / days),
                        height=_percent(count / most),
                        words=f"{day}: {count} {action}",
                    )
                )
    return tuple(bars), most


def lines_of(drift: Sequence[Drift]) -> tuple[Line, ...]:
    """Return a line for each label that has scores in two weeks or more."""
    by_label: dict[str, list[Drift]] = defaultdict(list)
    for each in drift:
        by_label[each.label].append(each)
    return tuple(
        Line(str(label), _points([each.p90 for each in weeks]), f"{weeks[-1].p90:.2f}")
        for label, weeks in sorted(by_label.items())
        if len(weeks) > 1
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"


def _points(values: Sequence[float]) -> str:
    step = 100 / (len(values) - 1)
    return " ".join(f"{place * step:.2f},{100 * (1 - value):.2f}" for place, value in enumerate(values))

"""Plots of many groups as SVG that stands in the page: a dot with its interval for each, on a scale that fits."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from evenhand.audit.measures import Estimate

_WIDTH: Final = 560
_NAMES: Final = 190
_SIDE: Final = 330
_TOP: Final = 34
_LINE: Final = 18
_LONGEST: Final = 28
_TICKS: Final = 4


def dots(title: str, description: str, *, axis: str, rows: Sequence[tuple[str, Estimate]], unit: float = 100) -> Markup:
    """Return a dot with its interval for each row that has a value.

    Args:
        title: What is shown; tells the plots of a page apart.
        description: The same in words, for those who do not see it.
        axis: What the scale is.
        rows: Name and estimate, from the top.
        unit: By what values are multiplied on the scale.
    """
    told = [(name, one) for name, one in rows if one.value is not None]
    low, step = _scale([end * unit for _, one in told for end in (one.low or 0.0, one.high or 0.0)])
    bottom = _TOP + _LINE * len(told)

    def across(value: float) -> str:
        return f"{_NAMES + _SIDE * (value * unit - low) / (step * _TICKS):.1f}"

    parts = list(_grid(low, step, bottom))
    parts.append(_words(_NAMES + _SIDE / 2, bottom + 32, axis, "middle"))
    for place, (name, one) in enumerate(told):
        up = _TOP + _LINE * place + _LINE / 2
        shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        parts.append(_words(_NAMES - 8, up + 4, shown, "end"))
        parts.append(
            Markup('<path class="stick" d="M{} {up}H{}"/><circle class="dot" cx="{}" cy="{up}" r="3.5"/>').format(
                across(one.low or 0.0), across(one.high or 0.0), across(one.value or 0.0), up=up
            )
        )
    return _svg(title, description, parts, height=bottom + 42)


def _scale(ends: Sequence[float]) -> tuple[float, float]:
    """Return where the scale begins, and the step of its ticks: a round number, so that all ends fit."""
    least, most = min([0.0, *ends]), max([0.0, *ends])
    power = 10.0 ** math.floor(math.log10(max(most - least, 1e-6) / _TICKS))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        low = math.floor(least / step) * step
        if low + _TICKS * step >= most:
            break
    return low, step


def _grid(low: float, step: float, bottom: float) -> Iterator[Markup]:
    for tick in range(_TICKS + 1):
        across = _NAMES + _SIDE * tick / _TICKS
        # Adding 0 makes -0 a 0.
        value = round(low + step * tick, 9) + 0
        yield Markup('<path class="{}" d="M{} {}V{}"/>').format("zero" if value == 0 else "grid", across, _TOP, bottom)
        yield _words(across, bottom + 14, f"{value:g}", "middle")


def _words(across: float, up: float, words: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(across, up, anchor, words)


def _svg(title: str, description: str, parts: Sequence[Markup], *, height: float) -> Markup:
    name = f"plot-{hashlib.sha256(title.encode()).hexdigest()[:12]}"
    return Markup(
        '<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{description}</desc>'
        '<text class="title" x="8" y="18">{title}</text>{parts}</svg>'
    ).format(name=name, title=title, description=description, width=_WIDTH, height=height, parts=Markup("").join(parts))

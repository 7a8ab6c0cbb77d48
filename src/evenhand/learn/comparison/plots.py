"""Plots as SVG that stands in the page itself: no script, no font, no picture from elsewhere.

Colours and strokes are classes of the page's style, `s0` to `s5`, so that they suit light and dark; a line also differs
from the others by its dashes. Every plot has a title and a description for those who do not see it.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from evenhand.learn.comparison.estimates import Bin, Estimate

_WIDTH: Final = 380
_LEFT: Final = 52
_TOP: Final = 34
_SIDE: Final = 300
_LINE: Final = 18
_STYLES: Final = 6
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_NAMES_WIDTH: Final = 150


@dataclass(frozen=True, slots=True)
class Series:
    """A line with its name; with `bins`, dots whose sticks are the intervals."""

    name: str
    points: Sequence[tuple[float, float]]
    bins: Sequence[Bin] = ()


def line_plot(
    title: str, description: str, *, axes: tuple[str, str], series: Sequence[Series], has_diagonal: bool = False
) -> Markup:
    """Return lines over two axes from 0 to 1, with a legend below."""
    parts = [_frame(axes)]
    if has_diagonal:
        parts.append(Markup('<path class="guide" d="M{} {}L{} {}"/>').format(_x(0), _y(0), _x(1), _y(1)))
    for number, one in enumerate(series):
        path = "M" + "L".join(f"{_x(across)} {_y(up)}" for across, up in one.points)
        parts.append(Markup('<path class="line s{}" d="{}"/>').format(number % _STYLES, path))
        parts += [_dot(number, found) for found in one.bins]
    return _svg(title, description, parts, height=_TOP + _SIDE + 54, legend=[one.name for one in series])


def histogram(title: str, description: str, *, shares: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """Return bars over the score from 0 to 1, one row of bars in front of the other.

    Args:
        title: What is shown.
        description: The same in words.
        shares: Name and shares in bins of equal width; the highest share of all reaches the top.
    """
    # A multiple of 0.04, so that a quarter of it is a round number.
    highest = math.ceil(max(share for _, own in shares for share in own) * 25) / 25
    parts = [_frame(("score", "share of the rows"), highest=highest)]
    for number, (_, own) in enumerate(shares):
        width = 1 / len(own)
        for place, share in enumerate(own):
            parts.append(
                Markup('<rect class="area s{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    number,
                    _x(place * width),
                    _y(share / highest),
                    _number(_SIDE * width),
                    _number(_SIDE * share / highest),
                )
            )
    return _svg(title, description, parts, height=_TOP + _SIDE + 54, legend=[name for name, _ in shares])


def bars(title: str, description: str, *, axis: str, rows: Sequence[tuple[str, Estimate]]) -> Markup:
    """Return a bar with its interval for each row, from 0 to 1; a row without a value says so."""
    side = _WIDTH + 100 - _NAMES_WIDTH - 20
    height = _LINE * len(rows)
    parts = []
    for tick in _TICKS:
        across = _number(_NAMES_WIDTH + side * tick)
        parts.append(Markup('<path class="grid" d="M{} {}V{}"/>').format(across, _TOP, _TOP + height))
        parts.append(_text(across, _TOP + height + 14, f"{tick:g}", "middle"))
    for place, (name, estimate) in enumerate(rows):
        top = _TOP + _LINE * place
        parts.append(_text(_NAMES_WIDTH - 6, top + 13, _shortened(name), "end"))
        parts += _bar(top, side, estimate)
    parts.append(_text(_NAMES_WIDTH + side // 2, _TOP + height + 32, axis, "middle"))
    return _svg(title, description, parts, height=_TOP + height + 40, width=_WIDTH + 100)


def _bar(top: int, side: int, estimate: Estimate) -> Iterator[Markup]:
    if estimate.value is None:
        yield _text(_NAMES_WIDTH + 4, top + 13, "n/a", "start")
        return
    yield Markup('<rect class="area s0" x="{}" y="{}" width="{}" height="{}"/>').format(
        _NAMES_WIDTH, top + 3, _number(side * estimate.value), _LINE - 6
    )
    low, high = (_number(_NAMES_WIDTH + side * end) for end in (estimate.low, estimate.high))
    middle = top + _LINE // 2
    yield Markup('<path class="stick" d="M{} {}H{}M{} {}v6M{} {}v6"/>').format(
        low, middle, high, low, middle - 3, high, middle - 3
    )


def _dot(number: int, found: Bin) -> Markup:
    across = _x(found.mean_score)
    return Markup(
        '<path class="stick s{0}" d="M{1} {2}V{3}"/><circle class="dot s{0}" cx="{1}" cy="{4}" r="3"/>'
    ).format(number % _STYLES, across, _y(found.share_low), _y(found.share_high), _y(found.share))


def _frame(axes: tuple[str, str], *, highest: float = 1.0) -> Markup:
    """Return the grid, the ticks and the names of the axes."""
    parts = []
    for tick in _TICKS:
        parts.append(Markup('<path class="grid" d="M{} {}V{}"/>').format(_x(tick), _y(0), _y(1)))
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(_x(0), _y(tick), _x(1)))
        parts.append(_text(_x(tick), _TOP + _SIDE + 16, f"{tick:g}", "middle"))
        parts.append(_text(_LEFT - 6, _number(_TOP + _SIDE * (1 - tick) + 4), f"{tick * highest:.3g}", "end"))
    parts.append(_text(_LEFT + _SIDE // 2, _TOP + _SIDE + 34, axes[0], "middle"))
    middle = _TOP + _SIDE // 2
    parts.append(
        Markup(
            '<text class="words" x="14" y="{0}" text-anchor="middle" transform="rotate(-90 14 {0})">{1}</text>'
        ).format(middle, axes[1])
    )
    return Markup("").join(parts)


def _svg(
    title: str,
    description: str,
    parts: Sequence[Markup],
    *,
    height: int,
    width: int = _WIDTH,
    legend: Sequence[str] = (),
) -> Markup:
    # Titles tell plots apart, and the same report has the same names each time.
    name = f"plot-{hashlib.sha256(title.encode()).hexdigest()[:12]}"
    for place, words in enumerate(legend):
        up = height + _LINE * place
        style = place % _STYLES
        key = Markup('<path class="line s{}" d="M{} {}h28"/>').format(style, _LEFT, up - 4)
        parts = [*parts, key, _text(_LEFT + 36, up, words, "start")]
    return Markup(
        '<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{description}</desc>'
        '<text class="title" x="{left}" y="18">{title}</text>{parts}</svg>'
    ).format(
        name=name,
        title=title,
        description=description,
        left=8,
        width=width,
        height=height + _LINE * len(legend),
        parts=Markup("").join(parts),
    )


def _text(across: object, up: object, words: str, anchor: str) -> Markup:
    return Markup('<text class="words" x="{}" y="{}" text-anchor="{}">{}</text>').format(across, up, anchor, words)


def _shortened(name: str) -> str:
    longest = 22
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _x(share: float) -> str:
    return _number(_LEFT + _SIDE * share)


def _y(share: float) -> str:
    return _number(_TOP + _SIDE * (1 - share))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""The report, and the comparison of two, as one page each: no script, nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from evenhand.audit.compare import Comparison
from evenhand.audit.measures import Estimate, GroupMeasures
from evenhand.audit.plots import dots
from evenhand.audit.rendering import render
from evenhand.audit.report import Matter, Report, percent, points


@dataclass(frozen=True, slots=True)
class _Words:
    """What the page calls what was asked about, what is exchanged in it, and what stays the same."""

    things: str
    group: str
    groups: str
    templates: str


_WORDS: Final[Mapping[Matter, _Words]] = {
    "sentences": _Words("sentences", "group", "groups", "templates"),
    "pictures": _Words("pictures", "variation", "variations", "scenes"),
    "clips": _Words("clips", "voice", "voices", "sentences"),
}

_TEMPLATES: Final = Path(__file__).parent / "templates"
#: Groups in a plot: the worst ones; the table has them all.
_SHOWN: Final = 30


def write_html(report: Report) -> str:
    """Return the page of a report."""
    own, words = report.measures, _WORDS[report.matter]
    return _render(
        "report.html",
        report=report,
        own=own,
        name=f"{report.target} {report.version}".strip(),
        failed=sum(own.failures.values()),
        named=[group for group in own.groups if group.otherwise],
        words=words,
        plots=_plots(own.groups, own.least_templates, words),
    )


def write_comparison_html(comparison: Comparison) -> str:
    """Return the page of a comparison."""
    return _render(
        "comparison.html",
        comparison=comparison,
        changed=[change for change in comparison.changes if change.is_beyond_noise],
        unchanged=[change for change in comparison.changes if not change.is_beyond_noise],
    )


def _render(template: str, **context: object) -> str:
    return render(_TEMPLATES, template, percent=percent, points=points, number=_number, **context)


def _number(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not measured"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def _plots(groups: Sequence[GroupMeasures], least: int, words: _Words) -> list[Markup]:
    enough = [group for group in groups if group.templates >= least]
    return [
        plot
        for title, axis, rows in (
            (
                f"Harmless {words.things} flagged, by {words.group}",
                f"percent of the harmless {words.things}",
                [(group.name, group.false_positive_rate) for group in enough],
            ),
            (
                f"Harmful {words.things} missed, by {words.group}",
                f"percent of the harmful {words.things}",
                [(group.name, group.false_negative_rate) for group in enough],
            ),
        )
        if (plot := _plot(title, axis, rows))
    ]


def _plot(title: str, axis: str, rows: list[tuple[str, Estimate]]) -> Markup | None:
    told = sorted((row for row in rows if row[1].value is not None), key=lambda row: -(row[1].value or 0.0))[:_SHOWN]
    if not told:
        return None
    words = " ".join(f"{name}: {percent(one)}." for name, one in told)
    return dots(f"{title}: the {len(told)} highest", words, axis=axis, rows=told)

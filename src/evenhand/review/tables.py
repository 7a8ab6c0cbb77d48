"""Tables: numbers as rows of words, and as text, CSV, Markdown or a page."""

import csv
import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from evenhand.core.share import Share
from evenhand.review.numbers import Numbers, Precision
from evenhand.review.transparency import Transparency

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{padding:.25rem .75rem;border-bottom:1px solid #999;text-align:left}"
    ":root{color-scheme:light dark}"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        name: Stable, for programs.
        title: For people.
        columns: What stands above each column.
        rows: Below it, cell by cell.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def number_tables(found: Numbers) -> tuple[Table, ...]:
    """Return the numbers for leads as tables; those without rows too."""
    return (
        _table(
            "volume",
            "Decisions by day",
            ("day", "action", "decisions"),
            ((v.day, v.action, v.decisions) for v in found.volume),
        ),
        _table(
            "queues",
            "Open cases now",
            ("queue", "cases", "claimed", "oldest"),
            ((q.queue, q.cases, q.claimed, f"{q.oldest:%Y-%m-%d %H:%M}") for q in found.queues),
        ),
        _table(
            "rulings",
            "Rulings by day",
            ("day", "reviewer", "rulings"),
            ((r.day, r.reviewer, r.rulings) for r in found.rulings),
        ),
        _table("overturned", "Rulings that overturn", _SHARE, [_share(found.overturned)]),
        _precision("rules", "Upheld by rule", "rule", found.rules),
        _precision("categories", "Upheld by category", "category", found.categories),
        _table(
            "drift",
            "Scores by week",
            ("week", "label", "decisions", "median", "p90", "p99"),
            ((d.week, d.label, d.decisions, f"{d.median:.4f}", f"{d.p90:.4f}", f"{d.p99:.4f}") for d in found.drift),
        ),
        _table(
            "exposures",
            "Cases shown by severity",
            ("reviewer", "severity", "cases"),
            ((e.reviewer, e.severity, e.cases) for e in found.exposures),
        ),
        _table(
            "agreement",
            "Agreement of reviewers",
            ("first", "second", *_SHARE, "kappa"),
            (
                (a.first, a.second, *_share(a.same), "" if a.kappa is None else f"{a.kappa:.3f}")
                for a in found.agreements
            ),
        ),
        _precision("golden", "Golden cases ruled as is right", "reviewer", found.golden),
    )


def transparency_tables(found: Transparency) -> tuple[Table, ...]:
    """Return the transparency report as tables."""
    shares = (
        ("decisions that nobody ruled on", found.automated),
        ("blocks by a policy that nobody ruled on", found.automated_blocks),
        ("blocks by a policy that people allowed, of those that they ruled on", found.wrong_blocks),
        ("rulings that overturn what stood", found.overturned),
    )
    return (
        _table("decisions", "Decisions by policies", ("action", "decisions"), found.decisions.items()),
        _table(
            "categories",
            "Reviewed and blocked by category",
            ("category", "reviewed", "blocked"),
            ((each.name, each.reviewed, each.blocked) for each in found.categories),
        ),
        _table(
            "shares", "By automated means alone, and errors", ("what", *_SHARE), ((n, *_share(s)) for n, s in shares)
        ),
        _table("rulings", "Rulings by people", ("action", "rulings"), found.rulings.items()),
        _table("reasons", "Reasons of rulings", ("reason", "rulings"), found.reasons.items()),
        _table("appeals", "Appeals by outcome", ("status", "appeals"), found.appeals.items()),
    )


def as_text(tables: Iterable[Table]) -> str:
    """Return `tables` for a terminal; those without rows are left out."""
    return "\n\n".join("\n".join((table.title, *_aligned(table))) for table in tables if table.rows)


def as_csv(table: Table) -> str:
    """Return one table as CSV, with its columns in the first line."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows((table.columns, *table.rows))
    return stream.getvalue()


def as_markdown(title: str, tables: Iterable[Table]) -> str:
    """Return `tables` as a Markdown document."""
    parts = [f"# {title}"]
    for table in tables:
        lines = [table.columns, ("---",) * len(table.columns), *table.rows]
        rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
        parts.append("\n".join((f"## {table.title}", "", *(rows if table.rows else ("None.",)))))
    return "\n\n".join(parts) + "\n"


def as_page(title: str, tables: Iterable[Table]) -> str:
    """Return `tables` as a page that needs nothing else, and runs no script."""
    body = "".join(map(_section, tables))
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>{html.escape(title)}</h1>{body}</main>'
        "</body></html>\n"
    )


def _section(table: Table) -> str:
    heading = f"<h2>{html.escape(table.title)}</h2>"
    if not table.rows:
        return f"{heading}<p>None.</p>"
    columns = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"{heading}<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"


_SHARE: Final = ("count", "of", "share", "95 % interval")


def _share(share: Share) -> tuple[str, ...]:
    low, high = share.interval
    if share.value is None:
        return str(share.count), str(share.of), "", ""
    return str(share.count), str(share.of), f"{share.value:.1%}", f"{low:.1%} to {high:.1%}"


def _precision(name: str, title: str, what: str, found: Iterable[Precision]) -> Table:
    return _table(name, title, (what, *_SHARE), ((each.name, *_share(each.upheld)) for each in found))


def _table(name: str, title: str, columns: tuple[str, ...], rows: Iterable[Sequence[object]]) -> Table:
    return Table(name, title, columns, tuple(tuple(map(str, row)) for row in rows))


def _aligned(table: Table) -> Iterable[str]:
    lines = (table.columns, *table.rows)
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    return ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)

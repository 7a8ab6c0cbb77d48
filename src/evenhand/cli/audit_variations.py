"""What `evenhand audit pictures` and `evenhand audit voices` share: ask, keep, report, print."""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from evenhand.cli.audit_run import PAGE, REPORT
from evenhand.cli.progress import progress

if TYPE_CHECKING:
    from evenhand.audit.answers import Answer, Answers, Sentence
    from evenhand.audit.measures import Estimate
    from evenhand.audit.report import Matter, Report
    from evenhand.audit.targets import Target
    from evenhand.audit.variations import Line, Table

#: Lines that are printed where none stands out.
_LARGEST: Final = 3

#: From the answers, and the same by id: the figures that only this matter has, and what the report cannot show.
Told = Callable[["Answers", Mapping[str, "Answer"]], tuple[tuple["Table", ...], tuple[str, ...]]]


def ask_and_report(
    target: "Target", rows: "Sequence[Sentence]", *, matter: "Matter", tell: Told, out: Path, as_json: bool
) -> None:
    """Ask `target` about the rows that have no answer yet, write the report into the folder `out`, and print it.

    Args:
        target: Whom to ask; it is closed.
        rows: About what.
        matter: What that is.
        tell: Makes the figures that only this matter has.
        out: Folder of the answers and the report; it is made.
        as_json: Whether to print JSON.

    Raises:
        ConfigurationError: `audit.other_target` or `audit.unusable`.
    """
    from evenhand.audit.kept import KeptAnswers
    from evenhand.audit.report import make_report, write_report
    from evenhand.audit.report_html import write_html
    from evenhand.audit.run import run

    with contextlib.closing(target):
        kept = KeptAnswers(out, target=target.name, about=target.about)
        asked = sum(not kept.is_answered(row.id) for row in rows)
        click.echo(f"{target.name}: {len(rows)} {matter}, {len(rows) - asked} are answered already", err=True)
        with progress(target.name, len(rows)) as advance:
            answers = run(target, rows, kept, advance=advance).answers
    said = {row.id: answer for row in rows if (answer := kept.answer(row.id))}
    tables, limits = tell(answers, said)
    report = make_report(
        answers,
        target=target.name,
        version=target.version,
        made=datetime.now(UTC),
        matter=matter,
        tables=tables,
        limits=limits,
    )
    (out / REPORT).write_text(write_report(report), encoding="utf-8")
    (out / PAGE).write_text(write_html(report), encoding="utf-8")
    _print(report, answers, out, as_json=as_json)


def _print(report: "Report", answers: "Answers", out: Path, *, as_json: bool) -> None:
    from evenhand.audit.report import summary_line
    from evenhand.audit.tally import tally_families

    families = tally_families(answers)
    if as_json:
        found = {
            "matter": report.matter,
            "families": [dataclasses.asdict(each) for each in families],
            "measures": dataclasses.asdict(report.measures),
            "tables": [dataclasses.asdict(each) for each in report.tables],
            "limits": report.limits,
            "folder": str(out),
        }
        click.echo(json.dumps(found))
        return
    click.echo(f"{'family':26} {'must be':8} {'rows':>6} {'allow':>6} {'review':>6} {'block':>6} {'failed':>6}")
    for each in families:
        must = "caught" if each.is_harmful else "left"
        counts = f"{each.rows:6} {each.allowed:6} {each.reviewed:6} {each.blocked:6} {each.failed:6}"
        click.echo(f"{each.name:26} {must:8} {counts}")
    for table in report.tables:
        for line in _lines(table):
            click.echo(line)
    if failed := sum(report.measures.failures.values()):
        click.echo(f"{failed} {report.matter} have no answer; run again to ask about them")
    click.echo(summary_line(report))
    click.echo(f"kept in {out}")


def _lines(table: "Table") -> Iterator[str]:
    """Yield the lines of a table; of one in which lines were tested, those that stand out, or else the largest ones."""
    lines: Sequence[Line] = table.lines
    yield f"{table.name}:"
    if table.unit == "number":
        named = [line for line in lines if line.is_otherwise]
        yield f"  {len(named)} of {len(lines)} stand out beyond chance{'' if named else '; the largest:'}"
        lines = named or sorted(lines, key=_size, reverse=True)[:_LARGEST]
    for line in lines:
        yield f"  {line.name} ({line.count} {table.counted}): {_figures(line, table.unit)}"


def _size(line: "Line") -> float:
    return max(abs(found.value or 0.0) for found in line.figures.values())


def _figures(line: "Line", unit: str) -> str:
    return "; ".join(
        f"{name} {_figure(found, unit)}" for name, found in line.figures.items() if found.value is not None
    )


def _figure(found: "Estimate", unit: str) -> str:
    value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
    if unit == "share":
        return f"{value:.1%} ({low:.1%} to {high:.1%})"
    return f"{value:.4f} ({low:.4f} to {high:.4f})"

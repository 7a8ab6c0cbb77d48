"""`evenhand eval-text`: measure text detectors on dev sets; how well they rank, and whom they wrongly flag."""

import json
from pathlib import Path
from typing import Any, Final

import click

from evenhand.cli.options import json_option
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST

#: How many rows of a breakdown are printed; JSON has them all.
WORST: Final = 12


@click.command
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("../shared/data"),
    show_default=True,
    help="Folder that holds dev/.",
)
@click.option("--detector", "ids", multiple=True, help="Id of a detector; all built-in ones by default. Repeatable.")
@json_option
def command(data: Path, ids: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 -- click passes flags so
    """Measure text detectors on dev sets.

    Scores are those for TOXICITY. Intervals are 95 % bootstrap intervals.

    Example: evenhand eval-text --data data --detector text.toxicity
    """
    from evenhand.core.taxonomy import Label
    from evenhand.detectors.registry import load_detectors
    from evenhand.learn.evaluate import BASELINE, baseline_scorer, evaluate, flagged_by_label, read_dev_sets, scorer_of

    detectors = [found for found in load_detectors(ids or None) if Label.ATTRIBUTE_TOXICITY in found.labels]
    sets = read_dev_sets(data)
    report = {
        found.id: {
            "version": found.version,
            **evaluate(scorer_of(found), sets),
            "flagged_by_label": flagged_by_label(found, sets),
        }
        for found in detectors
    }
    if baseline := baseline_scorer():
        report[BASELINE] = evaluate(baseline, sets)
    click.echo(json.dumps(report, indent=2) if as_json else "\n\n".join(_page(report)))


def _page(report: dict[str, Any]) -> list[str]:
    """Return the report as plain tables."""
    tables = [_ranking(report)]
    for name, figures in report.items():
        title = f"{name}: share of XSTest's safe prompts wrongly flagged, by type"
        tables.append(_breakdown(title, figures[XSTEST]))
        templates = figures[TEMPLATES]
        title = f"{name}: share of harmless sentence templates wrongly flagged, by the word filled in"
        gaps = ", ".join(f"{gap:.3f} at {least}" for least, gap in templates["largest_gap"].items())
        tables.append(
            f"{_breakdown(title, templates)}\n"
            f"AUC {templates['auc']:.3f}, lowest for any word {templates['lowest_auc']:.3f}; "
            f"worst word over all together: {gaps}"
        )
        for kind, labels in figures.get("flagged_by_label", {}).items():
            tables.append(_rows(f"{name}: share of harmless texts of {kind} wrongly flagged, by label", labels))
    return tables


def _ranking(report: dict[str, Any]) -> str:
    lines = [f"{SURGE}: how well toxic comments are ranked above others"]
    for name, figures in report.items():
        own = figures[SURGE]
        lines.append(f"  {name:22}AUC {_figure(own['auc'])}  average precision {_figure(own['average_precision'])}")
    return "\n".join(lines)


def _figure(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n {figure['rows']})"


def _breakdown(title: str, figures: dict[str, Any]) -> str:
    """Return the figures of all texts and of the worst kinds."""
    rows = {"all": figures["all"], **dict(list(figures["by_kind"].items())[:WORST])}
    more = len(figures["by_kind"]) - WORST
    table = _rows(title, rows)
    return f"{table}\n  and {more} more, none of them worse" if more > 0 else table


def _rows(title: str, rows: dict[str, Any]) -> str:
    """Return one table line for each of `rows`."""
    thresholds = [name for name in next(iter(rows.values())) if name not in {"rows", "mean"}]
    lines = [title, f"  {'':26}{'n':>7}{'mean':>8}" + "".join(f"{'at ' + name:>9}" for name in thresholds)]
    for kind, shares in rows.items():
        cells = "".join(f"{shares[name]:9.3f}" for name in thresholds)
        lines.append(f"  {kind:26}{shares['rows']:7}{shares['mean']:8.3f}{cells}")
    return "\n".join(lines)

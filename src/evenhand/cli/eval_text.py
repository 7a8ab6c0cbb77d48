"""`evenhand eval-text`: measure scorers on a labelled file, or detectors on dev sets, and whom they wrongly flag."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from evenhand.cli.options import json_option
from evenhand.learn.dev_sets import SURGE, TEMPLATES, XSTEST

#: How an endpoint can be asked; the names of `learn.comparison.dialects`, which is loaded only where it is needed.
DIALECTS: Final = ("native", "openai", "perspective")

#: How many rows of a breakdown are printed; JSON has them all.
WORST: Final = 12


@click.command
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("../shared/data"),
    show_default=True,
    help="Without FILE: folder that holds dev/.",
)
@click.option("--detector", "ids", multiple=True, help="Id of a detector; all built-in ones by default. Repeatable.")
@click.option("--text-field", default="text", show_default=True, help="The column with the text.")
@click.option("--label", "labels", multiple=True, metavar="COLUMN=LABEL", help="What a column is. Repeatable.")
@click.option("--group-field", help="The column with a group to compare; by default `group`, where there is one.")
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Flagged from here on.")
@click.option("--endpoint", "urls", multiple=True, metavar="URL", help="A server to score with as well. Repeatable.")
@click.option("--dialect", "dialects", multiple=True, type=click.Choice(DIALECTS), help="How each endpoint is asked.")
@click.option("--key-file", "key_files", multiple=True, metavar="FILE", help="Each endpoint's key; `-` for none.")
@click.option("--requests-per-minute", type=click.FloatRange(min=0), default=0, help="For each endpoint; 0: no limit.")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder for endpoints' scores, to go on from there.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Where to write the whole report as Markdown.")
@click.option("--html", type=click.Path(path_type=Path), help="Where to write it as a page with plots.")
@click.option("--examples", type=click.IntRange(min=0), default=0, help="Texts of each kind of mistake in the reports.")
@json_option
def command(
    *,
    file: Path | None,
    data: Path,
    ids: tuple[str, ...],
    urls: tuple[str, ...],
    dialects: tuple[str, ...],
    key_files: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Measure scorers on the labelled FILE, or detectors on dev sets.

    FILE is .csv or .jsonl with a text and 0 or 1 for each label that was judged. Without FILE, the detectors' scores
    for TOXICITY are measured on the dev sets of a data folder. Intervals are 95 % bootstrap intervals.

    \b
    Examples:
      evenhand eval-text comments.csv --label toxic=TOXICITY --html report.html
      evenhand eval-text comments.csv --endpoint https://api.openai.com/v1 --dialect openai --key-file key.txt
      evenhand eval-text --data data --detector text.toxicity
    """  # noqa: D301 -- click wants this backslash
    _refuse_options_of_the_other({"data"} if file else _FILE_OPTIONS)
    if file is None:
        _measure_dev_sets(data, ids, as_json=as_json)
        return
    from evenhand.cli.eval_file import evaluate_file, read_endpoints

    endpoints = read_endpoints(urls, dialects, key_files)
    evaluate_file(file, ids=ids, endpoints=endpoints, as_json=as_json, **options)


_FILE_OPTIONS: Final = frozenset(str(option.name) for option in command.params) - {"file", "data", "ids", "as_json"}


def _refuse_options_of_the_other(names: Collection[str]) -> None:
    """Refuse what means nothing here, so that nobody believes it was heeded."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
        if given and option.name in names:
            raise click.UsageError(f"{option.opts[0]} goes {'without' if option.name == 'data' else 'with'} FILE.")


def _measure_dev_sets(data: Path, ids: tuple[str, ...], *, as_json: bool) -> None:
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

"""`evenhand eval-text`: measure scorers on a labelled file, or detectors on dev sets, and whom they wrongly flag."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from evenhand.cli.options import json_option

#: How an endpoint can be asked; the names of `scorers.dialects`, which is loaded only where it is needed.
DIALECTS: Final = ("native", "openai", "perspective", "azure", "comprehend")


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
        from evenhand.cli.eval_dev_sets import measure_dev_sets

        measure_dev_sets(data, ids, as_json=as_json)
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

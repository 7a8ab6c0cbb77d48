"""`evenhand transparency`: a report on what was decided, for everybody to read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from evenhand.cli.options import data_folder_option, opened_store, read_time, setting_option, settings_from
from evenhand.core.errors import ConfigurationError

_PAGES: Final = (".html", ".htm")
_SUFFIXES: Final = (*_PAGES, ".md")


@click.command
@click.option("--from", "since", required=True, callback=read_time, help="The first moment: 2026-01-01 (UTC).")
@click.option("--to", "until", callback=read_time, help="The first moment after it; by default now.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that ends in .md or .html; by default Markdown is printed.",
)
@data_folder_option
@setting_option
def command(
    *,
    since: datetime,
    until: datetime | None,
    output: Path | None,
    data_folder: str | None,
    setting: tuple[tuple[str, str], ...],
) -> None:
    """Write a transparency report: decisions by action and category, by whom, errors, rulings and appeals.

    Example: evenhand transparency --from 2026-01-01 --to 2027-01-01 --output report.html
    """
    from evenhand.review.tables import as_markdown, as_page, transparency_tables
    from evenhand.review.transparency import transparency
    from evenhand.store.numbers import Period

    if output and output.suffix not in _SUFFIXES:
        raise click.BadParameter("Give a name that ends in .md or .html.", param_hint="--output")
    period = Period(since, until or datetime.now(UTC))
    if period.since >= period.until:
        raise click.UsageError("--from is not before --to.")
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        tables = transparency_tables(transparency(store, period))
    title = f"Transparency report, {period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC"
    report = (as_page if output and output.suffix in _PAGES else as_markdown)(title, tables)
    if output is None:
        click.echo(report, nl=False)
        return
    try:
        output.write_text(report, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "output.unwritable",
            f"{output} cannot be written: {error.strerror}.",
            field="output",
            remedy="Check the path.",
        ) from None

"""`evenhand numbers`: what came, what waits, what was ruled, and how often people and policies agree."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from evenhand.cli.options import (
    data_folder_option,
    json_option,
    opened_store,
    read_time,
    setting_option,
    settings_from,
)

#: Days that count when nobody says since when.
_DAYS: Final = 30
_TABLES: Final = (
    "volume",
    "queues",
    "rulings",
    "overturned",
    "rules",
    "categories",
    "drift",
    "exposures",
    "agreement",
    "golden",
)


@click.command
@click.option(
    "--since",
    callback=read_time,
    help="From this time on: 2026-11-23T12:00 (UTC), or 7d for so long ago; by default 30d.",
)
@click.option("--csv", "csv_table", type=click.Choice(_TABLES), help="Print one of the tables as CSV.")
@data_folder_option
@setting_option
@json_option
def command(
    *,
    since: datetime | None,
    csv_table: str | None,
    data_folder: str | None,
    setting: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Print numbers for leads: volume, queues, rulings, overturns, precision, drift, exposure and agreement.

    \b
    Examples:
      evenhand numbers --since 7d
      evenhand numbers --csv rules > rules.csv
    """  # noqa: D301 -- click wants this backslash
    from evenhand.review.numbers import numbers
    from evenhand.review.tables import as_csv, as_text, number_tables
    from evenhand.store.numbers import Period

    now = datetime.now(UTC)
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        found = numbers(store, Period(since or now - timedelta(days=_DAYS), now))
    tables = number_tables(found)
    if csv_table:
        click.echo(next(as_csv(table) for table in tables if table.name == csv_table), nl=False)
    elif as_json:
        click.echo(json.dumps({table.name: dataclasses.asdict(table) for table in tables}, indent=2))
    else:
        click.echo(as_text(tables))

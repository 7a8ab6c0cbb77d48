"""`evenhand audit`: see who did what, and prove that nobody changed the record of it."""

import dataclasses
import json
import sys
from typing import Final

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from

#: Exit code when the audit is not as it was written.
EXIT_BROKEN: Final = 7
_PAGE: Final = 1_000


@click.group
def command() -> None:
    """See who did what, and prove that nobody changed the record of it."""


@command.command
@data_folder_option
@setting_option
@json_option
def verify(*, data_folder: str | None, setting: tuple[tuple[str, str], ...], as_json: bool) -> None:
    """Follow the chain of audit rows and say where one was changed or is missing; ends with 7 if any was.

    Who has the database to himself could make a new chain. So keep the printed end elsewhere, and compare later.

    Example: evenhand audit verify
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        report = store.audit.verify()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report)))
    else:
        click.echo(f"{report.rows} rows in the chain, {report.unchained} from before it")
        click.echo(f"end: {report.sequence} {report.sha256}")
        for fault in report.faults:
            rows = f"row {fault.first}" if fault.first == fault.last else f"rows {fault.first} to {fault.last}"
            click.echo(f"{rows}: {fault.kind}")
        click.echo("broken" if report.faults else "whole")
    if report.faults:
        sys.exit(EXIT_BROKEN)


@command.command
@click.option("--after", default=0, help="Only rows after this sequence number.")
@data_folder_option
@setting_option
def export(*, after: int, data_folder: str | None, setting: tuple[tuple[str, str], ...]) -> None:
    """Print audit rows as JSON Lines, oldest first. They hold nothing of any content.

    Example: evenhand audit export > audit.jsonl
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        while page := store.audit.list(after=after, limit=_PAGE):
            for row in page:
                click.echo(json.dumps(dataclasses.asdict(row) | {"at": row.at.isoformat()}))
            after = page[-1].sequence

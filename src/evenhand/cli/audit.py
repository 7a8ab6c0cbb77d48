"""`evenhand audit`: see who did what, and prove that nobody changed the record of it."""

import dataclasses
import importlib
import json
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from
from evenhand.core.checkpoint import read_checkpoint, write_checkpoint
from evenhand.server.checkpoints import audit_key
from evenhand.store.records import AuditFault

Given = tuple[tuple[str, str], ...]

#: Exit code when the audit is not as it was written.
EXIT_BROKEN: Final = 7
_PAGE: Final = 1_000


#: Subcommand -> module below `evenhand.cli` with a click command named `command`, loaded when it is called.
LATER: Final = {
    "compare": "audit_compare",
    "docs": "audit_docs",
    "pictures": "audit_pictures",
    "plan": "audit_plan",
    "run": "audit_run",
    "voices": "audit_voices",
}


class _LazyGroup(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *LATER})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in LATER:
            return super().get_command(context, name)
        command: click.Command = importlib.import_module(f"evenhand.cli.{LATER[name]}").command
        return command


@click.group(cls=_LazyGroup)
def command() -> None:
    """See who did what, and prove that nobody changed the record of it."""


@command.command
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.File(),
    help="A checkpoint that the chain must go through; give it several times for several.",
)
@data_folder_option
@setting_option
@json_option
def verify(*, checkpoints: tuple[TextIO, ...], data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Follow the chain of audit rows and say where one was changed or is missing; ends with 7 if any was.

    Who has the database to himself could make a new chain, but not one that goes through checkpoints from before.

    Example: evenhand audit verify --checkpoint audit-2026-10.json
    """
    settings = settings_from(setting, data_folder=data_folder)
    points = [read_checkpoint(file.read(), audit_key(settings)) for file in checkpoints]
    with opened_store(settings) as store:
        report = store.audit.verify()
        missed = [point.sequence for point in points if not store.audit.goes_through(point)]
    faults = (AuditFault(sequence, sequence, "changed") for sequence in missed)
    report = dataclasses.replace(report, faults=(*report.faults, *faults))
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
@data_folder_option
@setting_option
def checkpoint(*, data_folder: str | None, setting: Given) -> None:
    """Print where the audit is now, signed with the key in the setting audit_key_file. Keep it elsewhere.

    Example: evenhand audit checkpoint > audit-2026-11.json
    """
    settings = settings_from(setting, data_folder=data_folder)
    key = audit_key(settings)
    with opened_store(settings) as store:
        click.echo(write_checkpoint(store.audit.checkpoint(datetime.now(UTC)), key), nl=False)


@command.command
@click.option("--after", default=0, help="Only rows after this sequence number.")
@data_folder_option
@setting_option
def export(*, after: int, data_folder: str | None, setting: Given) -> None:
    """Print audit rows as JSON Lines, oldest first. They hold nothing of any content.

    Example: evenhand audit export > audit.jsonl
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        while page := store.audit.list(after=after, limit=_PAGE):
            for row in page:
                click.echo(json.dumps(dataclasses.asdict(row) | {"at": row.at.isoformat()}))
            after = page[-1].sequence

"""`evenhand holds`: keep decisions with their contents, whatever their retention says."""

import json
from datetime import UTC, datetime

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from

Given = tuple[tuple[str, str], ...]


@click.group
def command() -> None:
    """Keep decisions with their contents, whatever their retention says, until the hold is lifted."""


@command.command
@click.argument("decision_id", metavar="DECISION")
@click.option("--reason", required=True, help="Why; it is in the audit.")
@data_folder_option
@setting_option
def place(*, decision_id: str, reason: str, data_folder: str | None, setting: Given) -> None:
    """Keep a DECISION with its content.

    Example: evenhand holds place dec_01a207da70d737d4fff4ac021ef0d114 --reason "court order 7"
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        store.holds.place(decision_id, actor="", reason=reason, now=datetime.now(UTC))
    click.echo(f"{decision_id} is held.")


@command.command
@click.argument("decision_id", metavar="DECISION")
@data_folder_option
@setting_option
def lift(*, decision_id: str, data_folder: str | None, setting: Given) -> None:
    """Let retention have a DECISION again.

    Example: evenhand holds lift dec_01a207da70d737d4fff4ac021ef0d114
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        store.holds.lift(decision_id, actor="", now=datetime.now(UTC))
    click.echo(f"{decision_id} is held no more.")


@command.command(name="list")
@data_folder_option
@setting_option
@json_option
def list_(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print all holds, oldest first.

    Example: evenhand holds list --json
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        entries = [
            {"decision": hold.decision_id, "at": hold.at.isoformat(), "reason": hold.reason}
            for hold in store.holds.list()
        ]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    for entry in entries:
        click.echo("  ".join(entry.values()))

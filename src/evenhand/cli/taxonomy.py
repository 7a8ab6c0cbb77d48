"""`evenhand taxonomy`: the labels and what they mean."""

import dataclasses
import json

import click

from evenhand.cli.options import json_option
from evenhand.core.taxonomy import TAXONOMY


@click.command
@json_option
def command(*, as_json: bool) -> None:
    """Print every label with what it means, and what it does not.

    Example: evenhand taxonomy --json
    """
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(entry) for entry in TAXONOMY.values()], indent=2))
        return
    for entry in TAXONOMY.values():
        click.echo(f"{entry.label}\n  {entry.definition}\n  Not meant: {entry.not_meant}\n")

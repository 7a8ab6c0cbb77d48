"""`evenhand keys`: make, list and revoke API keys."""

import json
from typing import TYPE_CHECKING, Any

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from
from evenhand.core.access import ApiKey, Scope

if TYPE_CHECKING:
    pass

Given = tuple[tuple[str, str], ...]


@click.group
def command() -> None:
    """Make, list and revoke API keys of the server's database."""


@command.command
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    default=[Scope.SCREEN.value],
    show_default=True,
    help="What the key may do; give it several times for several.",
)
@click.option(
    "--requests-per-minute", type=click.IntRange(1, 2**31 - 1), help="Its allowance; by default the setting's."
)
@data_folder_option
@setting_option
@json_option
def create(
    *,
    name: str,
    scopes: tuple[str, ...],
    requests_per_minute: int | None,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Make a key called NAME and print it; it cannot be shown again.

    Example: evenhand keys create forum --scope screen
    """
    settings = settings_from(setting, data_folder=data_folder)
    with opened_store(settings) as store:
        api_key, secret = store.keys.create(
            name=name,
            scopes=frozenset(map(Scope, scopes)),
            requests_per_minute=requests_per_minute or settings.requests_per_minute,
        )
    if as_json:
        click.echo(json.dumps(_entry(api_key) | {"key": secret}, indent=2))
    else:
        click.echo(secret)


@command.command(name="list")
@data_folder_option
@setting_option
@json_option
def list_(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print all keys, without their secrets.

    Example: evenhand keys list --json
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        entries = [_entry(api_key) for api_key in store.keys.list()]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    for entry in entries:
        state = f"revoked {entry['revoked_at']}" if entry["revoked_at"] else "works"
        allowance = f"{entry['requests_per_minute']}/min"
        click.echo(f"{entry['id']}  {entry['name']}  {','.join(entry['scopes'])}  {allowance}  {state}")


@command.command
@click.argument("key_id", metavar="ID")
@data_folder_option
@setting_option
@json_option
def revoke(*, key_id: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Make the key with this ID stop working.

    Example: evenhand keys revoke ab12cd34ef56
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        store.keys.revoke(key_id)
    click.echo(json.dumps({"id": key_id, "revoked": True}) if as_json else f"{key_id} is revoked.")


def _entry(api_key: ApiKey) -> dict[str, Any]:
    return {
        "id": api_key.id,
        "name": api_key.name,
        "scopes": sorted(api_key.scopes),
        "requests_per_minute": api_key.requests_per_minute,
        "created_at": api_key.created_at.isoformat(),
        "revoked_at": api_key.revoked_at.isoformat() if api_key.revoked_at else None,
    }

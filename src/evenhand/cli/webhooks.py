"""`evenhand webhooks`: register where events are posted to, see what became of them, and have them posted again."""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evenhand.cli import EXIT_ENDPOINT
from evenhand.cli.options import (
    data_folder_option,
    json_option,
    opened_store,
    read_time,
    setting_option,
    settings_from,
)
from evenhand.core.alert import KINDS, Attempt, DeliveryStatus, Event, EventKind, Webhook
from evenhand.core.decision import Action
from evenhand.core.errors import EndpointError
from evenhand.core.ids import new_id
from evenhand.settings import Settings

if TYPE_CHECKING:
    from evenhand.store.records import StoredDelivery
    from evenhand.store.store import Store

Given = tuple[tuple[str, str], ...]


class _Opened(NamedTuple):
    store: "Store"
    settings: Settings


@click.group
def command() -> None:
    """Have events posted to servers of yours, and see what became of them."""


@command.command
@click.argument("url")
@click.option("--name", required=True, help="What you call it.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in KINDS]),
    help="An event that it wants; give it several times for several; by default all.",
)
@click.option(
    "--action",
    "actions",
    multiple=True,
    type=click.Choice([action.value for action in Action]),
    help="Only events with this action, of those that have one; several times for several.",
)
@click.option("--key", "key_id", default="", help="Only events of the API key with this id.")
@data_folder_option
@setting_option
@json_option
def create(
    *,
    url: str,
    name: str,
    kinds: tuple[str, ...],
    actions: tuple[str, ...],
    key_id: str,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Have events posted to URL, and print the secret that signs them; it cannot be shown again.

    Example: evenhand webhooks create https://forum.example/hook --name forum --action review --action block
    """
    from evenhand.server.poster import build_poster

    with _opened(setting, data_folder) as (store, settings):
        build_poster(settings).check(url)
        webhook, secret = store.webhooks.create(
            name=name,
            url=url,
            kinds=frozenset(map(EventKind, kinds)),
            actions=frozenset(map(Action, actions)),
            key_id=key_id,
        )
    click.echo(json.dumps(_shown(webhook, {}) | {"secret": secret}, indent=2) if as_json else secret)


@command.command(name="list")
@data_folder_option
@setting_option
@json_option
def list_(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print all webhooks with the number of their deliveries, without their secrets.

    Example: evenhand webhooks list --json
    """
    with _opened(setting, data_folder) as (store, _):
        counts = store.deliveries.counts()
        shown = [_shown(webhook, counts.get(webhook.id, {})) for webhook in store.webhooks.list()]
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    for webhook in shown:
        wanted = ",".join([*(webhook["kinds"] or ["all"]), *webhook["actions"], *filter(None, [webhook["key_id"]])])
        counted = ", ".join(f"{count} {status}" for status, count in webhook["deliveries"].items())
        state = "enabled" if webhook["is_enabled"] else "disabled"
        click.echo(f"{webhook['name']}  {webhook['url']}  {wanted}  {state}  {counted}")


@command.command
@click.argument("name")
@click.option(
    "--status", type=click.Choice([status.value for status in DeliveryStatus]), help="Only those with this status."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
@data_folder_option
@setting_option
@json_option
def deliveries(
    *, name: str, status: str | None, limit: int, data_folder: str | None, setting: Given, as_json: bool
) -> None:
    """Print the newest deliveries to the webhook called NAME; --json has every attempt.

    Example: evenhand webhooks deliveries forum --status dead
    """
    with _opened(setting, data_folder) as (store, _):
        found = store.deliveries.list(
            store.webhooks.get(name).id, status=DeliveryStatus(status) if status else None, limit=limit
        )
    if as_json:
        click.echo(json.dumps([_delivery(item) for item in found], indent=2))
        return
    for item in found:
        last = f"{_outcome(item.log[-1])} {item.log[-1].at:%Y-%m-%dT%H:%M:%SZ}" if item.log else "not tried yet"
        tried = f"attempts {item.attempts}"
        following = f"next {item.next_at:%Y-%m-%dT%H:%M:%SZ}" if item.next_at else ""
        click.echo(
            f"{item.event.id}  {item.event.kind}  {item.subject}  {item.status}  {tried}  {last}  {following}".rstrip()
        )


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def rotate(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print a new secret for the webhook called NAME; the old one signs along for 24 hours.

    Example: evenhand webhooks rotate forum
    """
    with _opened(setting, data_folder) as (store, _):
        secret = store.webhooks.rotate(name, datetime.now(UTC))
    click.echo(json.dumps({"webhook": name, "secret": secret}) if as_json else secret)


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def enable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Have events posted to the webhook called NAME again, first those that wait.

    Example: evenhand webhooks enable forum
    """
    _set_enabled(name, data_folder, setting, is_enabled=True, as_json=as_json)


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def disable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Have nothing posted to the webhook called NAME; it is not told later of what happens until it is enabled.

    Example: evenhand webhooks disable forum
    """
    _set_enabled(name, data_folder, setting, is_enabled=False, as_json=as_json)


@command.command
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_folder_option
@setting_option
@json_option
def remove(*, name: str, yes: bool, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Remove the webhook called NAME with its secrets and deliveries.

    Example: evenhand webhooks remove forum
    """
    with _opened(setting, data_folder) as (store, _):
        store.webhooks.get(name)
        if not yes:
            click.confirm(f"Remove the webhook {name} and all its deliveries?", abort=True, err=True)
        count = store.webhooks.remove(name)
    if as_json:
        click.echo(json.dumps({"webhook": name, "deliveries": count}))
    else:
        click.echo(f"The webhook {name} is removed. Deliveries removed: {count}.")


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def test(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Post a `webhook.test` event to the webhook called NAME at once, and say what came back.

    Example: evenhand webhooks test forum
    """
    from evenhand.server.poster import build_poster
    from evenhand.service.delivery import post_event

    now = datetime.now(UTC)
    event = Event(new_id("evt"), EventKind.WEBHOOK_TEST, now, {"webhook": name})
    with _opened(setting, data_folder) as (store, settings):
        webhook = store.webhooks.get(name)
        poster = build_poster(settings)
        poster.check(webhook.url)
        attempt = post_event(poster, webhook.url, event, store.webhooks.secrets(webhook.id, now), at=now)
    if as_json:
        click.echo(json.dumps({"event": event.id} | _attempt(attempt), indent=2))
        if not attempt.is_delivered:
            sys.exit(EXIT_ENDPOINT)
    elif attempt.is_delivered:
        click.echo(f"It took the event {event.id}: {_outcome(attempt)}.")
    else:
        raise EndpointError(
            attempt.error,
            f"It did not take the event {event.id}: {_outcome(attempt)}.",
            remedy="Look into the receiver's log; docs/alerts.md says what it has to answer.",
        )


@command.command
@click.argument("name")
@click.option(
    "--since", callback=read_time, help="Events from this time on: 2026-11-23T12:00 (UTC), or 2h for so long ago."
)
@click.option("--dead", is_flag=True, help="Only deliveries that were given up.")
@click.option("--event", "event_id", help="The event with this id, also if the webhook was never told of it.")
@data_folder_option
@setting_option
@json_option
def replay(
    *,
    name: str,
    since: datetime | None,
    dead: bool,
    event_id: str | None,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Have events posted to the webhook called NAME again, with the same ids.

    \b
    Examples:
      evenhand webhooks replay forum --dead
      evenhand webhooks replay forum --since 2h
    """  # noqa: D301 -- click wants this backslash
    if bool(event_id) is bool(since or dead):
        raise click.UsageError("Give --event, or else --since, --dead or both.")
    now = datetime.now(UTC)
    with _opened(setting, data_folder) as (store, _):
        webhook = store.webhooks.get(name)
        if event_id:
            store.deliveries.replay_event(webhook, event_id, now)
            count = 1
        else:
            count = store.deliveries.replay(webhook, now, since=since, status=DeliveryStatus.DEAD if dead else None)
    if as_json:
        click.echo(json.dumps({"webhook": name, "deliveries": count}))
    else:
        wait = "" if webhook.is_enabled else " The webhook is disabled: they wait until it is enabled."
        click.echo(f"Deliveries made again: {count}.{wait}")


@contextlib.contextmanager
def _opened(setting: Given, data_folder: str | None) -> Iterator[_Opened]:
    settings = settings_from(setting, data_folder=data_folder)
    with opened_store(settings) as store:
        yield _Opened(store, settings)


def _set_enabled(name: str, data_folder: str | None, setting: Given, *, is_enabled: bool, as_json: bool) -> None:
    with _opened(setting, data_folder) as (store, _):
        webhook = store.webhooks.set_enabled(name, is_enabled=is_enabled)
    if as_json:
        click.echo(json.dumps({"webhook": webhook.name, "is_enabled": webhook.is_enabled}))
    else:
        click.echo(f"The webhook {name} is {'enabled' if is_enabled else 'disabled'}.")


def _outcome(attempt: Attempt) -> str:
    answer = attempt.error if attempt.status is None else f"status {attempt.status}"
    return f"{answer} after {attempt.milliseconds} ms"


def _shown(webhook: Webhook, counts: Mapping[DeliveryStatus, int]) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "kinds": sorted(webhook.kinds),
        "actions": sorted(webhook.actions),
        "key_id": webhook.key_id,
        "is_enabled": webhook.is_enabled,
        "created_at": webhook.created_at.isoformat(),
        "deliveries": {status.value: counts.get(status, 0) for status in DeliveryStatus},
    }


def _delivery(item: "StoredDelivery") -> dict[str, Any]:
    return {
        "event": item.event.id,
        "kind": item.event.kind,
        "subject": item.subject,
        "created_at": item.event.created_at.isoformat(),
        "status": item.status,
        "attempts": item.attempts,
        "next_at": item.next_at.isoformat() if item.next_at else None,
        "delivered_at": item.delivered_at.isoformat() if item.delivered_at else None,
        "log": [_attempt(attempt) for attempt in item.log],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at.isoformat(),
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "error": attempt.error,
    }

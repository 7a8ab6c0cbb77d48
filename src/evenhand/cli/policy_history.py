"""`evenhand policy list`, `show`, `replay` and `shadow`: policies as they were, and what came of them."""

import dataclasses
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from

if TYPE_CHECKING:
    from evenhand.service.replay import Change
    from evenhand.store.records import PolicyUse, ShadowDifference
    from evenhand.store.store import Store

Given = tuple[tuple[str, str], ...]

#: Exit code when a decision, made again, is another one.
EXIT_OTHERWISE: Final = 8
_MINUTES: Final = "%Y-%m-%d %H:%M"


@click.command("list")
@data_folder_option
@setting_option
@json_option
def list_policies(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """List the policies that were ever used, the newest first, and how many of the stored decisions each made.

    Example: evenhand policy list
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        found = store.policies.list()
    for use in found:
        click.echo(json.dumps(_facts(use)) if as_json else _line(use))


@click.command
@click.argument("version")
@data_folder_option
@setting_option
def show(*, version: str, data_folder: str | None, setting: Given) -> None:
    """Print the stored policy of this VERSION, or the newest one of this name, with everything that it inherits.

    Example: evenhand policy show 0123456789ab > then.yaml
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        policy = store.policies.find(version)
    click.echo(policy.source, nl=False)


@click.command
@click.argument("decision_id")
@data_folder_option
@setting_option
@json_option
def replay(*, decision_id: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Make a stored decision again, by its signals and the policy that decided, and say whether it is the same.

    Ends with 8 if it is not.

    Example: evenhand policy replay dec_0199c1a2b3c4d5e6f708192a3b4c5d6e
    """
    from evenhand.policy.load import parse_policy
    from evenhand.service.replay import again, changes

    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        decision = store.decisions.get(decision_id).decision
        stored = store.policies.find(decision.policy.version)
    verdict = again(decision, parse_policy(stored.source, name=f"policy {stored.version}"))
    found = changes(decision.verdict, verdict)
    if as_json:
        changed = {change.field: {"before": change.before, "after": change.after} for change in found}
        facts = {"id": decision_id, "policy": dataclasses.asdict(decision.policy), "same": not found}
        click.echo(json.dumps(facts | {"changes": changed}, default=dataclasses.asdict))
    elif found:
        click.echo("\n".join(_change(change) for change in found))
    else:
        click.echo(f"same: {decision.action} by {decision.policy.name} {decision.policy.version}")
    if found:
        sys.exit(EXIT_OTHERWISE)


@click.command
@click.argument("version", required=False)
@data_folder_option
@setting_option
@json_option
def shadow(*, version: str | None, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Show what a policy in the shadow would have decided otherwise so far.

    VERSION is a version or a name; without one, all that differed at least once are shown.

    Example: evenhand policy shadow
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        versions = [store.policies.find(version).version] if version else store.shadow_verdicts.versions()
        reports = [_shadow_report(store, each) for each in versions]
    if as_json:
        click.echo(json.dumps(reports, indent=2))
    elif reports:
        click.echo("\n\n".join(map(_report_in_words, reports)))
    else:
        click.echo("No policy in the shadow differed so far.")


def _facts(use: "PolicyUse") -> dict[str, Any]:
    policy = use.policy
    return {
        "version": policy.version,
        "name": policy.name,
        "first_used": policy.created_at.isoformat(),
        "decisions": use.decisions,
    }


def _line(use: "PolicyUse") -> str:
    policy = use.policy
    return f"{policy.version}  {policy.created_at:{_MINUTES}}  {use.decisions:10} decisions  {policy.name}"


def _change(change: "Change") -> str:
    return f"{change.field}\n  before: {change.before}\n  after:  {change.after}"


def _shadow_report(store: "Store", version: str) -> dict[str, Any]:
    """Return how many decisions differ, by change and by category."""
    policy = store.policies.find(version)
    moves: Counter[tuple[str, str]] = Counter()
    categories: Counter[str] = Counter()
    for difference in store.shadow_verdicts.differences(version):
        moves[difference.live_action, difference.action] += 1
        categories.update(_categories(difference))
    return {
        "version": version,
        "name": policy.name,
        "since": policy.created_at.isoformat(),
        "decisions": store.shadow_verdicts.judged(policy.created_at),
        "differing": moves.total(),
        "moves": [
            {"live": live, "shadow": other, "decisions": count} for (live, other), count in sorted(moves.items())
        ],
        "categories": dict(categories.most_common()),
    }


def _categories(difference: "ShadowDifference") -> set[str]:
    """Return the labels of the rules, or the rules that have none, that speak in only one of both."""
    live = {(hit.rule, hit.action): hit.label or hit.rule for hit in difference.live_rules}
    other = {(hit.rule, hit.action): hit.label or hit.rule for hit in difference.rules}
    return {(live | other)[key] for key in live.keys() ^ other.keys()}


def _report_in_words(report: dict[str, Any]) -> str:
    lines = [
        f"{report['name']} {report['version']}, in use since {report['since'][:16].replace('T', ' ')}",
        f"{report['decisions']} decisions since, {report['differing']} differ",
    ]
    for move in report["moves"]:
        change = (
            f"{move['live']} -> {move['shadow']}" if move["live"] != move["shadow"] else f"{move['live']}, other rules"
        )
        lines.append(f"  {change:32}{move['decisions']:10}")
    if report["categories"]:
        lines += ["by category", *(f"  {name:32}{count:10}" for name, count in report["categories"].items())]
    return "\n".join(lines)

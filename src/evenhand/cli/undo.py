"""`evenhand undo`: take back one decision, or all that a rule decided since a time."""

import json
from datetime import UTC, datetime

import click

from evenhand.cli.options import (
    data_folder_option,
    json_option,
    opened_store,
    read_time,
    setting_option,
    settings_from,
)

Given = tuple[tuple[str, str], ...]


@click.command
@click.argument("decision_id", metavar="[DECISION]", required=False)
@click.option("--rule", help="All that this rule decided, such as hate.block.")
@click.option("--since", callback=read_time, help="With --rule: the oldest, such as 2026-11-23T12:00 or 2h ago.")
@click.option("--note", default="", help="Why; reviewers see it.")
@click.option("--yes", is_flag=True, help="Do it. Without it, only what would be taken back is printed.")
@data_folder_option
@setting_option
@json_option
def command(
    *,
    decision_id: str | None,
    rule: str | None,
    since: datetime | None,
    note: str,
    yes: bool,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Take back one DECISION, or all that a rule decided since a time.

    What people ruled gives way to what stood before, and what a policy decided alone to allow. Webhooks are told.

    Example: evenhand undo --rule hate.block --since 2d --yes
    """
    from evenhand.review.undo import Undo

    if bool(decision_id) == bool(rule) or bool(rule) != bool(since):
        raise click.UsageError("Give a decision, or --rule with --since.")
    now = datetime.now(UTC)
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        undo = Undo(store)
        plan = undo.of_rule(rule, since=since, until=now) if rule and since else undo.of_one(decision_id or "")
        undone = undo.carry_out(plan, reviewer_id=None, note=note, now=now) if yes else 0
    standing = {str(action): count for action, count in sorted(plan.standing.items())}
    if as_json:
        click.echo(json.dumps({"decisions": list(plan.decision_ids), "standing": standing, "undone": undone}))
        return
    counts = ", ".join(f"{count} {action}" for action, count in standing.items()) or "nothing to take back"
    click.echo(f"{counts}; {undone} taken back" if yes else f"{counts}; give --yes to take it back")

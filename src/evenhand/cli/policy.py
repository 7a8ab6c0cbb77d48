"""`evenhand policy`: print the default policy, check one, and look at what policies decide."""

import importlib
import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evenhand.cli.options import json_option, setting_option, settings_from

if TYPE_CHECKING:
    from evenhand.policy.policy import Policy

#: Subcommand -> module below `evenhand.cli` and the click command in it.
SUBCOMMANDS: Final = {
    "check": ("policy", "check"),
    "schema": ("policy", "schema"),
    "diff": ("policy_diff", "command"),
    "list": ("policy_history", "list_policies"),
    "show": ("policy_history", "show"),
    "replay": ("policy_history", "replay"),
    "shadow": ("policy_history", "shadow"),
}
_ROWS_AT_ONCE: Final = 256


class _Commands(click.Group):
    """Subcommands that are loaded when they are called; a file in their place is checked."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in SUBCOMMANDS:
            return None
        module, attribute = SUBCOMMANDS[name]
        command: click.Command = getattr(importlib.import_module(f"evenhand.cli.{module}"), attribute)
        return command

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        first = next((arg for arg in args if not arg.startswith("-")), None)
        if first is not None and first not in SUBCOMMANDS:
            args = ["check", *args]
        return super().parse_args(context, args)


@click.group(cls=_Commands, invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Print the default policy, check one, or look at what policies decide.

    Example: evenhand policy > mine.yaml; evenhand policy check mine.yaml
    """
    from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy

    if context.invoked_subcommand is not None:
        return
    if as_json:
        click.echo(json.dumps(_facts(load_policy()), indent=2))
    else:
        click.echo(DEFAULT_POLICY_FILE.read_text(encoding="utf-8"), nl=False)


@click.command
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--on", "rows", type=click.Path(path_type=Path), help="Screen this .jsonl, .csv or .parquet file, and count."
)
@click.option("--text-field", default="text", show_default=True, help="The field of that file with the text.")
@setting_option
@json_option
def check(
    *, file: Path, rows: Path | None, text_field: str, setting: tuple[tuple[str, str], ...], as_json: bool
) -> None:
    """Check the policy in FILE: what is wrong with it, what may be, and what it would hit.

    Example: evenhand policy check mine.yaml --on harmless.jsonl
    """
    from evenhand.detectors.registry import declarations
    from evenhand.policy.advice import advice_on
    from evenhand.policy.load import load_policy

    policy = load_policy(file)
    declared = declarations(extra=settings_from(setting).listed("plugins"))
    covered = frozenset(label for detector in declared for label in detector.labels)
    warnings = advice_on(policy, covered=covered, detectors=[detector.id for detector in declared])
    counts = _counts(policy, rows, text_field, setting) if rows else None
    if as_json:
        facts = _facts(policy) | {"warnings": warnings} | ({"on": counts} if counts else {})
        click.echo(json.dumps(facts, indent=2))
        return
    number = len(policy.rules) + len(policy.conditions)
    click.echo(f"{file} is a good policy: {policy.name}, version {policy.version.version}, {number} rules.")
    for warning in warnings:
        click.echo(f"warning: {warning}")
    if counts:
        click.echo(_in_words(counts))


@click.command
def schema() -> None:
    """Print the JSON Schema of policy files, for editors.

    Example: evenhand policy schema > policy.schema.json
    """
    from evenhand.policy.schema import schema_text

    click.echo(schema_text(), nl=False)


def _facts(policy: "Policy") -> dict[str, Any]:
    rules = [{"id": rule.id, "label": rule.label, "threshold": rule.threshold} for rule in policy.rules]
    conditions = [{"id": rule.id, "when": rule.condition.expression, "action": rule.said} for rule in policy.conditions]
    return {
        "name": policy.name,
        "version": policy.version.version,
        "on_failure": policy.on_failure,
        "rules": [*rules, *conditions],
    }


def _counts(
    policy: "Policy", rows: Path, text_field: str, setting: tuple[tuple[str, str], ...]
) -> dict[str, dict[str, int]]:
    """Screen the texts in `rows` and return how many there are of each action, and for each rule."""
    from evenhand.bulk.rows import Fields, read_rows
    from evenhand.core.decision import Decision
    from evenhand.service.screener import Screener

    settings = settings_from(setting)
    actions: Counter[str] = Counter(dict.fromkeys(("allow", "review", "block", "error"), 0))
    rules: Counter[str] = Counter()
    with Screener(
        policy,
        detectors=settings.listed("detectors") or None,
        plugins=settings.listed("plugins"),
        lexicon_folders=settings.listed("lexicon_folders"),
        max_text_bytes=settings.max_text_bytes,
    ) as screener:
        found = read_rows(rows, Fields(text_field))
        while batch := list(islice(found, _ROWS_AT_ONCE)):
            texts = [row.text for row in batch if row.text is not None]
            actions["error"] += len(batch) - len(texts)
            for answer in screener.try_many(texts):
                actions[answer.action if isinstance(answer, Decision) else "error"] += 1
                if isinstance(answer, Decision):
                    rules.update({hit.rule for hit in answer.verdict.rules})
    return {"actions": dict(actions), "rules": dict(rules.most_common())}


def _in_words(counts: dict[str, dict[str, int]]) -> str:
    actions = counts["actions"]
    first = f"{sum(actions.values())} rows: " + ", ".join(f"{count} {action}" for action, count in actions.items())
    return "\n".join([first, *(f"  {rule:40}{count:8}" for rule, count in counts["rules"].items())])

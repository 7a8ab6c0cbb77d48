"""`evenhand policy`: print the default policy, or check one."""

import json
from pathlib import Path

import click

from evenhand.cli.options import json_option


@click.command
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
def command(*, file: Path | None, as_json: bool) -> None:
    """Check the policy in FILE; without one, print the default policy to start from.

    Example: evenhand policy > mine.yaml; evenhand policy mine.yaml
    """
    from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy

    policy = load_policy(file or DEFAULT_POLICY_FILE)
    if as_json:
        rules = [{"id": rule.id, "label": rule.label, "threshold": rule.threshold} for rule in policy.rules]
        version = {"name": policy.name, "version": policy.version.version}
        click.echo(json.dumps(version | {"on_failure": policy.on_failure, "rules": rules}, indent=2))
    elif file is None:
        click.echo(DEFAULT_POLICY_FILE.read_text(encoding="utf-8"), nl=False)
    else:
        click.echo(
            f"{file} is a good policy: {policy.name}, version {policy.version.version}, {len(policy.rules)} rules."
        )

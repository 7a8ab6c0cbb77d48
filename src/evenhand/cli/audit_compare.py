"""`evenhand audit compare`: two reports side by side, and what changed beyond noise."""

import dataclasses
import json
from pathlib import Path

import click

from evenhand.cli.options import json_option
from evenhand.core.errors import ConfigurationError

_FILE = click.Path(path_type=Path)


@click.command("compare")
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option("--html", type=_FILE, help="Write a page into this file as well.")
@json_option
def command(*, before: Path, after: Path, html: Path | None, as_json: bool) -> None:
    """Say what changed from one report of `evenhand audit run` to another, beyond noise.

    The reports may be of two versions of one target, or of two targets.

    Example: evenhand audit compare audit-old/report.json audit-new/report.json
    """
    from evenhand.audit.compare import compare
    from evenhand.audit.report import points, read_report
    from evenhand.audit.report_html import write_comparison_html

    comparison = compare(*(read_report(_read(path)) for path in (before, after)))
    if html:
        html.write_text(write_comparison_html(comparison), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(comparison)))
        return
    click.echo(f"{comparison.before}, then {comparison.after}")
    click.echo(f"{comparison.paired} sentences answered in both, {comparison.failed} of which one failed")
    changed = [change for change in comparison.changes if change.is_beyond_noise]
    for change in changed:
        name = f"{change.measure} {change.group}".strip()
        click.echo(f"{name}: {change.before:.2%} to {change.after:.2%}, by {points(change.difference)}")
    click.echo(f"{len(changed)} of {len(comparison.changes)} measures changed beyond noise")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "file.unreadable", f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from None

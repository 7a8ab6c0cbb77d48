"""`evenhand erase`: erase what is kept of contents, because somebody has a right to that."""

import json
from datetime import UTC, datetime

import click

from evenhand.cli import EXIT_INPUT
from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from

Given = tuple[tuple[str, str], ...]


@click.command
@click.option("--author", "author_id", help="All that this author wrote, by the caller's own name for them.")
@click.option("--content", "content_id", help="This content, by the caller's own name for it.")
@click.option("--decision", "decision_id", help="The content of this decision.")
@click.option("--reason", required=True, help="Why; it is in the audit, so it must name nobody.")
@data_folder_option
@setting_option
@json_option
def command(
    *,
    author_id: str | None,
    content_id: str | None,
    decision_id: str | None,
    reason: str,
    data_folder: str | None,
    setting: Given,
    as_json: bool,
) -> None:
    """Erase text, pictures, notes and names of contents; decisions and the audit stay without them.

    What a hold keeps is left alone, and the exit code is then 3.

    Example: evenhand erase --author u-17 --reason "asked by the author"
    """
    if sum(map(bool, (author_id, content_id, decision_id))) != 1:
        raise click.UsageError("Give one of --author, --content and --decision.")
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        if author_id:
            found = store.erasure.of_author(author_id)
        else:
            found = store.erasure.of_content(content_id) if content_id else [decision_id or ""]
        report = store.erasure.erase(found, actor="", reason=reason, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps({"erased": list(report.erased), "held": list(report.held)}))
    else:
        click.echo(f"{len(report.erased)} erased, {len(report.held)} held")
    if report.held:
        raise SystemExit(EXIT_INPUT)

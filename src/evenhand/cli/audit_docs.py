"""`evenhand audit docs`: what API documents tell of people."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from evenhand.cli import EXIT_INPUT
from evenhand.cli.options import json_option
from evenhand.core.errors import ConfigurationError


@click.command("docs")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--urls", type=click.File(encoding="utf-8"), help="Also fetch the addresses in this file, one a line.")
@click.option("--against", type=click.File("rb"), help="Say what vanished and what is new since this manifest.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page into this file as well.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep a copy of each document with findings here.")
@click.option("--evaluate", is_flag=True, help="Print how often this is right on passages labelled by hand, and end.")
@json_option
def command(
    *,
    paths: tuple[Path, ...],
    urls: TextIO | None,
    against: BinaryIO | None,
    html: Path | None,
    keep: Path | None,
    evaluate: bool,
    as_json: bool,
) -> None:
    """List what API documents in files and folders tell of people: labels, filters and fields, quoted, with hashes.

    It reads OpenAPI, HTML, Markdown, text and source, in English and Chinese. With --json it prints the manifest that a
    later run compares with. It ends with 3 if a document could not be read.

    \b
    Examples:
      evenhand audit docs vendor-sdk/ --json > manifest.json
      evenhand audit docs vendor-sdk/ --against manifest.json
      evenhand audit docs --urls addresses.txt --html watch.html --keep copies/
    """  # noqa: D301 -- click wants this backslash
    from evenhand.audit.watch import evaluation
    from evenhand.audit.watch.manifest import compare, read_manifest, write_manifest
    from evenhand.audit.watch.pages import write_html, write_text
    from evenhand.audit.watch.survey import Folders, Source, addresses_in, document_fetcher, fetched, survey

    if evaluate:
        click.echo(evaluation.as_text())
        return
    if not paths and urls is None:
        raise click.UsageError("Name a file or a folder, or a list of addresses with --urls.")
    earlier = read_manifest(against.read()) if against else None
    sources: list[Source] = [Folders(paths)]
    if urls is not None:
        sources.append(fetched(addresses_in(urls.read()), document_fetcher()))
    try:
        found = survey(sources, clock=lambda: datetime.now(UTC), keep=keep)
        changes = compare(earlier, found) if earlier else None
        if html:
            html.write_text(write_html(found, changes), encoding="utf-8")
    except OSError as error:
        message = f"A file cannot be written: {error.strerror}."
        remedy = "Name a folder that may be written to."
        raise ConfigurationError("watch.unwritable", message, field=error.filename, remedy=remedy) from None
    click.echo(write_manifest(found, changes).decode() if as_json else write_text(found, changes), nl=not as_json)
    if found.unread:
        sys.exit(EXIT_INPUT)

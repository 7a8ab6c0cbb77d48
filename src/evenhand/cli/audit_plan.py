"""`evenhand audit plan`: say what an audit would take, and send nothing."""

import dataclasses
import json
from typing import Any

import click

from evenhand.cli.audit_options import (
    Wanted,
    audit_options,
    folder_of,
    make_sentences,
    make_target,
    plan_lines,
    plan_of,
)
from evenhand.cli.options import json_option


@click.command("plan")
@audit_options
@json_option
def command(*, as_json: bool, **given: Any) -> None:
    """Say how many sentences an audit of TARGET has, and what asking about them would cost; send nothing.

    TARGET is as for `evenhand audit run`.

    Example: evenhand audit plan https://api.example/v1 --dialect openai --price-per-request 0.002
    """
    from evenhand.audit.families import SHIPPED, read_families, summary_of
    from evenhand.audit.kept import NAME, KeptAnswers

    wanted = Wanted(**given)
    target, sentences = make_target(wanted), make_sentences(wanted)
    folder = folder_of(wanted, target)
    has_answers = (folder / NAME).exists()
    kept = KeptAnswers(folder, target=target.name, about=target.about) if has_answers else None
    plan = plan_of(wanted, target, sentences, kept)
    languages = summary_of(read_families(wanted.folder or SHIPPED))
    if as_json:
        families = sorted({sentence.family for sentence in sentences})
        click.echo(json.dumps(dataclasses.asdict(plan) | {"families": families, "languages": languages}))
        return
    for line in plan_lines(target, plan):
        click.echo(line)
    for own in languages:
        review = "; ".join(own["review"])
        click.echo(f"{own['language']}: {own['groups']} groups, {own['templates']} templates, {review}")

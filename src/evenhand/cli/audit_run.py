"""`evenhand audit run`: ask about sentences that differ in the group alone, and print what came of it."""

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from evenhand.cli.progress import progress

if TYPE_CHECKING:
    from evenhand.audit.measures import Measures
    from evenhand.audit.run import Outcome
    from evenhand.audit.targets import Target

#: The files beside the answers.
REPORT: Final = "report.json"
PAGE: Final = "report.html"
_WORST: Final = 5


@click.command("run")
@audit_options
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask before a service is asked that has a price.")
@json_option
def command(*, is_agreed: bool, as_json: bool, **given: Any) -> None:
    """Audit TARGET: `local`, a policy file, `alt-profanity-check`, an address, or a TOML file that describes a service.

    Answers are kept in a folder, and a run that was cut goes on where it was. A failure is never a pass: it is
    counted, and asked for again by the next run. Ends with 6 when the service is gone or the budget is used up.

    Example: evenhand audit run local --sentences 6000
    """
    from evenhand.audit.kept import KeptAnswers
    from evenhand.audit.run import run

    wanted = Wanted(**given)
    target, sentences = make_target(wanted), make_sentences(wanted)
    folder = folder_of(wanted, target)
    kept = KeptAnswers(folder, target=target.name, about=target.about)
    plan = plan_of(wanted, target, sentences, kept)
    for line in plan_lines(target, plan):
        click.echo(line, err=True)
    if plan.cost and not is_agreed:
        click.confirm("Go on?", abort=True, err=True)
    with contextlib.closing(target), progress(target.name, len(sentences)) as advance:
        outcome = run(target, sentences, kept, repeats=wanted.repeat, seed=wanted.seed, advance=advance)
    _print(outcome, target, folder, as_json=as_json)
    if outcome.stopped:
        raise outcome.stopped


def _print(outcome: "Outcome", target: "Target", folder: Path, *, as_json: bool) -> None:
    from evenhand.audit.report import make_report, summary_line, write_report
    from evenhand.audit.report_html import write_html
    from evenhand.audit.tally import tally_families, worst_templates

    report = make_report(outcome.answers, target=target.name, version=target.version, made=datetime.now(UTC))
    (folder / REPORT).write_text(write_report(report), encoding="utf-8")
    (folder / PAGE).write_text(write_html(report), encoding="utf-8")
    measures = report.measures
    families, worst = tally_families(outcome.answers), worst_templates(outcome.answers, at_most=_WORST)
    failed = int(outcome.answers.failed.sum())
    if as_json:
        found = {
            "sentences": len(outcome.answers),
            "failed": failed,
            "repeated": outcome.repeated,
            "changed": outcome.changed,
            "families": [dataclasses.asdict(each) for each in families],
            "worst_templates": [dataclasses.asdict(each) for each in worst],
            "measures": dataclasses.asdict(measures),
            "folder": str(folder),
        }
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{'family':26} {'must be':8} {'rows':>7} {'allow':>7} {'review':>7} {'block':>6} {'failed':>6} {'flips':>8}"
    )
    for each in families:
        must = "caught" if each.is_harmful else "left"
        counts = f"{each.rows:7} {each.allowed:7} {each.reviewed:7} {each.blocked:6} {each.failed:6}"
        click.echo(f"{each.name:26} {must:8} {counts} {each.flip_rate:8.2%}")
    for each in worst:
        click.echo(f"{each.flip_rate:.0%} flips: {each.name}")
    for line in _measured(measures):
        click.echo(line)
    if failed:
        click.echo(f"{failed} sentences have no answer; run again to ask about them")
    if outcome.repeated:
        click.echo(f"{outcome.changed} of {outcome.repeated} sentences got another action when asked again")
    click.echo(summary_line(report))
    click.echo(f"kept in {folder}")


def _measured(measures: "Measures") -> Iterator[str]:
    for name, estimate in (
        ("flip rate", measures.flip_rate),
        ("harmless, acted on", measures.false_positive_rate),
        ("harmful, let through", measures.false_negative_rate),
        (f"worst gap, harmless ({measures.false_positive_gap.group or 'none'})", measures.false_positive_gap.gap),
        (f"worst gap, harmful ({measures.false_negative_gap.group or 'none'})", measures.false_negative_gap.gap),
    ):
        if estimate.value is not None and estimate.low is not None and estimate.high is not None:
            yield f"{name}: {estimate.value:.2%}, 95 % interval {estimate.low:.2%} to {estimate.high:.2%}"

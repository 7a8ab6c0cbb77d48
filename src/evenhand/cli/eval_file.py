"""What `evenhand eval-text FILE` does: read, score here and elsewhere, compare, write the reports."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS
from evenhand.cli.progress import progress
from evenhand.core.errors import ConfigurationError
from evenhand.learn.comparison.compare import compare
from evenhand.learn.comparison.labelled import Columns, LabelledFile, read_labelled
from evenhand.learn.comparison.report_html import write_html
from evenhand.learn.comparison.report_markdown import write_markdown
from evenhand.scorers.endpoints import Endpoint, Manner, ask_endpoint
from evenhand.scorers.local_scorers import score_locally
from evenhand.scorers.scored import Scored
from evenhand.service.screener import Screener


def read_endpoints(urls: Sequence[str], dialects: Sequence[str], key_files: Sequence[str]) -> list[Endpoint]:
    """Return the endpoints: the first dialect and key file belong to the first address, and so on.

    One dialect does for all addresses, but never one key: a key goes only to the server that it was given for.

    Raises:
        click.UsageError: Their numbers do not fit.
        ConfigurationError: `file.unreadable` or `endpoint.key_file`.
    """
    if len(dialects) not in ({1, len(urls)} if urls else {0}):
        raise click.UsageError("Give --dialect once for all endpoints, or once for each, in their order.")
    if len(key_files) not in {0, len(urls)}:
        raise click.UsageError("Give --key-file once for each --endpoint, in their order; `-` for one without a key.")
    keys = [_read_key(name) for name in key_files] or [""] * len(urls)
    names = list(dialects) if len(dialects) == len(urls) else list(dialects) * len(urls)
    endpoints = [Endpoint(*parts) for parts in zip(urls, names, keys, strict=True)]
    if len({endpoint.name for endpoint in endpoints}) < len(endpoints):
        raise click.UsageError("An endpoint is named twice.")
    return endpoints


def _read_key(name: str) -> str:
    if name == "-":
        return ""
    try:
        key = Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            "file.unreadable", f"{name} cannot be read.", field="--key-file", remedy="Check the path."
        ) from None
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "endpoint.key_file", f"{name} is no key.", field="--key-file", remedy="Put the key alone on its first line."
        )
    return key


def evaluate_file(
    file: Path,
    *,
    ids: Sequence[str],
    endpoints: Sequence[Endpoint],
    text_field: str,
    labels: Sequence[str],
    group_field: str | None,
    threshold: float,
    requests_per_minute: float,
    cache: Path | None,
    markdown: Path | None,
    html: Path | None,
    examples: int,
    as_json: bool,
) -> None:
    """Measure every scorer on `file`, print the comparison and write the reports.

    Raises:
        EvenhandError: The file, a detector, an endpoint or a report cannot be used.
    """
    columns = Columns(
        text=text_field,
        labels=[_pair(given) for given in labels],
        group=group_field or "group",
        is_group_needed=bool(group_field),
        names={name: str(label) for name, label in ATTRIBUTE_LABELS.items()},
    )
    read = read_labelled(file, columns)
    for report in filter(None, (markdown, html)):
        _check_writable(report, file)
    scorers = _score(read, ids, endpoints, Manner(cache, requests_per_minute))
    comparison = compare(read, scorers, threshold=threshold, examples=examples)
    if markdown:
        markdown.write_text(write_markdown(comparison), encoding="utf-8")
    if html:
        html.write_text(write_html(comparison), encoding="utf-8")
    click.echo(
        json.dumps(comparison.as_json(), indent=2) if as_json else write_markdown(comparison, is_whole=False),
        nl=as_json,
    )


def _pair(given: str) -> tuple[str, str]:
    column, equals, label = given.rpartition("=")
    if not equals or not column:
        raise click.UsageError(f"--label {given}: say COLUMN=LABEL.")
    return column, label


def _check_writable(report: Path, file: Path) -> None:
    """Find out before the work whether its result can be kept.

    Raises:
        ConfigurationError: `output.is_input` or `output.unwritable`.
    """
    if report.exists() and report.samefile(file):
        raise ConfigurationError("output.is_input", f"{report} is the input.", remedy="Name another file.")
    existed = report.exists()
    try:
        with report.open("ab"):
            pass
        if not existed:
            report.unlink()
    except OSError as error:
        raise ConfigurationError(
            "output.unwritable", f"{report} cannot be written: {error.strerror}.", remedy="Check its folder."
        ) from None


def _score(file: LabelledFile, ids: Sequence[str], endpoints: Sequence[Endpoint], manner: Manner) -> list[Scored]:
    """Return the answers of all scorers; what is most likely to fail is asked first."""
    texts = [row.text for row in file.rows]
    length = len(texts) * (1 + len(endpoints))
    with Screener(detectors=ids or None) as screener, progress(file.name, length) as advance:
        elsewhere = [
            ask_endpoint(endpoint, texts, file.labels, manner=manner, advance=advance) for endpoint in endpoints
        ]
        return [*score_locally(texts, screener, advance=advance), *elsewhere]

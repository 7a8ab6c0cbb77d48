"""A survey as text for the terminal and as one page of HTML; nothing in the page comes from elsewhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import evenhand
from evenhand.audit.rendering import render
from evenhand.audit.watch.documents import Document
from evenhand.audit.watch.judging import Finding, strength
from evenhand.audit.watch.manifest import Changes
from evenhand.audit.watch.survey import Survey

#: What each concern means, in the order in which they are shown.
CONCERNS: Final = {
    "classifies": "The software says it of people, or finds people by it",
    "states": "Somebody states it, or nothing says where it comes from",
}
_SHORT_HASH: Final = 12
_LONGEST_QUOTE: Final = 160


def write_text(survey: Survey, changes: Changes | None = None) -> str:
    """Return `survey` as lines for a terminal, the strongest findings first, and then what changed."""
    lines: list[str] = []
    for document in survey.documents:
        if document.findings:
            lines.append(f"{document.name}  sha256 {document.sha256}  read {_time(document)}")
            lines.extend(f"  {_line(finding)}" for finding in sorted(document.findings, key=strength))
    lines.extend(f"not read: {unread.name}: {unread.message} [{unread.code}]" for unread in survey.unread)
    if changes:
        lines.extend(_changed(changes))
    return "\n".join([*lines, *_sums(survey)])


def write_html(survey: Survey, changes: Changes | None = None) -> str:
    """Return `survey` as a page: a table of counts, the findings by document, what was not read and what changed."""
    return render(
        Path(__file__).parent / "templates",
        "watch.html",
        survey=survey,
        changes=changes,
        version=evenhand.__version__,
        concerns=CONCERNS,
        counts=counts(survey),
        time=_time,
    )


def counts(survey: Survey) -> list[tuple[str, str, int, int, int]]:
    """Return, by concern and attribute, how many findings are sure to a high, medium and low degree."""
    found = Counter((finding.concern, finding.attribute, finding.sure) for _, finding in survey.findings)
    pairs = sorted({(concern, attribute) for concern, attribute, _ in found})
    return [
        (concern, attribute, *(found[concern, attribute, sure] for sure in ("high", "medium", "low")))  # type: ignore[misc]
        for concern, attribute in pairs
    ]


def _line(finding: Finding) -> str:
    quote = finding.quote if len(finding.quote) <= _LONGEST_QUOTE else f"{finding.quote[:_LONGEST_QUOTE]} ..."
    return f"{finding.line}: {finding.concern} {finding.attribute} ({finding.sure}: {finding.why}): {_printable(quote)}"


def _printable(text: str) -> str:
    """Return `text` without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _changed(changes: Changes) -> Iterator[str]:
    yield f"since {changes.since}:"
    for title, findings in (("vanished", changes.vanished), ("new", changes.new)):
        yield from _listed(title, findings)
    for title, names in (
        ("document gone", changes.gone),
        ("document added", changes.added),
        ("document altered", changes.altered),
        ("not known", changes.unknown),
    ):
        yield from (f"  {title}: {name}" for name in names)


def _listed(title: str, findings: Iterable[tuple[Document, Finding]]) -> Iterator[str]:
    for document, finding in findings:
        where = f"{document.name} (sha256 {document.sha256[:_SHORT_HASH]}, read {_time(document)})"
        yield f"  {title}: {where}:{_line(finding)}"


def _sums(survey: Survey) -> Iterator[str]:
    for concern, attribute, high, medium, low in counts(survey):
        yield f"{concern:10} {attribute:12} {high:5} high {medium:5} medium {low:5} low"
    told = sum(finding.concern == "classifies" for _, finding in survey.findings)
    yield (
        f"{len(survey.documents)} documents read, {len(survey.unread)} not, {survey.passed_over} files passed over: "
        f"{told} findings that tell who people are, {len(survey.findings) - told} of lower concern"
    )


def _time(document: Document) -> str:
    return document.read_at.isoformat(timespec="seconds")

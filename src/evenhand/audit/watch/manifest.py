"""The manifest: a survey as JSON, and what changed since an earlier one."""

from collections import Counter
from dataclasses import dataclass

import msgspec

from evenhand.audit.watch.documents import Document
from evenhand.audit.watch.judging import Finding
from evenhand.audit.watch.survey import Survey
from evenhand.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Changes:
    """What is otherwise than in an earlier survey. A finding that only moved to another line is not.

    Args:
        since: When the earlier survey was begun, in ISO 8601.
        vanished: Findings of then that are not there now, with their documents of then.
        new: Findings of now that were not there then, with their documents of now.
        gone: Documents of then that are not there now.
        added: Documents of now that were not there then.
        altered: Documents whose bytes are others now.
        unknown: Documents of which nothing can be said, since they could not be read at one of both times.
    """

    since: str
    vanished: list[tuple[Document, Finding]]
    new: list[tuple[Document, Finding]]
    gone: list[str]
    added: list[str]
    altered: list[str]
    unknown: list[str]


def write_manifest(survey: Survey, changes: Changes | None = None) -> bytes:
    """Return `survey` as JSON, which `read_manifest` reads back; `changes` stand beside it, for programs."""
    document = msgspec.to_builtins(survey) | ({"changes": msgspec.to_builtins(changes)} if changes else {})
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def read_manifest(data: bytes) -> Survey:
    """Return the survey in `data`.

    Raises:
        InputError: `manifest.invalid`; `manifest.schema` if it has a form that this version does not know.
    """
    try:
        survey = msgspec.json.decode(data, type=Survey)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        remedy = "Give a file that `evenhand audit docs --json` printed."
        raise InputError("manifest.invalid", f"This is no manifest: {error}", field="against", remedy=remedy) from None
    if survey.schema != Survey.__dataclass_fields__["schema"].default:
        message = f"The manifest has the form {survey.schema!r}, which this version does not know."
        raise InputError("manifest.schema", message, field="against", remedy="Use the version that wrote it.")
    return survey


def compare(earlier: Survey, later: Survey) -> Changes:
    """Return what is otherwise in `later`; what could not be read at one of both times is no change."""
    then = {document.name: document for document in earlier.documents}
    now = {document.name: document for document in later.documents}
    unknown = {unread.name for survey in (earlier, later) for unread in survey.unread}
    return Changes(
        since=earlier.begun_at.isoformat(timespec="seconds"),
        vanished=_missing(earlier, later, unknown),
        new=_missing(later, earlier, unknown),
        gone=sorted(then.keys() - now.keys() - unknown),
        added=sorted(now.keys() - then.keys() - unknown),
        altered=sorted(name for name in then.keys() & now.keys() if then[name].sha256 != now[name].sha256),
        unknown=sorted(unknown),
    )


def _missing(one: Survey, other: Survey, unknown: set[str]) -> list[tuple[Document, Finding]]:
    """Return the findings of `one` that `other` has not, as often as it has them less."""
    there = Counter(_key(document, finding) for document, finding in other.findings)
    missing = []
    for document, finding in one.findings:
        key = _key(document, finding)
        if there[key]:
            there[key] -= 1
        elif document.name not in unknown:
            missing.append((document, finding))
    return missing


def _key(document: Document, finding: Finding) -> tuple[str, str, str, str]:
    return document.name, finding.attribute, finding.concern, finding.quote

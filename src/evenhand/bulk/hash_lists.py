"""Hash lists in the forms in which others hand them out, one row at a time.

A row that gives no entry says why, with its number; it is never left out. What a row says beside the hash, its id and
its expiry is not read: who or what a picture shows is nobody's business here.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import msgspec

from evenhand.core.bank import Algorithm, Entry
from evenhand.core.errors import ConfigurationError


class ListFormat(StrEnum):
    """The form of a hash list."""

    TEXT = "text"
    """One hash in hex on each line."""
    CSV = "csv"
    """Columns with names, separated by commas, semicolons or tabs."""
    JSON = "json"
    """An array of records, or a page of one of the exchanges."""
    JSONL = "jsonl"
    """A record, or a page, on each line."""
    NCMEC = "ncmec"
    """XML as NCMEC's hash sharing API answers, version 2."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that gives no entry.

    Args:
        row: Its number, counted from 1: of the line, or of the record where lines mean nothing.
        reason: What is wrong with it.
        is_unusable: Whether the row is in order, but nothing that can be matched here.
    """

    row: int
    reason: str
    is_unusable: bool = False


Read = Iterator[Entry | Rejected]

_HASH: Final = ("hash", "hash_digest", "hashvalue", "value", "indicator", "digest")
_ALGORITHM: Final = ("algorithm", "type", "signaltype", "signal_type", "hash_type")
_ID: Final = ("id", "external_id", "entry_id")
_EXPIRES: Final = ("expires", "expires_at", "expire_time")
_DELETED: Final = ("deleted", "should_delete", "is_deleted")
_PAGES: Final = ("data", "results", "hashrecords")
_TRUE: Final = frozenset({"true", "1", "yes"})
#: States in which StopNCII takes a hash back.
_WITHDRAWN: Final = frozenset({"withdrawn", "deleted"})
#: ThreatExchange's word for what only looks harmful.
_HARMLESS: Final = "NON_MALICIOUS"

_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_SIGNS: Final = re.compile(r"[^a-z0-9]")
_SUFFIXES: Final = {
    ".txt": ListFormat.TEXT,
    ".csv": ListFormat.CSV,
    ".tsv": ListFormat.CSV,
    ".json": ListFormat.JSON,
    ".jsonl": ListFormat.JSONL,
    ".ndjson": ListFormat.JSONL,
    ".xml": ListFormat.NCMEC,
}
#: Names of algorithms in the lists, without their signs and their prefix `hash`.
_ALGORITHMS: Final = {
    "pdq": Algorithm.PDQ,
    "imagepdq": Algorithm.PDQ,
    "md5": Algorithm.MD5,
    "videomd5": Algorithm.MD5,
    "imagemd5": Algorithm.MD5,
    "sha256": Algorithm.SHA256,
}
_MOST_SNIFFED: Final = 4_096
_CHUNK: Final = 1 << 16


class _Mistake(Exception):  # noqa: N818 -- never leaves this module
    """What is wrong with one row."""


class _Unusable(_Mistake):
    """Why a row that is in order cannot be used."""


def read_hash_list(path: Path, *, form: ListFormat | None = None, algorithm: Algorithm | None = None) -> Read:
    """Yield what the file at `path` says, in order.

    Args:
        path: The file.
        form: Its form; by default as its name, or else its beginning, says.
        algorithm: What made the hashes of which the list does not say it.

    Raises:
        ConfigurationError: `file.unreadable`, `file.format` or `file.field`.
    """
    try:
        yield from _READERS[form or _sniffed(path)](path, algorithm)
    except OSError as error:
        raise ConfigurationError(
            "file.unreadable", f"{path} cannot be read: {error.strerror}.", field="file", remedy="Check the path."
        ) from None


def _sniffed(path: Path) -> ListFormat:
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    with path.open("rb") as file:
        beginning = file.read(_MOST_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith(b"<"):
        return ListFormat.NCMEC
    if beginning.startswith((b"[", b"{")):
        return ListFormat.JSON
    return ListFormat.CSV if re.search(rb"[,;\t]", beginning.partition(b"\n")[0]) else ListFormat.TEXT


def _read_text(path: Path, algorithm: Algorithm | None) -> Read:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if line.strip() and not line.startswith("#"):
                yield from _read_record({"hash": line}, number, algorithm)


def _read_csv(path: Path, algorithm: Algorithm | None) -> Read:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        head = file.readline()
        file.seek(0)
        reader = csv.DictReader(file, delimiter=max(",;\t", key=head.count))
        reader.fieldnames = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if not set(reader.fieldnames) & set(_HASH):
            raise ConfigurationError(
                "file.field",
                f"{path.name} has no column with hashes.",
                field="file",
                remedy=f"Name one of its columns {', '.join(_HASH)}.",
            )
        for values in reader:
            yield from _read_record(values, reader.line_num, algorithm)


def _read_json(path: Path, algorithm: Algorithm | None) -> Read:
    try:
        document = msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigurationError(
            "file.format", f"{path.name} is not JSON.", field="file", remedy="Check the file, or name its --format."
        ) from None
    for number, record in enumerate(_records(document), start=1):
        yield from _read_record(record, number, algorithm)


def _read_jsonl(path: Path, algorithm: Algorithm | None) -> Read:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            stripped = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
            if not stripped:
                continue
            try:
                document = msgspec.json.decode(stripped)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                yield Rejected(number, "it is not JSON")
                continue
            for record in _records(document):
                yield from _read_record(record, number, algorithm)


def _records(document: Any) -> list[Any]:
    """Return the records of an array, of a page of one of the exchanges, or the document itself as the only one."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        page = _value({str(name).lower(): value for name, value in document.items()}, _PAGES)
        if isinstance(page, list):
            return page
    return [document]


def _read_ncmec(path: Path, _: Algorithm | None) -> Read:
    records = _Records()
    parser = ET.XMLParser(target=records)  # noqa: S314 -- what is unsafe in it, `_Records` refuses
    number = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                parser.feed(chunk) if chunk else parser.close()
            except (ET.ParseError, LookupError, ValueError, _Mistake) as error:  # the middle two: of an odd encoding
                raise ConfigurationError(
                    "file.format",
                    f"{path.name} is not XML that can be read: {error}.",
                    field="file",
                    remedy="Check the file, or name its --format.",
                ) from None
            while records.finished:
                number += 1
                yield from _read_ncmec_record(records.finished.popleft(), number)
            if not chunk:
                return


class _Records(ET.TreeBuilder):
    """Builds the records one by one, and nothing that a document defines for itself: no types, no entities."""

    def __init__(self) -> None:
        super().__init__()
        self.finished: deque[ET.Element] = deque()

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        """Refuse a document type: it could make a small file endless, or name other files."""
        del name, public_id, system
        raise _Mistake("it has a document type, which such a list never has")

    def end(self, tag: str) -> ET.Element:
        """Note a record that is complete."""
        element = super().end(tag)
        if _local(tag).removeprefix("deleted").lower() in {"image", "video"}:
            self.finished.append(element)
        return element


def _local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def _read_ncmec_record(record: ET.Element, row: int) -> Read:
    parts = {_local(part.tag): part for part in record}
    member, name = parts.get("member"), parts.get("id")
    # An id is only unique for the member that gave it.
    external_id = "" if member is None or name is None else f"{member.get('id')}-{(name.text or '').strip()}"
    fingerprints = list(parts.get("fingerprints", ()))
    if _local(record.tag).startswith("deleted"):
        yield from _read_record({"id": external_id, "deleted": True}, row, None)
    elif not fingerprints:
        yield Rejected(row, "it has no fingerprints")
    for fingerprint in fingerprints:
        yield from _read_record(
            {"hash": fingerprint.text, "type": _local(fingerprint.tag), "id": external_id}, row, None
        )
    record.clear()


def _read_record(record: Any, row: int, algorithm: Algorithm | None) -> Read:
    try:
        yield _entry(record, algorithm)
    except _Mistake as mistake:
        yield Rejected(row, str(mistake), is_unusable=isinstance(mistake, _Unusable))


def _entry(record: Any, algorithm: Algorithm | None) -> Entry:
    if not isinstance(record, Mapping):
        raise _Mistake("it is no record")
    fields = {str(name).lower(): value for name, value in record.items()}
    digest = _text(_value(fields, _HASH))
    external_id = _text(_value(fields, _ID))
    is_removed = _is_removed(fields)
    if is_removed and not digest and external_id:
        return Entry(None, b"", external_id, is_removed=True)
    if not is_removed and _text(fields.get("status")).upper() == _HARMLESS:
        raise _Unusable("it says that the content is harmless")
    made_by = _algorithm(_text(_value(fields, _ALGORITHM)), digest, algorithm)
    if not _HEX.fullmatch(digest) or len(digest) != 2 * made_by.length:
        raise _Mistake(f"its hash is no {made_by} in hex")
    expires_at = _expiry(_value(fields, _EXPIRES))
    return Entry(made_by, bytes.fromhex(digest), external_id, expires_at, is_removed)


def _algorithm(named: str, digest: str, otherwise: Algorithm | None) -> Algorithm:
    if named:
        known = _ALGORITHMS.get(_SIGNS.sub("", named.lower()).removeprefix("hash"))
        if known is None:
            raise _Unusable(f"{named[:40]!r} is not matched here")
        return known
    if len(digest) == 2 * Algorithm.MD5.length:
        return Algorithm.MD5
    if not otherwise:
        raise _Mistake("it is no MD5, and may be PDQ or SHA-256: say which with --algorithm")
    return otherwise


def _is_removed(fields: Mapping[str, Any]) -> bool:
    return _text(_value(fields, _DELETED)).lower() in _TRUE or _text(fields.get("hashstatus")).lower() in _WITHDRAWN


def _expiry(value: Any) -> datetime | None:
    """Read seconds since 1970, of which 0 is never, or a time in ISO 8601."""
    text = _text(value)
    try:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            return datetime.fromtimestamp(float(text), UTC) if float(text) else None
        moment = datetime.fromisoformat(text) if text else None
    except (ValueError, OverflowError, OSError):
        raise _Mistake(f"its expiry {text[:40]!r} is no time") from None
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment


def _value(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Return the first of the fields with `names` that says something."""
    return next((fields[name] for name in names if _text(fields.get(name))), None)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


_READERS: Final[Mapping[ListFormat, Callable[[Path, Algorithm | None], Read]]] = {
    ListFormat.TEXT: _read_text,
    ListFormat.CSV: _read_csv,
    ListFormat.JSON: _read_json,
    ListFormat.JSONL: _read_jsonl,
    ListFormat.NCMEC: _read_ncmec,
}

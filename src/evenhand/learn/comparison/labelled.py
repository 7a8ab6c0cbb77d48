"""Read a labelled file, CSV or JSON Lines: texts, what people found in them, and the group of each, if it has one.

A row that cannot be read is told with its line and left out; it is never guessed at.
"""

import csv
import difflib
import hashlib
import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.core.errors import ConfigurationError, EvenhandError, InputError
from evenhand.core.taxonomy import ATTRIBUTES, CATEGORIES, Label
from evenhand.scorers.scored import ANY

#: What columns are called, and the label that each is: the taxonomy's names, those of OpenAI's Python client, and the
#: attributes in lower case as data sets have them. `profanity` is a category of the taxonomy.
COLUMN_NAMES: Final[Mapping[str, str]] = (
    {str(label).lower(): label for label in ATTRIBUTES}
    | {str(label).replace("/", "_").replace("-", "_"): label for label in CATEGORIES}
    | {str(label): label for label in Label}
    | {ANY: ANY}
)

_TRUTHS: Final = {"true": True, "false": False, "yes": True, "no": False}
_UNKNOWN: Final = {"", "null", "none", "nan"}
_NO_LABEL_REMEDY: Final = "Say which column is which label with --label COLUMN=LABEL; columns: {}."


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns matter.

    Args:
        text: The column with the text.
        labels: Pairs of column and label, besides the columns that carry a label's name.
        group: The column with the group; none is looked for when empty.
        is_group_needed: Whether the file must have that column.
        names: Names of labels besides `COLUMN_NAMES`, which go before these.
    """

    text: str = "text"
    labels: Sequence[tuple[str, str]] = ()
    group: str = "group"
    is_group_needed: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A text with what people found: the labels that they judged, and no others."""

    line: int
    text: str
    truths: Mapping[str, bool]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that could not be read."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """What was read.

    Args:
        name: The file's name, without its folder.
        sha256: Of its bytes.
        rows: The rows that could be read.
        unread: The others.
        columns: Label -> column.
        group: The column of the groups; empty when there is none.
    """

    name: str
    sha256: str
    rows: tuple[LabelledRow, ...]
    unread: tuple[Unread, ...]
    columns: Mapping[str, str]
    group: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that were judged, and `any` last."""
        return (*(label for label in self.columns if label != ANY), ANY)

    def truth(self, row: LabelledRow, label: str) -> bool | None:
        """Return whether `row` has `label`; nothing when it was not judged.

        `any` is its own column where there is one. Else a row has it when any label is true, and has it not when all
        are known to be false.
        """
        if label != ANY or ANY in self.columns:
            return row.truths.get(label)
        if any(row.truths.values()):
            return True
        return False if len(row.truths) == len(self.columns) else None


def read_labelled(path: Path, columns: Columns) -> LabelledFile:
    """Read the file at `path`.

    Raises:
        ConfigurationError: `file.format`, `file.unreadable`, `file.field`, `file.no_rows`, `label.none`,
            `label.unknown` or `label.twice`.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise _refusal("file.format", f"{path.name} is no format that can be read.", "Use a .csv or .jsonl file.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refusal("file.unreadable", f"{path} cannot be read: {error.strerror}.", "Check the path.") from None
    records = list(reader(data))
    names = tuple(dict.fromkeys(name for _, record in records if isinstance(record, dict) for name in record))
    _check_fields(names, columns)
    labels = _labels_of(names, columns)
    group = columns.group if columns.group in names else ""
    rows, unread = _sorted_out(records, columns.text, labels, group)
    if not rows:
        why = f" Line {unread[0].line}: {unread[0].message}" if unread else ""
        raise _refusal("file.no_rows", f"{path.name} has no row that can be read.{why}", "Mend the file.")
    return LabelledFile(path.name, hashlib.sha256(data).hexdigest(), rows, unread, labels, group)


def label_named(name: str) -> str:
    """Return the label of this name.

    Raises:
        ConfigurationError: `label.unknown`.
    """
    if name in COLUMN_NAMES:
        return str(COLUMN_NAMES[name])
    close = difflib.get_close_matches(name, [*Label, ANY], n=1)
    remedy = f"Did you mean {close[0]}?" if close else f"There are {', '.join([*Label, ANY])}."
    raise _refusal("label.unknown", f"There is no label {name!r}.", remedy, field="--label")


Record = tuple[int, dict[str, Any] | InputError]


def _read_jsonl(data: bytes) -> Iterator[Record]:
    for line, content in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if content.strip():
            yield line, _json_record(content)


def _json_record(content: bytes) -> dict[str, Any] | InputError:
    try:
        record = msgspec.json.decode(content)
    except UnicodeDecodeError:
        return _bad("row.not_utf8", "The row is not valid UTF-8.")
    except (msgspec.DecodeError, RecursionError):
        return _bad("row.not_json", "The row is not JSON.")
    return record if isinstance(record, dict) else _bad("row.not_object", "The row is not a JSON object.")


def _read_csv(data: bytes) -> Iterator[Record]:
    csv.field_size_limit(2**31 - 1)
    # What is not UTF-8 becomes half surrogates, so that it spoils its own row and no other.
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "surrogateescape"), newline=""))
    if reader.fieldnames is None:
        return
    begin = reader.line_num + 1
    for record in reader:
        if any(isinstance(cell, str) and not _is_unicode(cell) for cell in record.values()):
            yield begin, _bad("row.not_utf8", "The row is not valid UTF-8.")
        elif None in record:
            yield begin, _bad("row.cells", "The row has more cells than the first line names.")
        else:
            yield begin, record
        begin = reader.line_num + 1


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


_READERS: Final[Mapping[str, Callable[[bytes], Iterator[Record]]]] = {".csv": _read_csv, ".jsonl": _read_jsonl}


def _check_fields(names: Sequence[str], columns: Columns) -> None:
    needed = {columns.text: "--text-field", **{column: "--label" for column, _ in columns.labels}}
    if columns.is_group_needed:
        needed[columns.group] = "--group-field"
    for name, option in needed.items():
        if names and name not in names:
            raise _refusal(
                "file.field", f"The file has no column {name!r}.", f"Name one of {', '.join(names)}.", field=option
            )


def _labels_of(names: Sequence[str], columns: Columns) -> dict[str, str]:
    """Return the column of each label: what was said first, then what the columns are called."""
    found: dict[str, str] = {}
    for column, name in columns.labels:
        _add(found, label_named(name), column)
    told = set(found)
    known = {**columns.names, **COLUMN_NAMES}
    for column in names:
        label = known.get(column)
        if label is not None and label not in told and column not in {columns.text, columns.group}:
            _add(found, str(label), column)
    if names and not found:
        raise _refusal("label.none", "No column is called like a label.", _NO_LABEL_REMEDY.format(", ".join(names)))
    order = [*Label, ANY]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def _add(found: dict[str, str], label: str, column: str) -> None:
    if found.setdefault(label, column) != column:
        raise _refusal(
            "label.twice",
            f"The columns {found[label]!r} and {column!r} are both {label}.",
            f"Say which one is meant with --label COLUMN={label}.",
            field="--label",
        )


def _sorted_out(
    records: Iterable[Record], text: str, labels: Mapping[str, str], group: str
) -> tuple[tuple[LabelledRow, ...], tuple[Unread, ...]]:
    rows, unread = [], []
    for line, record in records:
        try:
            rows.append(_row(line, record, text, labels, group))
        except InputError as error:
            unread.append(Unread(line, error.code, error.message))
    return tuple(rows), tuple(unread)


def _row(
    line: int, record: dict[str, Any] | InputError, text: str, labels: Mapping[str, str], group: str
) -> LabelledRow:
    if isinstance(record, InputError):
        raise record
    content = record.get(text)
    if not isinstance(content, str) or not content.strip():
        raise _bad("row.no_text", f"The row has no text in the column {text!r}.")
    if not _is_unicode(content):
        raise _bad("row.not_utf8", "The text has half of a surrogate pair.")
    truths = {label: truth_of(record.get(column), column) for label, column in labels.items()}
    known = {label: truth for label, truth in truths.items() if truth is not None}
    own = record.get(group) if group else None
    return LabelledRow(line, content, known, "" if own is None else str(own).strip())


def truth_of(cell: object, column: str) -> bool | None:
    """Return what a cell says: yes, no, or nothing known.

    Raises:
        InputError: `row.truth`.
    """
    if cell is None or isinstance(cell, bool):
        return cell
    word = str(cell).strip().lower()
    if word in _UNKNOWN:
        return None
    if word in _TRUTHS:
        return _TRUTHS[word]
    try:
        share = float(word)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise _bad("row.truth", f"{word[:40]!r} in the column {column!r} is neither 0, 1, true, false nor between.")
    return share >= 0.5  # noqa: PLR2004 -- at least half of those who judged


def _bad(code: str, message: str) -> InputError:
    return InputError(code, message)


def _refusal(code: str, message: str, remedy: str, *, field: str = "FILE") -> EvenhandError:
    return ConfigurationError(code, message, field=field, remedy=remedy)

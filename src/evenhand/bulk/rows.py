"""Rows of JSON Lines, CSV and Parquet files, one at a time, so that a file of any size fits into memory.

A row that cannot be read is a row all the same: it says what is wrong with it and is never left out.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.core.errors import ConfigurationError, InputError


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Args:
        text: What is to be screened; nothing when it could not be read.
        id: The file's own name for the row; empty when it has none.
        error: What is wrong with a row that could not be read.
    """

    text: str | None
    id: str = ""
    error: InputError | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a row matter.

    Args:
        text: The field with the text.
        id: The field with the row's name; empty: there is none.
    """

    text: str = "text"
    id: str = ""


def read_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Yield the rows of the file at `path`, in order.

    Raises:
        ConfigurationError: `file.format`, `file.unreadable`, `file.field`, or `file.parquet` without pyarrow.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigurationError(
            "file.format",
            f"{path.name} is no format that can be read.",
            field="input",
            remedy=f"Use a file that ends in {', '.join(_READERS)}.",
        )
    try:
        yield from reader(path, fields)
    except OSError as error:
        raise ConfigurationError(
            "file.unreadable", f"{path} cannot be read: {error.strerror}.", field="input", remedy="Check the path."
        ) from None


def count_rows(path: Path, fields: Fields) -> int:
    """Return how many rows `read_rows` gives."""
    return sum(1 for _ in read_rows(path, fields))


def _read_jsonl(path: Path, fields: Fields) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            stripped = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 0 else line.strip()
            yield _json_row(stripped, fields)


def _json_row(line: bytes, fields: Fields) -> Row:
    try:
        values = msgspec.json.decode(line)
    except UnicodeDecodeError:
        return _reject("row.not_utf8", "The row is not valid UTF-8.")
    except (msgspec.DecodeError, RecursionError):
        return _reject("row.not_json", "The row is not JSON.")
    if not isinstance(values, dict):
        return _reject("row.not_object", "The row is not a JSON object.")
    return _row(values.get(fields.text), values.get(fields.id), fields)


def _read_csv(path: Path, fields: Fields) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    # What is not UTF-8 is let through as half surrogates here, so that it spoils its own row and no other.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file)
        _check_columns(reader.fieldnames or (), fields)
        for values in reader:
            text, name = values.get(fields.text), values.get(fields.id)
            if any("\udc80" <= character <= "\udcff" for character in f"{text}{name}"):
                yield _reject("row.not_utf8", "The row is not valid UTF-8.")
            else:
                yield _row(text, name, fields)


def _read_parquet(path: Path, fields: Fields) -> Iterator[Row]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise ConfigurationError(
            "file.parquet",
            "Reading Parquet needs pyarrow.",
            field="input",
            remedy="pip install 'evenhand[parquet]'",
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            _check_columns(file.schema_arrow.names, fields)
            columns = list(filter(None, (fields.text, fields.id)))
            for batch in file.iter_batches(batch_size=1024, columns=columns):
                for cells in zip(*map(batch.column, columns), strict=True):
                    yield _parquet_row(dict(zip(columns, cells, strict=True)), fields)
    except ArrowInvalid:
        raise ConfigurationError(
            "file.unreadable", f"{path} is not a Parquet file.", field="input", remedy="Check the file."
        ) from None


def _parquet_row(cells: dict[str, Any], fields: Fields) -> Row:
    try:
        values = {name: cell.as_py() for name, cell in cells.items()}
    except UnicodeDecodeError:
        return _reject("row.not_utf8", "The row is not valid UTF-8.")
    return _row(values[fields.text], values.get(fields.id), fields)


_READERS: Final[dict[str, Callable[[Path, Fields], Iterator[Row]]]] = {
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _check_columns(columns: Any, fields: Fields) -> None:
    for name in filter(None, (fields.text, fields.id)):
        if name not in columns:
            raise ConfigurationError(
                "file.field",
                f"The file has no column {name!r}.",
                field="input",
                remedy=f"Name one of {', '.join(map(str, columns))} with --text-field or --id-field.",
            )


def _row(text: object, row_id: object, fields: Fields) -> Row:
    name = "" if row_id is None else str(row_id)
    if not isinstance(text, str):
        return Row(None, name, _error("row.no_text", f"The row has no text in the field {fields.text!r}."))
    return Row(text, name)


def _reject(code: str, message: str) -> Row:
    return Row(None, "", _error(code, message))


def _error(code: str, message: str) -> InputError:
    return InputError(code, message, remedy="Mend the row; it was not screened.")

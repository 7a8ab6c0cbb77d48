"""Screen a file on this machine, in batches, into a file of JSON Lines.

The output has one line for each row of the input, in order; a row that cannot be screened is a line with an error. An
interrupted run is continued by counting the lines that are there. Beside the output lies `OUTPUT.run.json`, which says
what made it, so that lines of two different runs never mix.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from evenhand.bulk.answer import decision_line, error_line
from evenhand.bulk.rows import Fields, Row, read_rows
from evenhand.core.content import Content
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.service.screener import Screener

#: Rows screened and written at once; a kill loses at most these, and they are done again.
_ROWS_AT_ONCE: Final = 256
#: Bytes of the input that tell it from another one of the same size.
_FINGERPRINT_BYTES: Final = 2**20


def screen_file(
    source: Path,
    output: Path,
    screener: Screener,
    *,
    fields: Fields = Fields(),  # noqa: B008 -- it is frozen
    restart: bool = False,
    advance: Callable[[int], object] = lambda _: None,
) -> Counter[str]:
    """Screen every row of `source` into `output` and return how many lines there are of each action, and of `error`.

    Args:
        source: A .jsonl, .csv or .parquet file.
        output: A .jsonl file; continued if it is there.
        screener: What decides.
        fields: Which fields of a row matter.
        restart: Begin anew even if there is an output.
        advance: Called with the number of rows that are done, also those of an earlier run.

    Raises:
        ConfigurationError: The input cannot be read, or `output` is the input, cannot be written, or was made from
            another input, policy or detectors.
    """
    origin = _origin(source, fields, screener)
    counts = _continue(source, output, origin, restart=restart)
    done = counts.total()
    advance(done)
    rows = itertools.islice(read_rows(source, fields), done, None)
    with output.open("ab") as file:
        while batch := list(itertools.islice(rows, _ROWS_AT_ONCE)):
            counts += _write(file, batch, screener, first=done)
            done += len(batch)
            advance(len(batch))
    return counts


def _write(file: BinaryIO, rows: Sequence[Row], screener: Screener, *, first: int) -> Counter[str]:
    answers = iter(screener.try_many([Content(row.text, id=row.id) for row in rows if row.text is not None]))
    lines = []
    counts: Counter[str] = Counter()
    for number, row in enumerate(rows, start=first):
        answer = row.error or next(answers)
        body = error_line(answer) if isinstance(answer, InputError) else decision_line(answer)
        lines.append(msgspec.json.encode({"row": number, "id": row.id, **body}))
        counts[body.get("action", "error")] += 1
    file.write(b"\n".join(lines) + b"\n")
    file.flush()
    return counts


def _origin(source: Path, fields: Fields, screener: Screener) -> dict[str, Any]:
    """Return what an output depends on."""
    try:
        with source.open("rb") as file:
            fingerprint = hashlib.sha256(file.read(_FINGERPRINT_BYTES)).hexdigest()
        size = source.stat().st_size
    except OSError as error:
        raise ConfigurationError(
            "file.unreadable", f"{source} cannot be read: {error.strerror}.", field="input", remedy="Check the path."
        ) from None
    return {
        "input": {"bytes": size, "start_sha256": fingerprint, "text_field": fields.text, "id_field": fields.id},
        "policy": {"name": screener.policy.name, "version": screener.policy.version.version},
        "detectors": dict(screener.versions),
    }


def _continue(source: Path, output: Path, origin: dict[str, Any], *, restart: bool) -> Counter[str]:
    """Return what is done already; an unfinished last line is cut off.

    Raises:
        ConfigurationError: `output.is_input`, `output.other_run` or `output.unwritable`.
    """
    mark = output.with_name(f"{output.name}.run.json")
    try:
        if output.exists() and output.samefile(source):
            raise ConfigurationError(
                "output.is_input", f"{output} is the input.", field="output", remedy="Name another file."
            )
        if restart:
            output.unlink(missing_ok=True)
        if not output.exists():
            mark.write_bytes(msgspec.json.format(msgspec.json.encode(origin)))
            output.touch()
            return Counter()
        if not mark.exists() or msgspec.json.decode(mark.read_bytes()) != origin:
            raise ConfigurationError(
                "output.other_run",
                f"{output} was made from another input, policy or version of a detector.",
                field="output",
                remedy="Name another file, or begin anew with --restart.",
            )
        return _count_lines(output)
    except OSError as error:
        raise ConfigurationError(
            "output.unwritable",
            f"{output} cannot be written: {error.strerror}.",
            field="output",
            remedy="Check the path.",
        ) from None


def _count_lines(output: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    whole = 0
    with output.open("rb+") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            counts[msgspec.json.decode(line).get("action", "error")] += 1
        file.truncate(whole)
    return counts

"""Documents as the watch reads them: which files are some, their text, and what was found in one."""

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from evenhand.audit.watch.judging import Finding, findings_in
from evenhand.core.errors import InputError, TooLargeError

#: The largest document, in bytes, also once it is unpacked.
MOST_BYTES: Final = 33_554_432
#: Endings of schemas and source, where a name alone counts, and of prose, where it does not.
_NAMED: Final = frozenset(
    [
        ".json",
        ".yaml",
        ".yml",
        ".xml",
        ".proto",
        ".py",
        ".pyi",
        ".java",
        ".kt",
        ".go",
        ".js",
        ".mjs",
        ".jsx",
        ".ts",
        ".tsx",
        ".cs",
        ".php",
        ".rb",
        ".c",
        ".h",
        ".cpp",
        ".hpp",
    ]
)
_PROSE: Final = frozenset([".html", ".htm", ".md", ".rst", ".txt"])
_PACKED: Final = ".gz"
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read.

    Args:
        name: Its path below the folder that was named, or its address.
        sha256: Of its bytes as they were found, in hexadecimal.
        size: How many bytes these are.
        read_at: When.
        findings: What it tells of people, in the order of its lines.
    """

    name: str
    sha256: str
    size: int
    read_at: datetime
    findings: list[Finding]


def is_document(name: str) -> bool:
    """Return whether a file of this name is read at all; an address always is."""
    return _suffix(name) in _NAMED | _PROSE


def read_document(name: str, data: bytes, *, at: datetime) -> Document:
    """Return what `data` tells of people.

    Args:
        name: A path or an address.
        data: The bytes, as they were found; those of a `.gz` are unpacked.
        at: When they were read.

    Raises:
        TooLargeError: `document.too_large`.
        InputError: `document.packing` if they cannot be unpacked; `document.not_text`.
    """
    text = _text(_unpacked(data, name) if _path(name).endswith(_PACKED) else data, name)
    findings = findings_in(text, name=name, named=_suffix(name) in _NAMED)
    return Document(name, hashlib.sha256(data).hexdigest(), len(data), at, findings)


def too_large(name: str) -> TooLargeError:
    """Return the error for a document over the limit."""
    message = f"The document has over {MOST_BYTES} bytes."
    return TooLargeError("document.too_large", message, field=name, remedy="Split it, or leave it out.")


def _path(name: str) -> str:
    return (urlsplit(name).path if "://" in name else name).lower()


def _suffix(name: str) -> str:
    return PurePosixPath(_path(name).removesuffix(_PACKED)).suffix


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            unpacked = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        message = "The document cannot be unpacked."
        raise InputError("document.packing", message, field=name, remedy="Get it anew, or unpack it.") from None
    if len(unpacked) > MOST_BYTES:
        raise too_large(name)
    return unpacked


def _text(data: bytes, name: str) -> str:
    """Return `data` as text: UTF-8, UTF-16 with its mark, or the Chinese GB 18030."""
    encodings = ("utf-16",) if data.startswith(_BYTE_ORDER_MARKS) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    message = "The document is not text in UTF-8, UTF-16 or GB 18030."
    raise InputError("document.not_text", message, field=name, remedy="Save it as UTF-8.")

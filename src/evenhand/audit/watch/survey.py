"""Read many documents: those below a folder, and those at addresses that a user listed."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from evenhand.audit.watch.documents import MOST_BYTES, Document, is_document, read_document, too_large
from evenhand.audit.watch.judging import Finding
from evenhand.content.fetch import Fetcher
from evenhand.core.errors import EvenhandError, InputError, NotFoundError

#: Says when it is.
Clock = Callable[[], datetime]
#: Takes the name of a document and its bytes, or the error because of which there are none.
Source = Iterable[tuple[str, "bytes | EvenhandError"]]

_MOST_ADDRESSES: Final = 1000
_SECONDS: Final = 30.0
#: Folders that hold no documents of a vendor, but what tools put there.
_NOT_ENTERED: Final = frozenset([".git", "__pycache__", "node_modules"])
_COMMENT: Final = re.compile(r"\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that could not be read, of which nothing is known.

    Args:
        name: Its path or address.
        code: The error's.
        message: What was wrong.
    """

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read at one time. As JSON it is the manifest that a later one is compared with.

    Args:
        begun_at: When the first document was read.
        documents: Those that were read, by name, with their findings.
        unread: Those that could not be; nothing found in them means nothing.
        passed_over: How many files were no documents by their ending.
        schema: Which form the manifest has.
    """

    begun_at: datetime
    documents: list[Document]
    unread: list[Unread]
    passed_over: int = 0
    schema: str = "evenhand-watch-1"

    @property
    def findings(self) -> list[tuple[Document, Finding]]:
        """Every finding with its document, in the order of the documents and their lines."""
        return [(document, finding) for document in self.documents for finding in document.findings]


class Folders:
    """The documents at and below some paths.

    Args:
        paths: Files, which are read whatever their ending, and folders.

    Raises:
        NotFoundError: `document.not_found`.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if not path.exists():
                message = "There is no such file or folder."
                raise NotFoundError("document.not_found", message, field=str(path), remedy="Check the path.")
        self._paths = paths
        self.passed_over = 0

    def __iter__(self) -> Iterator[tuple[str, bytes | EvenhandError]]:
        """Yield each document once, by name, with its bytes."""
        for path in self._paths:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                # What a link leads to may stand anywhere, and is read where it stands.
                if not file.is_file() or (file != path and file.is_symlink()) or _NOT_ENTERED & set(file.parts):
                    continue
                name = self._name(file, path)
                if path.is_dir() and not is_document(name):
                    self.passed_over += 1
                    continue
                yield name, _bytes_of(file, name)

    def _name(self, file: Path, path: Path) -> str:
        """Return the name of `file` below `path`; of several paths, with the path, so that no two are called alike."""
        if len(self._paths) > 1:
            return file.as_posix()
        return file.relative_to(path).as_posix() if path.is_dir() else file.name


def addresses_in(text: str) -> list[str]:
    """Return the addresses of a list: one a line, each once; empty lines and what follows `#` at the start are skipped.

    Raises:
        InputError: `urls.none` or `urls.too_many`.
    """
    addresses = list(dict.fromkeys(line.strip() for line in text.splitlines() if not _COMMENT.match(line)))
    if not addresses:
        raise InputError("urls.none", "The list names no address.", field="urls", remedy="Write one address a line.")
    if len(addresses) > _MOST_ADDRESSES:
        message = f"The list names over {_MOST_ADDRESSES} addresses."
        raise InputError("urls.too_many", message, field="urls", remedy="Split it.")
    return addresses


def document_fetcher() -> Fetcher:
    """Return what fetches documents, through the guard for addresses and no larger than a document may be."""
    return Fetcher(what="document", max_bytes=MOST_BYTES, seconds=_SECONDS)


def fetched(addresses: Iterable[str], fetcher: Fetcher) -> Iterator[tuple[str, bytes | EvenhandError]]:
    """Yield what is at each of `addresses`, or the error because of which it could not be had."""
    with tempfile.TemporaryDirectory(prefix="evenhand-watch-") as folder:
        path = Path(folder) / "document"
        for address in addresses:
            try:
                fetcher.download(address, path, field=address)
                yield address, path.read_bytes()
            except InputError as error:
                yield address, error


def survey(sources: Iterable[Source], *, clock: Clock, keep: Path | None = None) -> Survey:
    """Read every document of `sources`.

    Args:
        sources: Where they come from.
        clock: Says when each is read.
        keep: A folder where a copy of each document with findings is put, named by its SHA-256.

    Raises:
        OSError: A copy cannot be written.
    """
    begun_at = clock()
    documents: list[Document] = []
    unread: list[Unread] = []
    passed_over = 0
    for source in sources:
        for name, given in source:
            try:
                if isinstance(given, EvenhandError):
                    raise given
                documents.append(read_document(name, given, at=clock()))
            except EvenhandError as error:
                unread.append(Unread(name, error.code, error.message))
                continue
            if keep and documents[-1].findings:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / documents[-1].sha256).write_bytes(given)
        passed_over += source.passed_over if isinstance(source, Folders) else 0
    return Survey(begun_at, documents, unread, passed_over)


def _bytes_of(file: Path, name: str) -> bytes | EvenhandError:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError:
        message = "The document cannot be read."
        return InputError("document.unreadable", message, field=name, remedy="Check who may read it.")
    return too_large(name) if len(data) > MOST_BYTES else data

"""Spool: the folder in which clips lie from when they are accepted until their job is over.

Several workers on one database need it on a disk that all of them see.
"""

import contextlib
import errno
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from evenhand.core.errors import StoreError, TooLargeError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Ending of a file that is still on its way in.
_PART: Final = ".part"


class Spool:
    """The folder.

    Args:
        folder: Made at first use, for this user only.
        max_bytes: Of a clip.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def receive(self, name: str, *, field: str = "clip") -> "Incoming":
        """Return a new file of this name to write into, which is there for others once all of it has come."""
        return Incoming(self.folder / name, max_bytes=self.max_bytes, field=field)

    def remove(self, path: Path | str) -> None:
        """Delete a clip, if it is there and if it lies in this folder: a clip of the operator's own is left alone."""
        path = Path(path)
        if path.parent == self.folder:
            path.unlink(missing_ok=True)

    def sweep(self, wanted: Collection[str], *, older_than: float = 3_600.0) -> int:
        """Delete what no job wants and is not new; return how many files that were.

        Args:
            wanted: Names of the files that jobs still need.
            older_than: Seconds; what is newer may belong to a job that is just being accepted.
        """
        swept = 0
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                is_old = path.stat().st_mtime < time.time() - older_than
                if is_old and path.name not in wanted:
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept


class Incoming:
    """A clip on its way in. Left without `keep`, it is gone again.

    Args:
        path: Where it is to lie.
        max_bytes: Of it.
        field: Where the caller gave it.
    """

    def __init__(self, path: Path, *, max_bytes: int, field: str) -> None:
        self.path = path
        self.size = 0
        self._part = path.with_name(path.name + _PART)
        self._max_bytes = max_bytes
        self._field = field
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open it.

        Raises:
            StoreError: `spool.full` or `spool.unavailable`.
        """
        with _said():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = _opened(self._part)
        return self

    def write(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLargeError: `clip.too_large`.
            StoreError: `spool.full` or `spool.unavailable`.
        """
        self.size += len(piece)
        if self.size > self._max_bytes:
            raise TooLargeError(
                "clip.too_large",
                f"The clip has over {self._max_bytes} bytes.",
                field=self._field,
                remedy="Compress it more, or cut it, or raise the setting max_clip_bytes.",
            )
        if self._file is not None:
            with _said():
                self._file.write(piece)

    def keep(self) -> None:
        """Have it on the disk, under its own name.

        Raises:
            StoreError: `spool.full` or `spool.unavailable`.
        """
        if self._file is not None:
            with _said():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._part.replace(self.path)
            self._file = None

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was not kept."""
        if self._file is not None:
            # What is in the buffer may not fit on the disk.
            with contextlib.suppress(OSError):
                self._file.close()
            self._part.unlink(missing_ok=True)


def _opened(path: Path) -> IO[bytes]:
    """Return a new file, for this user only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """Say what the disk refuses as an error of ours; nothing was accepted then."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreError(
                "spool.full", "There is no room on the disk for the clip.", remedy="Free some, and send it again."
            ) from None
        raise StoreError(
            "spool.unavailable",
            f"The clip could not be written: {error.strerror}.",
            remedy="Check the folder `clips` in the data folder.",
        ) from None

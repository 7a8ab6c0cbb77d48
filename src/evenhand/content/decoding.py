"""Turn the bytes of an image file into frames, or into an error with a code, whatever the bytes are.

Nothing here looks inside a file further than its first bytes. What decodes it is `content.decode_worker`, in processes
that are limited in memory and time; one that overruns, dies or talks nonsense is killed, and another takes its place.
The processes are started as programs of their own and not forked, so this works from a notebook, from a script without
a main guard, and beside any number of threads.
"""

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import msgspec

from evenhand.content.decode_worker import (
    FORMATS,
    HEIF_READER,
    MAX_AREA,
    MAX_BODY,
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_SIDE,
    read_message,
    write_message,
)
from evenhand.core.content import ImageFile
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, TooLargeError

if TYPE_CHECKING:
    from evenhand.content.image import Image

#: Bytes of a file: as much as the usual services of this kind accept.
MAX_IMAGE_BYTES: Final = 10_485_760

#: A worker is there within a second; a machine that needs this long has other troubles.
_START_SECONDS: Final = 60.0

#: Environment variables that Python may need to start. A worker gets no others: they may hold secrets.
_ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR")

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_BRANDS: Final = (
    (frozenset({b"avif", b"avis"}), "AVIF"),
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}), "HEIF"),
)
#: Bytes in which a file of boxes has to name its brands.
_MAX_BRANDS: Final = 256
#: Lengths of the header that follows a BMP's first 14 bytes. `BM` alone begins many a text.
_BMP_HEADERS: Final = {12, 16, 40, 52, 56, 64, 108, 124}

_MEDIA_TYPES: Final = {
    "AVIF": ("image/avif", "image/avif-sequence"),
    "BMP": ("image/bmp", "image/x-bmp", "image/x-ms-bmp"),
    "GIF": ("image/gif",),
    "HEIF": ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
    "JPEG": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "PNG": ("image/png", "image/apng", "image/vnd.mozilla.apng", "image/x-png"),
    "TIFF": ("image/tiff", "image/tiff-fx", "image/x-tiff"),
    "WEBP": ("image/webp",),
}

_SIMPLER: Final = "Send a smaller or simpler image."
#: What a worker's codes mean, and the way out.
_REFUSALS: Final[dict[str, tuple[type[InputError], str, str]]] = {
    "image.too_many_pixels": (
        TooLargeError,
        f"The image has more than {MAX_PIXELS} pixels, or more than {MAX_SIDE} on a side.",
        "Make it smaller.",
    ),
    "image.too_many_frames": (
        TooLargeError,
        f"The image has more than {MAX_FRAMES} frames.",
        "Send a shorter animation, or some of its frames.",
    ),
    "image.truncated": (InputError, "The file ends before its picture does.", "Send the whole file."),
    "image.corrupt": (
        InputError,
        "The file cannot be decoded: it is damaged, or of a rare kind.",
        "Open it in a viewer, save it anew, and send that.",
    ),
    "image.memory": (InputError, "Decoding the image took more memory than is allowed, or crashed.", _SIMPLER),
}


def is_available() -> bool:
    """Return whether images can be decoded here, which needs Pillow."""
    return importlib.util.find_spec("PIL") is not None


def sniff(data: bytes) -> str:
    """Return Pillow's name of the format that the first bytes are of, or nothing."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if data[4:8] == b"ftyp":
        # The first brand, or where that is a general one, the others that the file is compatible with.
        end = min(int.from_bytes(data[:4]), _MAX_BRANDS)
        brands = [data[at : at + 4] for at in (8, *range(16, end, 4))]
        return next((name for brand in brands for known, name in _BRANDS if brand in known), "")
    return ""


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a worker says: a code, or how the frames lie in the body."""

    error: str = ""
    width: int = 0
    height: int = 0
    frame_count: int = 0
    frames: tuple[tuple[int, int, int], ...] = ()
    body: bytes = b""

    @property
    def is_sound(self) -> bool:
        """Whether it can be believed; a worker that a hostile file took over could say anything."""
        if self.error:
            return self.error in _REFUSALS
        sizes = [columns * rows for _, columns, rows in self.frames]
        return (
            bool(self.frames)
            and min(self.width, self.height) > 0
            and all(0 <= number < self.frame_count and columns > 0 for number, columns, _ in self.frames)
            and all(0 < size <= MAX_AREA for size in sizes)
            and sum(sizes) * 3 == len(self.body)
        )


class _Deadline:
    """Kills a process that takes too long, and never one that was done in time."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.is_over = False
        self._is_met = False
        self._process = process
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._is_met = True
        self._timer.cancel()

    def _kill(self) -> None:
        with self._lock:
            if not self._is_met:
                self.is_over = True
                self._process.kill()


class _Worker:
    """One process that decodes, used by one thread at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self.tasks = 0
        self.is_overdue = False
        self.process = subprocess.Popen(  # noqa: S603 -- this Python, with a module of this package
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        return not self.is_overdue and self.process.poll() is None

    def greet(self) -> bool:
        """Return whether the worker is ready, once it is."""
        with _Deadline(self.process, _START_SECONDS):
            return self._read() is not None

    def ask(self, data: bytes, format_name: str, seconds: float) -> _Answer | None:
        """Return the answer, or nothing when the worker died, talked nonsense or, as `is_overdue` says, overran."""
        self.tasks += 1
        answer: _Answer | None = None
        with _Deadline(self.process, seconds) as deadline, contextlib.suppress(OSError):
            if self.process.stdin:
                write_message(self.process.stdin, {"format": format_name, "seconds": seconds}, [data])
            answer = self._read()
        self.is_overdue = deadline.is_over
        return answer if answer and answer.is_sound else None

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            # What could not be written to a process that is gone is still in the pipe's buffer.
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def _read(self) -> _Answer | None:
        message = read_message(self.process.stdout, most_bytes=MAX_BODY) if self.process.stdout else None
        if message is None:
            return None
        try:
            answer = msgspec.json.decode(message[0], type=_Answer)
        except msgspec.MsgspecError:
            return None
        answer.body = message[1]
        return answer


class Decoder:
    """Decodes images in processes of its own, which start with the first image. Safe to use from several threads.

    Args:
        workers: How many images may be decoded at once.
        max_bytes: Of a file.
        seconds: That decoding one image may take.
        tasks_per_worker: How many images a worker decodes before another takes its place.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        max_bytes: int = MAX_IMAGE_BYTES,
        seconds: float = 10.0,
        tasks_per_worker: int = 500,
    ) -> None:
        if not is_available():
            raise ConfigurationError(
                "image.not_installed",
                "Images need Pillow, which is not installed.",
                remedy="pip install 'evenhand[images]'",
            )
        #: Workers that were killed, or died, before their time.
        self.replaced = 0
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._tasks_per_worker = tasks_per_worker
        self._formats = {*FORMATS, *(("HEIF",) if importlib.util.find_spec(HEIF_READER) else ())}
        self._command = [sys.executable, "-P", "-m", "evenhand.content.decode_worker"]
        self._free = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._is_closed = False
        # A decoder that is forgotten instead of closed leaves no processes behind.
        weakref.finalize(self, _stop_all, self._workers)

    @property
    def process_ids(self) -> frozenset[int]:
        """The workers that are there now."""
        with self._lock:
            return frozenset(worker.process.pid for worker in self._workers)

    def decode(self, file: ImageFile, *, field: str = "image") -> "Image":
        """Return the image in `file`.

        Raises:
            InputError: `image.empty`, `image.format` for what is no image of an accepted format, `image.type_mismatch`
                for another one than the stated media type says, `image.truncated`, `image.corrupt`, `image.timeout`,
                and `image.memory` for one that takes too much of it or crashes its decoder.
            TooLargeError: `image.too_large` over the limit of bytes, `image.too_many_pixels`, `image.too_many_frames`.
        """
        format_name = self._check(file, field)
        answer, is_overdue = self._ask(file.data, format_name)
        if answer is None and is_overdue:
            raise InputError(
                "image.timeout",
                f"Decoding the image took longer than {self._seconds:g} s.",
                field=field,
                remedy=_SIMPLER,
            )
        code = "image.memory" if answer is None else answer.error
        if answer is None or code:
            kind, message, remedy = _REFUSALS[code]
            raise kind(code, message, field=field, remedy=remedy)
        return _image(answer, file.data, format_name)

    def close(self) -> None:
        """End the workers; one that still decodes for another thread is ended when it is done."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            self._end(worker)

    def __enter__(self) -> Self:
        """Return the decoder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _check(self, file: ImageFile, field: str) -> str:
        """Return the format of `file`, as far as its first bytes tell."""
        size = len(file.data)
        if not size:
            raise InputError("image.empty", "The image has no bytes.", field=field, remedy="Send the file's bytes.")
        if size > self._max_bytes:
            raise TooLargeError(
                "image.too_large",
                f"The image has {size} bytes; at most {self._max_bytes} are accepted.",
                field=field,
                remedy="Make it smaller, or compress it more.",
            )
        name = sniff(file.data)
        if name not in self._formats:
            raise InputError(
                "image.format",
                "The file is not an image of a format that is accepted.",
                field=field,
                remedy=f"Send one of: {', '.join(sorted(self._formats))}.",
            )
        if _contradicts(file.media_type, name):
            raise InputError(
                "image.type_mismatch",
                f"The file is {name}, and its stated media type is another one.",
                field=field,
                remedy=f"State {_MEDIA_TYPES[name][0]}, or no type.",
            )
        return name

    def _ask(self, data: bytes, format_name: str) -> tuple[_Answer | None, bool]:
        """Return a worker's answer, if it gave one, and whether it ran out of time."""
        with self._free:
            worker = self._take()
            answer: _Answer | None = None
            try:
                answer = worker.ask(data, format_name, self._seconds)
            finally:
                # A library that once got no memory may not be as it was.
                self._give_back(worker, is_sound=answer is not None and answer.error != "image.memory")
            return answer, worker.is_overdue

    def _take(self) -> _Worker:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("The decoder is closed.")
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.is_alive:
            self._end(worker, is_replaced=True)
            worker = None
        return worker or self._start()

    def _start(self) -> _Worker:
        with contextlib.suppress(OSError):
            worker = _Worker(self._command)
            with self._lock:
                self._workers.add(worker)
            if worker.greet():
                return worker
            self._end(worker)
        raise EvenhandError(
            "image.decoder",
            "No process could be started to decode images in.",
            remedy="See whether this machine has memory and processes left.",
        )

    def _give_back(self, worker: _Worker, *, is_sound: bool) -> None:
        is_sound = is_sound and worker.is_alive
        with self._lock:
            is_kept = is_sound and worker.tasks < self._tasks_per_worker and not self._is_closed
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            self._end(worker, is_replaced=not is_sound)

    def _end(self, worker: _Worker, *, is_replaced: bool = False) -> None:
        worker.stop()
        with self._lock:
            self._workers.discard(worker)
            self.replaced += is_replaced


def _contradicts(media_type: str, format_name: str) -> bool:
    """Return whether `media_type` says that the file is an image of another format."""
    stated = media_type.partition(";")[0].strip().lower()
    return stated.startswith("image/") and stated != "image/*" and stated not in _MEDIA_TYPES[format_name]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # What this process can import, a worker can, however it came to be on the path.
    own = str(Path(__file__).parents[2])
    return kept | {"PYTHONPATH": os.pathsep.join([*filter(None, sys.path), own])}


def _image(answer: _Answer, data: bytes, format_name: str) -> "Image":
    import numpy as np

    from evenhand.content.image import Frame, Image

    frames = []
    at = 0
    for number, columns, rows in answer.frames:
        size = columns * rows * 3
        pixels = np.frombuffer(answer.body, np.uint8, count=size, offset=at)
        frames.append(Frame(pixels.reshape(rows, columns, 3), number))
        at += size
    return Image(
        frames=tuple(frames),
        format=format_name,
        width=answer.width,
        height=answer.height,
        frame_count=answer.frame_count,
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data, usedforsecurity=False).hexdigest(),
    )


def _stop_all(workers: set[_Worker]) -> None:
    for worker in tuple(workers):
        worker.stop()

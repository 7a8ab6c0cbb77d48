"""Turn the bytes of an image file into frames, or into an error with a code, whatever the bytes are.

Nothing here looks inside a file further than its first bytes. What decodes it is `content.decode_worker`, in processes
that are limited in memory and time, and that `content.worker_pool` starts, kills and replaces.
"""

import hashlib
import importlib.util
from typing import IO, TYPE_CHECKING, Final

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
)
from evenhand.content.worker_pool import WorkerPool
from evenhand.core.content import ImageFile
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, TooLargeError

if TYPE_CHECKING:
    from evenhand.content.image import Image

#: Bytes of a file: as much as the usual services of this kind accept.
MAX_IMAGE_BYTES: Final = 10_485_760

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
    def is_spent(self) -> bool:
        """Whether its worker is to be replaced: a library that once got no memory may not be as it was."""
        return self.error == "image.memory"

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


def _read(stream: IO[bytes]) -> _Answer | None:
    """Return what a worker says, where it can be believed."""
    message = read_message(stream, most_bytes=MAX_BODY)
    if message is None:
        return None
    try:
        answer = msgspec.json.decode(message[0], type=_Answer)
    except msgspec.MsgspecError:
        return None
    answer.body = message[1]
    return answer if answer.is_sound else None


class Decoder(WorkerPool):
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
        super().__init__(
            "evenhand.content.decode_worker", workers=workers, tasks_per_worker=tasks_per_worker, error=_no_process
        )
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._formats = {*FORMATS, *(("HEIF",) if importlib.util.find_spec(HEIF_READER) else ())}

    def decode(self, file: ImageFile, *, field: str = "image") -> "Image":
        """Return the image in `file`.

        Raises:
            InputError: `image.empty`, `image.format` for what is no image of an accepted format, `image.type_mismatch`
                for another one than the stated media type says, `image.truncated`, `image.corrupt`, `image.timeout`,
                and `image.memory` for one that takes too much of it or crashes its decoder.
            TooLargeError: `image.too_large` over the limit of bytes, `image.too_many_pixels`, `image.too_many_frames`.
        """
        format_name = self._check(file, field)
        head = {"format": format_name, "seconds": self._seconds}
        answer, is_overdue = self._ask(head, [file.data], seconds=self._seconds, read=_read)
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


def _contradicts(media_type: str, format_name: str) -> bool:
    """Return whether `media_type` says that the file is an image of another format."""
    stated = media_type.partition(";")[0].strip().lower()
    return stated.startswith("image/") and stated != "image/*" and stated not in _MEDIA_TYPES[format_name]


def _no_process() -> EvenhandError:
    return EvenhandError(
        "image.decoder",
        "No process could be started to decode images in.",
        remedy="See whether this machine has memory and processes left.",
    )


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

"""Decode images in a process of its own, which may be killed at any moment. `content.decoding` starts and feeds it.

`python -m evenhand.content.decode_worker [BYTES]` reads requests from standard input and answers on standard output,
one message each way: a head in JSON, and a body of bytes. BYTES is how much memory it may take beyond what it has at
start. Whatever a file does to Pillow, it does it here. To import this module loads no Pillow, so that the server can
share its limits and the form of a message.
"""

import contextlib
import importlib
import importlib.util
import io
import json
import math
import os
import struct
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageFile import ImageFile as OpenedPicture

#: Memory that a worker may take beyond what it has at start; enough for the costliest picture of MAX_PIXELS.
MEMORY_BYTES: Final = 5 << 28
#: Pixels of one frame, and the pixels of a side: a strip is cheap to decode and dear to whatever resizes it.
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 16_384
#: Frames that a file may have, and how many of them are looked at.
MAX_FRAMES: Final = 2_000
MAX_SAMPLED: Final = 8
#: Pixels of a frame that is handed on; detectors look at fewer.
MAX_AREA: Final = 1_000_000

#: Pillow's names of the formats, and the modules of Pillow that read them.
FORMATS: Final = {
    "AVIF": "PIL.AvifImagePlugin",
    "BMP": "PIL.BmpImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
}
#: What reads HEIC, where it is installed. There is a package by which Pillow's usual one is GPL; this one is not.
HEIF_READER: Final = "pi_heif"
#: Formats whose frames are one after another in time. Pages of a TIFF and a phone's second pictures are not.
_ANIMATED: Final = {"AVIF", "GIF", "PNG", "WEBP"}
_BOXED: Final = {"AVIF", "HEIF"}

_HEADER: Final = struct.Struct(">4sII")
_MARK: Final = b"EVH1"
_MAX_HEAD: Final = 65_536
#: Every sampled frame may be there on white and on black.
MAX_BODY: Final = MAX_SAMPLED * 2 * MAX_AREA * 3

#: Seconds that a worker goes on after its time is up, if nobody kills it because the server is gone.
_GRACE_SECONDS: Final = 5.0
_TURN_TAG: Final = 0x0112
#: EXIF's numbers for how a picture is turned, and what Pillow calls the way back.
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_SIDEWAYS: Final = 5

Message = tuple[bytes, bytes]


class RefusedError(Exception):
    """The file is over a limit. The only argument is the code."""


def write_message(stream: IO[bytes], head: object, parts: Sequence[bytes] = ()) -> None:
    """Write `head` as JSON and `parts` as one body."""
    encoded = json.dumps(head).encode()
    stream.write(_HEADER.pack(_MARK, len(encoded), sum(map(len, parts))) + encoded)
    stream.writelines(parts)
    stream.flush()


def read_message(stream: IO[bytes], *, most_bytes: int) -> Message | None:
    """Return the next head and body, or None where there is none, or nothing that is one."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    mark, head_size, body_size = _HEADER.unpack(header)
    if mark != _MARK or head_size > _MAX_HEAD or body_size > most_bytes:
        return None
    head = stream.read(head_size)
    body = stream.read(body_size)
    return (head, body) if len(head) == head_size and len(body) == body_size else None


def sampled(count: int) -> list[int]:
    """Return which of `count` frames are looked at: the first, the last, and some evenly between."""
    if count <= MAX_SAMPLED:
        return list(range(count))
    return [round(place * (count - 1) / (MAX_SAMPLED - 1)) for place in range(MAX_SAMPLED)]


def fitted(width: int, height: int) -> tuple[int, int]:
    """Return the largest size of the same shape within `MAX_AREA`, and never a larger one than this."""
    scale = min(1.0, math.sqrt(MAX_AREA / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))


class File(io.BytesIO):
    """A file that remembers whether more was asked of it than there is."""

    ran_out = False

    def read(self, size: int | None = -1) -> bytes:
        """Read as any file does."""
        data = super().read(size)
        # What is read in blocks comes short at every end; only a reader that wants more after that has run out.
        if size is not None and len(data) < size and (not data or size < _BLOCK):
            self.ran_out = True
        return data


#: Pillow's decoders read so much at a time.
_BLOCK: Final = 65_536


def is_cut(data: bytes, format_name: str) -> bool:
    """Return whether the file says of itself that it is longer than it is."""
    if format_name == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    return format_name in _BOXED and _end_of_boxes(data) > len(data)


def _end_of_boxes(data: bytes) -> int:
    at = 0
    while 0 <= at < len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8:  # noqa: PLR2004 -- a box's own size; 0 means "to the end", and all else is broken
            return at
        at += size
    return at


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return the size that a WebP states. Its library takes memory for the whole canvas before Pillow can tell it."""
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise RefusedError("image.too_many_pixels")


def answer(data: bytes, format_name: str) -> tuple[dict[str, object], list[bytes]]:
    """Return the head and the parts of the answer for a file: its frames, or the code of an error."""
    file = File(data)
    try:
        return _decoded(file, data, format_name)
    except RefusedError as error:
        return {"error": str(error)}, []
    except MemoryError:
        return {"error": "image.memory"}, []
    except Exception as error:  # noqa: BLE001 -- a broken file may raise whatever it likes
        return {"error": _code(error, file, is_cut=is_cut(data, format_name))}, []


def _code(error: Exception, file: File, *, is_cut: bool) -> str:
    from PIL import Image

    said = str(error).lower()
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "image.too_many_pixels"
    if "memory" in said:
        return "image.memory"
    return "image.truncated" if is_cut or file.ran_out or "truncated" in said else "image.corrupt"


def _decoded(file: File, data: bytes, format_name: str) -> tuple[dict[str, object], list[bytes]]:
    from PIL import Image

    if format_name == "WEBP":
        _check_size(*_webp_size(data))
    with Image.open(file, formats=[format_name]) as picture:
        _check_size(*picture.size)
        count = getattr(picture, "n_frames", 1) if format_name in _ANIMATED else 1
        if count > MAX_FRAMES:
            raise RefusedError("image.too_many_frames")
        width, height = picture.size
        places: list[tuple[int, int, int]] = []
        parts: list[bytes] = []
        for number, view in _frames(picture, count):
            places.append((number, *view.size))
            parts.append(view.tobytes())
        if _turn_of(picture) >= _SIDEWAYS:
            width, height = height, width
    return {"width": width, "height": height, "frame_count": count, "frames": places}, parts


def _frames(picture: "OpenedPicture", count: int) -> "Iterator[tuple[int, Picture]]":
    """Yield each view of each sampled frame with the frame's number."""
    _correct_transparency(picture)
    picture.draft(None, fitted(*picture.size))
    for number in sampled(count):
        if number:
            picture.seek(number)
        picture.load()
        # A frame of a GIF may enlarge the picture.
        _check_size(*picture.size)
        small = _shrunk(_plain(picture))
        for view in _views(_turned(small, _turn_of(picture))):
            yield number, view


def _correct_transparency(picture: "OpenedPicture") -> None:
    """Give the transparent colour of a PNG in the picture's own scale; Pillow leaves it in the file's."""
    transparent = picture.info.get("transparency")
    raw_mode = picture.tile[0].args if picture.format == "PNG" and picture.tile else None
    if raw_mode in {"L;2", "L;4"} and isinstance(transparent, int):
        picture.info["transparency"] = transparent * (85 if raw_mode == "L;2" else 17) & 0xFF
    elif raw_mode == "RGB;16B" and isinstance(transparent, tuple):
        picture.info["transparency"] = tuple(value >> 8 for value in transparent)


def _turn_of(picture: "Picture") -> int:
    """Return how the picture is to be turned, by EXIF's numbers: 1 means that it is not."""
    try:
        value = picture.getexif().get(_TURN_TAG, 1)
    except Exception:  # noqa: BLE001 -- metadata may be as broken as they like; the picture is what matters
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def _turned(picture: "Picture", turn: int) -> "Picture":
    from PIL import Image

    return picture.transpose(Image.Transpose[_TURNS[turn]]) if turn in _TURNS else picture


def _plain(picture: "Picture") -> "Picture":
    """Return `picture` in a mode that can be made smaller without loss: grey, RGB, RGBA or CMYK, of 8 bits."""
    if picture.mode.startswith("I;16"):
        return _from_16_bits(picture)
    if picture.mode in {"I", "F"}:
        return _stretched(picture)
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in {"L", "RGB", "CMYK"}:
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _from_16_bits(picture: "Picture") -> "Picture":
    from PIL import ImageMath

    wide = picture.convert("I")
    grey = wide.point(lambda value: value / 257).convert("L")
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):
        opaque = ImageMath.lambda_eval(lambda images: images["wide"] != transparent, wide=wide)
        grey.putalpha(opaque.point(lambda value: value * 255).convert("L"))
        return grey.convert("RGBA")
    return grey


def _stretched(picture: "Picture") -> "Picture":
    """Return numbers of any range as grey: the least black, the largest white."""
    low, high = picture.getextrema()
    if not (isinstance(low, int | float) and isinstance(high, int | float) and 0 < high - low < math.inf):
        return picture.convert("L")
    scale = 255 / (high - low)
    offset = -low * scale
    return picture.point(lambda value: value * scale + offset).convert("L")


def _shrunk(picture: "Picture") -> "Picture":
    from PIL import Image

    size = fitted(*picture.size)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


#: White and black: what is drawn in one of them is plain to see on the other.
_GROUNDS: Final = ((255, 255, 255), (0, 0, 0))


def _views(picture: "Picture") -> "list[Picture]":
    """Return the picture as RGB; one that can be seen through on white and on black, where it may look different."""
    from PIL import Image

    if picture.mode != "RGBA" or picture.getchannel("A").getextrema() == (255, 255):
        return [picture.convert("RGB")]
    views = []
    for ground in _GROUNDS:
        view = Image.new("RGB", picture.size, ground)
        view.paste(picture, mask=picture)
        views.append(view)
    return views


def prepare_pillow() -> None:
    """Load the readers, and have Pillow refuse what is too large and forgive metadata that are broken."""
    from PIL import AvifImagePlugin, Image, JpegImagePlugin

    for module in FORMATS.values():
        importlib.import_module(module)
    # A thread's stack and arena count as memory.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # Pillow's own factory also reads the pictures behind the first one, which nobody is shown.
    Image.register_open("JPEG", JpegImagePlugin.JpegImageFile, Image.OPEN["JPEG"][1])
    if importlib.util.find_spec(HEIF_READER):
        importlib.import_module(HEIF_READER).register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.Exif.load = _forgiving(Image.Exif.load)  # type: ignore[method-assign]


def _forgiving(read: Callable[..., None]) -> Callable[..., None]:
    def read_what_can_be_read(*arguments: object) -> None:
        with contextlib.suppress(Exception):
            read(*arguments)

    return read_what_can_be_read


def limit_process(memory_bytes: int) -> None:
    """Take from this process what no decoder needs: more memory, files to write, and traces of what it read."""
    if sys.platform == "win32":
        return
    import resource

    # If the machine runs out of memory all the same, this process goes before the server does.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        own = int(statistics.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + memory_bytes, own + memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@contextlib.contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """End the process by the system's hand, whatever hangs, if the block takes longer than this."""
    if sys.platform == "win32":
        yield
        return
    import signal

    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output, and leave nothing in their place, so that no library can write in between."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def main() -> None:
    """Answer requests until there are no more. The first message says that all is ready."""
    requests, answers = take_pipes()
    prepare_pillow()
    limit_process(int(sys.argv[1]) if len(sys.argv) > 1 else MEMORY_BYTES)
    write_message(answers, {})
    while message := read_message(requests, most_bytes=MEMORY_BYTES):
        request = json.loads(message[0])
        with ending_after(request["seconds"] + _GRACE_SECONDS):
            head, parts = answer(message[1], request["format"])
        write_message(answers, head, parts)


if __name__ == "__main__":
    main()

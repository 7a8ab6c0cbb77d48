"""Forms with files.

Images are read into memory: no picture touches the disk, since nothing is kept that nobody asked to keep. A clip may be
larger than memory: it goes where the door says, piece by piece as it comes in.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError, TooLargeError

#: The field whose files are images.
IMAGES: Final = "images"
#: The field whose file is a clip.
CLIP: Final = "clip"
_MOST_PARTS: Final = 100
_LARGEST_FIELD: Final = 1_048_576


class Sink(Protocol):
    """Takes the bytes of a clip, in a thread."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""


#: Returns where a clip goes, given the fields that have come by then. Awaited once its first byte is there.
OpenClip = Callable[[Mapping[str, Sequence[str]]], Awaitable[Sink]]


@dataclass(frozen=True, slots=True)
class ClipPart:
    """A clip that came with a form.

    Args:
        media_type: What the caller says that it is; empty when the caller says nothing.
        size: In bytes.
    """

    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds. A file field in which nothing was chosen holds nothing.

    Args:
        fields: Each with everything given for it.
        images: In order.
        clip: The clip, whose bytes are where they were to go.
    """

    fields: Mapping[str, Sequence[str]]
    images: tuple[ImageFile, ...] = ()
    clip: ClipPart | None = None


class _ClipUpload(UploadFile):
    """A clip on its way to where it goes; what Starlette does to files that are to be read again is not done to it."""

    def __init__(self, part: UploadFile, open_sink: Callable[[], Awaitable[Sink]]) -> None:
        super().__init__(BytesIO(), filename=part.filename, headers=part.headers)
        self.received = 0
        self._open_sink = open_sink
        self._sink: Sink | None = None

    async def write(self, data: bytes) -> None:
        if self._sink is None:
            self._sink = await self._open_sink()
        self.received += len(data)
        await run_in_threadpool(self._sink.write, data)

    async def seek(self, offset: int) -> None:
        pass

    async def close(self) -> None:
        pass


class _Parser(MultiPartParser):
    """Keeps images in memory and passes a clip on."""

    spool_max_size = 2**31
    takes_images = True
    open_clip: OpenClip | None = None
    clip: _ClipUpload | None = None

    @property
    def fields(self) -> dict[str, list[str]]:
        """What was given so far in fields that hold no file."""
        found: dict[str, list[str]] = {}
        for name, value in self.items:
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
        return found

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        part = self._current_part
        if part.file is None:
            return
        open_clip = self.open_clip
        if part.field_name == CLIP and open_clip is not None:
            part.file.file.close()  # the one in memory that stands here by default
            if self.clip is not None:
                raise InputError("field.invalid", "There is more than one clip.", field=CLIP, remedy="Send one.")
            part.file = self.clip = _ClipUpload(part.file, lambda: open_clip(self.fields))
        elif part.field_name != IMAGES or not self.takes_images:
            place = IMAGES if self.takes_images else CLIP
            raise InputError(
                "field.unknown", "No file belongs here.", field=part.field_name[:200], remedy=f"Send it as {place}."
            )

    async def limited(self, stream: AsyncGenerator[bytes, None], most_bytes: int) -> AsyncGenerator[bytes, None]:
        """Yield what `stream` yields, as long as that is no more than `most_bytes` beside the clip."""
        received = 0
        async for piece in stream:
            received += len(piece)
            yield piece
            # By now the piece was parsed, so it is known how much of it was the clip's.
            if received - (self.clip.received if self.clip else 0) > most_bytes:
                raise TooLargeError(
                    "body.too_large",
                    f"The request body is over {most_bytes} bytes.",
                    remedy="Send less at once, or a smaller file.",
                )


def is_multipart(request: Request) -> bool:
    """Return whether the body is a form with files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def read_multipart(request: Request) -> tuple[dict[str, list[str]], tuple[ImageFile, ...]]:
    """Return the fields of a form, each with everything given for it, and its images.

    Raises:
        InputError: As `read_form`.
        TooLargeError: The body is over the server's limit.
    """
    form = await read_form(request)
    return {name: list(values) for name, values in form.fields.items()}, form.images


async def read_form(
    request: Request,
    *,
    open_clip: OpenClip | None = None,
    takes_images: bool = True,
    most_files: int = _MOST_PARTS,
    most_fields: int = _MOST_PARTS,
    largest_field: int = _LARGEST_FIELD,
    most_bytes: int | None = None,
) -> Form:
    """Return what is in a form with files.

    Args:
        request: Carries it.
        open_clip: Says where a clip goes; none: the form has no clip.
        takes_images: Whether it may have images.
        most_files: How many files it may have.
        most_fields: How many other fields.
        largest_field: How many bytes each of those may have.
        most_bytes: How many bytes all of it may have beside the clip; none: as many as the server takes.

    Raises:
        InputError: `form.invalid`, `field.unknown` for a file in another field, `field.invalid` for a second clip, or
            `body.incomplete`.
        TooLargeError: The body is over the limit.
        EvenhandError: As `open_clip`, and as what it returns.
    """
    parser = _Parser(
        request.headers,
        request.stream(),
        max_files=most_files,
        max_fields=most_fields,
        max_part_size=largest_field,
    )
    parser.open_clip = open_clip
    parser.takes_images = takes_images
    if most_bytes is not None:
        parser.stream = parser.limited(parser.stream, most_bytes)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InputError(
            "form.invalid", f"The form cannot be read: {error.message}", remedy="Send it as `curl -F` does."
        ) from None
    except ClientDisconnect:
        raise InputError("body.incomplete", "The connection ended before the whole body had arrived.") from None
    try:
        return Form(parser.fields, await _images(form), _clip_part(parser.clip))
    finally:
        await form.close()


async def _images(form: FormData) -> tuple[ImageFile, ...]:
    files = [value for name, value in form.multi_items() if name == IMAGES and isinstance(value, UploadFile)]
    return tuple(
        [ImageFile(await file.read(), file.content_type or "") for file in files if file.filename or file.size]
    )


def _clip_part(clip: _ClipUpload | None) -> ClipPart | None:
    return ClipPart(clip.content_type or "", clip.received) if clip and (clip.filename or clip.received) else None

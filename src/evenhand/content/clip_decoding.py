"""Turn a sound or video file into stretches of pictures and sound, or into an error with a code, whatever it holds.

Nothing here looks inside a file further than its first bytes. What decodes it is `content.clip_worker`, in processes
that are limited in memory and time, and that `content.worker_pool` starts, kills and replaces. A clip may be hours
long, so it is never in memory: whoever wants all of it asks for one stretch after another.
"""

import importlib.util
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from evenhand.content.clip_format import MEDIA_TYPES, container_of, contradicts
from evenhand.content.clip_sound import OVERHANG, SOUND_RATE
from evenhand.content.clip_source import CONTAINERS, MAX_PIXELS, MAX_SIDE, MAX_STREAMS
from evenhand.content.clip_worker import MAX_STILL_SIDE, MAX_STRETCH
from evenhand.content.decode_worker import read_message
from evenhand.content.worker_pool import WorkerPool
from evenhand.core.content import ClipFile
from evenhand.core.decision import ClipFacts
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, TooLargeError

if TYPE_CHECKING:
    from evenhand.content.clip import Stretch

#: Bytes of a file: four hours of what phones record, in the sizes that people send.
MAX_CLIP_BYTES: Final = 4 << 30
MAX_CLIP_SECONDS: Final = 4 * 3600.0
#: A stretch is so long that what is shared by all of it costs little, and so short that it fits into memory many times.
STRETCH_SECONDS: Final = 30.0

_MOST_STILL_BYTES: Final = MAX_STILL_SIDE * MAX_STILL_SIDE * 3
#: A worker sends three in a second, and a few more at the beginning.
_MOST_STILLS_A_SECOND: Final = 3
_MOST_STILLS_MORE: Final = 16

_SIMPLER: Final = "Send a shorter or simpler clip, or save it anew with usual settings."
#: What a worker's codes mean, and the way out.
_REFUSALS: Final[dict[str, tuple[type[InputError], str, str]]] = {
    "clip.too_many_pixels": (
        TooLargeError,
        f"The clip's pictures have more than {MAX_PIXELS} pixels, or more than {MAX_SIDE} on a side.",
        "Make them smaller.",
    ),
    "clip.too_many_streams": (
        TooLargeError,
        f"The clip has more than {MAX_STREAMS} streams of sound and pictures.",
        "Send the streams that people are to see and hear.",
    ),
    "clip.no_streams": (
        InputError,
        "The clip has neither sound nor pictures that can be decoded here.",
        "Save it anew with a usual codec, such as H.264 and AAC.",
    ),
    "clip.corrupt": (
        InputError,
        "The clip cannot be decoded: it is damaged or not complete.",
        "Open it in a player, save it anew, and send that.",
    ),
    "clip.memory": (InputError, "Decoding the clip took more memory than is allowed, or crashed.", _SIMPLER),
}


def is_available() -> bool:
    """Return whether clips can be decoded here, which needs PyAV and Pillow."""
    return all(importlib.util.find_spec(name) is not None for name in ("av", "PIL"))


class _StillHead(msgspec.Struct, tag_field="kind", tag="still", forbid_unknown_fields=True):
    seconds: float
    width: int
    height: int
    is_chosen: bool


class _EndHead(msgspec.Struct, tag_field="kind", tag="end", forbid_unknown_fields=True):
    end: float
    sound_begin: float
    is_last: bool
    is_partial: bool


class _FactsHead(msgspec.Struct, tag_field="kind", tag="facts", forbid_unknown_fields=True):
    seconds: float
    width: int
    height: int
    has_sound: bool
    is_partial: bool


class _ErrorHead(msgspec.Struct, tag_field="kind", tag="error", forbid_unknown_fields=True):
    code: str


_HEADS: Final = msgspec.json.Decoder(_StillHead | _EndHead | _FactsHead | _ErrorHead)


@dataclass(slots=True)
class _Answer:
    """What a worker said, all of it."""

    error: str = ""
    facts: _FactsHead | None = None
    stills: list[tuple[_StillHead, bytes]] = field(default_factory=list)
    end: _EndHead | None = None
    sound: bytes = b""

    @property
    def is_spent(self) -> bool:
        """Whether its worker is to be replaced: a library that once got no memory may not be as it was."""
        return self.error == "clip.memory"


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked of a worker, and so what can be believed of its answer.

    A worker that a hostile file took over could say anything.
    """

    path: str
    container: str
    most_seconds: float
    seconds: float
    begin: float = 0.0
    length: float = 0.0
    sound_after: float = 0.0

    @property
    def head(self) -> dict[str, object]:
        """The message to the worker."""
        stretch = {"begin": self.begin, "length": self.length, "sound_after": self.sound_after}
        return {
            "ask": "stretch" if self.length else "probe",
            "path": self.path,
            "container": self.container,
            "most_seconds": self.most_seconds,
            "seconds": self.seconds,
            **stretch,
        }

    def read(self, stream: IO[bytes]) -> _Answer | None:
        """Return the answer, once all of it is there, where it can be believed."""
        answer = _Answer()
        while message := read_message(stream, most_bytes=max(_MOST_STILL_BYTES, self._most_sound)):
            try:
                head = _HEADS.decode(message[0])
            except msgspec.MsgspecError:
                return None
            match head:
                case _StillHead() if self._is_still(head, message[1]) and len(answer.stills) < self._most_stills:
                    answer.stills.append((head, message[1]))
                case _EndHead() if self._is_end(head, message[1]):
                    answer.end, answer.sound = head, message[1]
                    return answer
                case _FactsHead() if self._are_facts(head):
                    answer.facts = head
                    return answer
                case _ErrorHead() if head.code in _REFUSALS or head.code == "clip.too_long":
                    answer.error = head.code
                    return answer
                case _:
                    return None
        return None

    @property
    def _most_stills(self) -> int:
        return int(_MOST_STILLS_A_SECOND * self.length) + _MOST_STILLS_MORE

    @property
    def _most_sound(self) -> int:
        return (int((self.length + OVERHANG) * SOUND_RATE) + 1) * 2

    def _is_still(self, head: _StillHead, body: bytes) -> bool:
        sides = (head.width, head.height)
        return (
            bool(self.length)
            and self.begin <= head.seconds < self.begin + self.length
            and min(sides) > 0
            and max(sides) <= MAX_STILL_SIDE
            and head.width * head.height * 3 == len(body)
        )

    def _is_end(self, head: _EndHead, body: bytes) -> bool:
        return (
            bool(self.length)
            and self.begin <= head.end <= self.begin + self.length
            and self.begin <= head.sound_begin <= self.begin + self.length + OVERHANG
            and len(body) % 2 == 0
            and len(body) <= self._most_sound
        )

    def _are_facts(self, head: _FactsHead) -> bool:
        sides = (head.width, head.height)
        return (
            not self.length
            and 0 <= head.seconds < float("inf")
            and min(sides) >= 0
            and (min(sides) > 0 or max(sides) == 0)
        )


class ClipDecoder(WorkerPool):
    """Decodes clips in processes of its own, which start with the first clip. Safe to use from several threads.

    Args:
        workers: How many clips may be decoded at once.
        max_bytes: Of a file.
        max_seconds: Of a clip.
        seconds: That finding out about a clip, or decoding one stretch of it, may take.
        tasks_per_worker: How many requests a worker answers before another takes its place.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        max_bytes: int = MAX_CLIP_BYTES,
        max_seconds: float = MAX_CLIP_SECONDS,
        seconds: float = 120.0,
        tasks_per_worker: int = 500,
    ) -> None:
        if not is_available():
            raise ConfigurationError(
                "clip.not_installed",
                "Sound and video clips need PyAV and Pillow, which are not installed.",
                remedy="pip install 'evenhand[media]'",
            )
        super().__init__(
            "evenhand.content.clip_worker", workers=workers, tasks_per_worker=tasks_per_worker, error=_no_process
        )
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._seconds = seconds

    def probe(self, file: ClipFile, *, field: str = "clip") -> ClipFacts:
        """Return what the clip is. All of it is read, and hardly any of it decoded.

        Raises:
            InputError: `clip.unreadable`, `clip.empty`, `clip.format` for what is no clip in an accepted container,
                `clip.type_mismatch` for another one than the stated media type says, `clip.no_streams`, `clip.corrupt`,
                `clip.timeout`, and `clip.memory` for one that takes too much of it or crashes its decoder.
            TooLargeError: `clip.too_large` over the limit of bytes, `clip.too_long`, `clip.too_many_pixels`,
                `clip.too_many_streams`.
        """
        container = self._check(file, field)
        answer = self._answer(self._request(file, container), field)
        if answer.facts is None:
            raise self._refusal("clip.memory", field)
        return ClipFacts(container=container, **msgspec.structs.asdict(answer.facts))

    def stretch(
        self,
        file: ClipFile,
        begin: float,
        seconds: float = STRETCH_SECONDS,
        *,
        sound_after: float = 0.0,
        field: str = "clip",
    ) -> "Stretch":
        """Return the pictures from `begin` on for so many seconds, and the sound from there to some seconds longer.

        Args:
            file: The clip.
            begin: In seconds from the start of the clip.
            seconds: How long the stretch is.
            sound_after: Sound before this time is left out: it was understood with the stretch before.
            field: What an error says that it is about.

        Raises:
            InputError: As `probe` does.
            TooLargeError: Likewise.
        """
        if not (0 <= begin < float("inf") and 0 < seconds <= MAX_STRETCH):
            raise ValueError(f"A stretch begins at 0 or later and has at most {MAX_STRETCH:g} s.")
        container = self._check(file, field)
        request = self._request(file, container, begin=begin, length=seconds, sound_after=sound_after)
        answer = self._answer(request, field)
        if answer.end is None:
            raise self._refusal("clip.memory", field)
        return _stretch(request, answer, answer.end)

    def _request(self, file: ClipFile, container: str, **stretch: float) -> _Request:
        path = str(file.path.absolute())
        return _Request(path, container, self._max_seconds, self._seconds, **stretch)

    def _answer(self, request: _Request, field: str) -> _Answer:
        answer, is_overdue = self._ask(request.head, [], seconds=self._seconds, read=request.read)
        if answer is None and is_overdue:
            raise InputError(
                "clip.timeout",
                f"Decoding the clip took longer than {self._seconds:g} s for a part of it.",
                field=field,
                remedy=_SIMPLER,
            )
        if answer is None or answer.error:
            raise self._refusal("clip.memory" if answer is None else answer.error, field)
        return answer

    def _refusal(self, code: str, field: str) -> InputError:
        if code == "clip.too_long":
            return TooLargeError(
                code,
                f"The clip is longer than {self._max_seconds:g} s.",
                field=field,
                remedy="Send it in parts.",
            )
        kind, message, remedy = _REFUSALS[code]
        return kind(code, message, field=field, remedy=remedy)

    def _check(self, file: ClipFile, field: str) -> str:
        """Return the container of `file`, as far as its first bytes tell."""
        try:
            size, name = self._size_and_container(file.path)
        except OSError as error:
            reason = error.strerror or "it is no file"
            raise InputError(
                "clip.unreadable",
                f"The clip cannot be read: {reason}.",
                field=field,
                remedy="See that the file is there and may be read.",
            ) from error
        if not size:
            raise InputError("clip.empty", "The clip has no bytes.", field=field, remedy="Send the file's bytes.")
        if size > self._max_bytes:
            raise TooLargeError(
                "clip.too_large",
                f"The clip has {size} bytes; at most {self._max_bytes} are accepted.",
                field=field,
                remedy="Compress it more, or send it in parts.",
            )
        if name not in CONTAINERS:
            raise InputError(
                "clip.format",
                "The file is not a clip in a container that is accepted.",
                field=field,
                remedy=f"Send one of: {', '.join(sorted(CONTAINERS))}.",
            )
        if contradicts(file.media_type, name):
            raise InputError(
                "clip.type_mismatch",
                f"The file is {name}, and its stated media type is another one.",
                field=field,
                remedy=f"State {MEDIA_TYPES[name][0]}, or no type.",
            )
        return name

    def _size_and_container(self, path: Path) -> tuple[int, str]:
        facts = path.stat()
        # To open anything else may wait for ever.
        if not stat.S_ISREG(facts.st_mode):
            raise OSError
        with path.open("rb") as file:
            return facts.st_size, container_of(file)


def _no_process() -> EvenhandError:
    return EvenhandError(
        "clip.decoder",
        "No process could be started to decode clips in.",
        remedy="See whether this machine has memory and processes left.",
    )


def _stretch(request: _Request, answer: _Answer, end: _EndHead) -> "Stretch":
    import numpy as np

    from evenhand.content.clip import Still, Stretch
    from evenhand.content.image import Frame

    stills = []
    for head, body in sorted(answer.stills, key=lambda still: still[0].seconds):
        pixels = np.frombuffer(body, np.uint8).reshape(head.height, head.width, 3)
        stills.append(Still(Frame(pixels, round(head.seconds * 1000)), head.seconds, head.is_chosen))
    return Stretch(
        begin=request.begin,
        end=end.end,
        stills=tuple(stills),
        sound=np.frombuffer(answer.sound, np.int16),
        sound_begin=end.sound_begin,
        is_last=end.is_last,
        is_partial=end.is_partial,
    )

"""Decode sound and video clips in a process of its own, which may be killed at any moment.

`python -m evenhand.content.clip_worker [BYTES]` reads requests from standard input and answers on standard output;
`content.clip_decoding` starts and feeds it. BYTES is how much memory it may take beyond what it has at start. Whatever
a file does to FFmpeg, it does it here. To import this module loads neither PyAV nor NumPy, so that the server can share
its limits.

A request names a file, its container and what is asked of it. The answer to `probe` is one message. The answer to
`stretch` is one for each still, so that neither side holds more than it has to, and one with the sound that says that
this was all.
"""

import contextlib
import importlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from evenhand.content.clip_sound import OVERHANG, Sound
from evenhand.content.clip_source import (
    Clock,
    Source,
    Survey,
    check_size,
    stretched_size,
    survey,
    turn_of,
)
from evenhand.content.decode_worker import (
    RefusedError,
    ending_after,
    limit_process,
    read_message,
    take_pipes,
    write_message,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from evenhand.content.shots import Taken

#: Memory that a worker may take beyond what it has at start; enough for the largest pictures in every usual form.
MEMORY_BYTES: Final = 3 << 29
#: Pixels of the longer side of a picture that is handed on.
MAX_STILL_SIDE: Final = 960
#: Seconds that a stretch may have.
MAX_STRETCH: Final = 60.0

_MAX_REQUEST: Final = 65_536
#: Seconds that a worker goes on after its time is up, if nobody kills it because the server is gone.
_GRACE_SECONDS: Final = 5.0
#: Bytes of packets that may wait until it is known from which of them on to decode.
_MOST_WAITING: Final = 64 << 20
#: Seconds between two pictures that are looked at, and for each of which one is decoded whether others need it or not.
_LOOK_EVERY: Final = 0.06
_SURELY_EVERY: Final = 0.2
#: By how many seconds sound and pictures of one time lie apart in any file.
_APART: Final = 1.0
#: From this height on, a picture that does not say how its colours are meant is meant as television of our days is.
_HD_HEIGHT: Final = 720
_UNSAID: Final = 2

Emit = Callable[[dict[str, object], Sequence[bytes]], None]


class _MissedError(Exception):
    """The file was entered too late: what is needed for the first picture lies before."""


class _Painter:
    """Makes of a decoded frame the picture that is handed on, and the small one by which shots are told apart."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        # Each keeps what it worked out for the last frame, which is most of the cost.
        self._small = VideoReformatter()
        self._large = VideoReformatter()

    def small(self, frame: "VideoFrame") -> "npt.NDArray[np.uint8]":
        """Return the picture in grey, of the size that shots are told apart by."""
        from evenhand.content.shots import HEIGHT, WIDTH

        small = self._small.reformat(frame, WIDTH, HEIGHT, "gray", interpolation="AREA", threads=1)
        return small.to_ndarray()  # type: ignore[return-value]

    def large(self, frame: "VideoFrame", stream: "VideoStream") -> "npt.NDArray[np.uint8]":
        """Return the picture in red, green and blue, the right way up and no larger than is handed on."""
        import numpy as np
        from av.video.reformatter import Colorspace

        width, height = stretched_size(frame, stream)
        scale = min(1.0, MAX_STILL_SIDE / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        is_hd = frame.colorspace == _UNSAID and frame.height >= _HD_HEIGHT
        colours = Colorspace.ITU709 if is_hd else None
        interpolation = "AREA" if scale < 1 else "BICUBIC"
        large = self._large.reformat(
            frame, *size, "rgb24", src_colorspace=colours, interpolation=interpolation, threads=1
        )
        pixels = large.to_ndarray()
        is_sideways, is_mirrored, is_upside_down = turn_of(frame)
        if is_sideways:
            pixels = pixels.swapaxes(0, 1)
        pixels = pixels[:: -1 if is_upside_down else 1, :: -1 if is_mirrored else 1]
        return np.ascontiguousarray(pixels, np.uint8)


class _Pictures:
    """The pictures of a stretch: decodes what is needed to know them, and hands on those that are worth it."""

    def __init__(self, stream: "VideoStream", begin: float, end: float, *, is_entered: bool, emit: Emit) -> None:
        from evenhand.content.shots import StillChooser

        self.is_done = False
        self.is_damaged = False
        self._stream = stream
        self._context = stream.codec_context
        self._unit = float(stream.time_base or 1)
        self._begin, self._end, self._is_entered, self._emit = begin, end, is_entered, emit
        self._painter = _Painter()
        self._chooser: StillChooser[VideoFrame] = StillChooser()
        self._waiting: deque[tuple[Packet[VideoStream], float]] | None = deque()
        self._bytes_waiting = 0
        self._sure: set[int] = set()
        self._looked_at = -1.0

    def take(self, packet: "Packet[VideoStream]", decoded_at: float, at: float) -> None:
        """Take the next packet, which is decoded and shown at these times.

        Raises:
            _MissedError: The pictures of the stretch begin with one that needs others, and those were not there.
        """
        if self.is_done:
            return
        if decoded_at >= self._end:
            self.finish()
        elif self._waiting is None:
            self._decode(packet, at)
        else:
            self._wait(packet, at)

    def finish(self) -> None:
        """Hand on what is left; there is no more."""
        if self.is_done:
            return
        if self._waiting is None:
            self._decode(None, self._end)
        for taken in self._chooser.finish():
            self._hand_on(taken)
        self.is_done = True

    def _wait(self, packet: "Packet[VideoStream]", at: float) -> None:
        """Keep what the first picture may need, which is all from the last key before it on."""
        if self._waiting is None:
            return
        if packet.is_keyframe and at <= self._begin:
            self._waiting.clear()
            self._bytes_waiting = 0
        self._waiting.append((packet, at))
        self._bytes_waiting += packet.size
        if at >= self._begin or self._bytes_waiting > _MOST_WAITING:
            self._begin_decoding()

    def _begin_decoding(self) -> None:
        waiting, self._waiting = self._waiting or deque(), None
        first, at = waiting[0]
        if self._is_entered and not (first.is_keyframe and at <= self._begin):
            raise _MissedError
        for packet, time in waiting:
            self._decode(packet, time)

    def _decode(self, packet: "Packet[VideoStream] | None", at: float) -> None:
        import av

        # What no other picture needs may be left out, but for one now and then: all that is seen may lie in those.
        share = int(at / _SURELY_EVERY)
        is_wanted = at >= self._begin and share not in self._sure
        self._sure.add(share)
        self._context.skip_frame = "DEFAULT" if is_wanted else "NONREF"
        try:
            frames = self._context.decode(packet)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            self.is_damaged |= at >= self._begin
            return
        self.is_damaged |= packet is not None and packet.is_corrupt and at >= self._begin
        for frame in frames:
            self._look(frame, at)

    def _look(self, frame: "VideoFrame", packet_at: float) -> None:
        ticks = frame.pts if frame.pts is not None else frame.dts
        at = packet_at if ticks is None else ticks * self._unit
        if self._begin == 0:
            at = max(0.0, at)
        check_size(frame.width, frame.height)
        if not self._begin <= at < self._end or at < self._looked_at + _LOOK_EVERY:
            return
        self._looked_at = at
        for taken in self._chooser.offer(at, self._painter.small(frame), frame):
            self._hand_on(taken)

    def _hand_on(self, taken: "Taken[VideoFrame]") -> None:
        pixels = self._painter.large(taken.picture, self._stream)
        _emit_still(self._emit, pixels, taken.seconds, is_chosen=taken.is_chosen)


def _emit_still(emit: Emit, pixels: "npt.NDArray[np.uint8]", seconds: float, *, is_chosen: bool) -> None:
    height, width = pixels.shape[:2]
    head = {"kind": "still", "seconds": seconds, "width": width, "height": height, "is_chosen": is_chosen}
    emit(head, [pixels.tobytes()])


def _emit_cover(emit: Emit, packet: "Packet[VideoStream]") -> None:
    """Hand on a picture that belongs to the clip as a whole, such as the cover of a record."""
    import av

    context = packet.stream.codec_context
    with contextlib.suppress(av.FFmpegError, ValueError):
        for frame in [*context.decode(packet), *context.decode(None)][:1]:
            _emit_still(emit, _Painter().large(frame, packet.stream), 0.0, is_chosen=True)


class Desk:
    """Answers requests, and remembers what it found out about the clip that the last one was about."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._known: tuple[object, Survey] | None = None

    def answer(self, request: dict[str, Any]) -> None:
        """Answer one request, with an error's code where it has to be."""
        try:
            known = self._survey(request)
            if request["ask"] == "stretch":
                self._stretch(request, known)
            else:
                self._probe(known)
        except RefusedError as error:
            self._refuse(str(error))
        except MemoryError:
            self._refuse("clip.memory")
        except BrokenPipeError:
            raise
        except Exception:  # noqa: BLE001 -- a broken file may raise whatever it likes
            self._refuse("clip.corrupt")

    def _refuse(self, code: str) -> None:
        self._emit({"kind": "error", "code": code}, [])

    def _survey(self, request: dict[str, Any]) -> Survey:
        facts = os.stat(request["path"])  # noqa: PTH116 -- a path may be no text
        key = (request["path"], request["container"], facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if self._known is None or self._known[0] != key:
            self._known = None
            with Source(request["path"], request["container"]) as source:
                self._known = key, survey(source, most_seconds=request["most_seconds"])
        return self._known[1]

    def _probe(self, known: Survey) -> None:
        facts = {
            "seconds": known.seconds,
            "width": known.width,
            "height": known.height,
            "has_sound": known.has_sound,
            "is_partial": known.is_partial,
        }
        self._emit({"kind": "facts", **facts}, [])

    def _stretch(self, request: dict[str, Any], known: Survey) -> None:
        apart = _APART + known.apart
        begin = float(request["begin"])
        places = [] if known.has_jumped else [begin - apart, begin - apart - known.between_keys]
        # A file whose times start anew, or that finds no place by its time, is gone through from its beginning.
        for place in [*(place for place in places if place > 0), None]:
            with contextlib.suppress(_MissedError):
                self._from(place, request, known)
                return

    def _from(self, place: float | None, request: dict[str, Any], known: Survey) -> None:
        """Answer for a stretch, with the file entered at `place`.

        Raises:
            _MissedError: That is too late, and nothing was answered yet.
        """
        import av

        begin, end = float(request["begin"]), float(request["begin"] + request["length"])
        sound_begin = min(max(begin, float(request["sound_after"])), end + OVERHANG)
        with Source(request["path"], request["container"]) as source:
            pictures = sound = None
            if source.video:
                pictures = _Pictures(source.video, begin, end, is_entered=place is not None, emit=self._emit)
            if source.audio:
                sound = Sound(source.audio, sound_begin, end + OVERHANG, matters_until=end)
            if place is not None:
                try:
                    source.enter(place)
                except av.FFmpegError:
                    raise _MissedError from None
            until = end + _APART + known.apart + (OVERHANG if sound else 0.0)
            self._go_through(source, pictures, sound, has_covers=begin == 0, until=until)
            parts = [part for part in (pictures, sound) if part]
            is_last = known.seconds <= end
            is_partial = source.is_damaged or any(part.is_damaged for part in parts) or (is_last and known.is_partial)
            head = {
                "kind": "end",
                "end": max(begin, known.seconds) if is_last else end,
                "sound_begin": sound_begin,
                "is_last": is_last,
                "is_partial": is_partial,
            }
            self._emit(head, [sound.samples().tobytes()] if sound else [])

    def _go_through(
        self, source: Source, pictures: _Pictures | None, sound: Sound | None, *, has_covers: bool, until: float
    ) -> None:
        """Decode what lies in the file from here on, as far as it is needed."""
        clock = Clock(source)
        parts = [part for part in (pictures, sound) if part]
        for packet in source.packets():
            at = clock.place(packet)
            if pictures and packet.stream is source.video:
                pictures.take(packet, at, clock.shown(packet, at))
            elif sound and packet.stream is source.audio:
                sound.take(packet, at)
            elif has_covers:
                _emit_cover(self._emit, packet)
            if at > until or (parts and all(part.is_done for part in parts)):
                break
        for part in parts:
            part.finish()


def main() -> None:
    """Answer requests until there are no more. The first message says that all is ready."""
    # What is loaded before the limit does not count towards it.
    for module in ("av", "av.filter", "evenhand.content.shots"):
        importlib.import_module(module)
    requests, answers = take_pipes()
    limit_process(int(sys.argv[1]) if len(sys.argv) > 1 else MEMORY_BYTES)
    desk = Desk(lambda head, parts: write_message(answers, head, parts))
    write_message(answers, {})
    while message := read_message(requests, most_bytes=_MAX_REQUEST):
        request = json.loads(message[0])
        with ending_after(request["seconds"] + _GRACE_SECONDS):
            desk.answer(request)


if __name__ == "__main__":
    main()

"""An open clip: which of its streams are looked at, its packets on one line of time, and what it is.

Only `content.clip_worker` opens one, in its own process. To import this module loads neither PyAV nor NumPy.

A file is handed to FFmpeg as an object to read from, never by name, as the container that its first bytes say it is;
whatever else it asks to have opened is refused. Times are the file's own, counted from its start. Where they start anew
within the file, as in two that were put together, they go on from where they were, as they do in a player.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from evenhand.content.decode_worker import RefusedError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: Pixels of one picture of a clip, and the pixels of a side.
MAX_PIXELS: Final = 4096 * 4096
MAX_SIDE: Final = 16_384
#: Streams of sound and pictures.
MAX_STREAMS: Final = 16

#: Containers by the names that they have here, and what FFmpeg calls the reader of each.
CONTAINERS: Final = {
    "aac": "aac",
    "amr": "amr",
    "avi": "avi",
    "flac": "flac",
    "flv": "flv",
    "matroska": "matroska",
    "mov": "mov",
    "mp3": "mp3",
    "mp4": "mov",
    "mpeg": "mpeg",
    "mpegts": "mpegts",
    "ogg": "ogg",
    "wav": "wav",
    "webm": "matroska",
}
#: Those that say how long they are, where others only let it be guessed.
_STATING: Final = {"avi", "flac", "flv", "matroska", "mov", "mp4", "wav", "webm"}
#: Those whose times may also jump forwards where they start anew.
_JUMPING: Final = {"flv", "mpeg", "mpegts", "ogg"}

_PICTURE_CODECS: Final = (
    "av1 bmp dnxhd dvvideo ffv1 flv h261 h263 h263p h264 hevc libdav1d mjpeg mpeg1video mpeg2video mpeg4 msmpeg4 "
    "msmpeg4v1 msmpeg4v2 png prores rawvideo theora vc1 vp3 vp6 vp6a vp6f vp8 vp9 vvc webp wmv1 wmv2 wmv3"
)
_SOUND_CODECS: Final = (
    "aac aac_latm ac3 adpcm_ima_qt adpcm_ima_wav adpcm_ms adpcm_swf alac amrnb amrwb dca eac3 flac gsm gsm_ms mp1float "
    "mp2 mp2float mp3 mp3float nellymoser opus speex truehd vorbis wmapro wmav1 wmav2"
)

#: Decoders get their first picture or sound within so many packets, or are held to have none.
_FIRST_PACKETS: Final = 400
#: How often in a row a file may fail to give the next packet.
_MOST_FAILURES: Final = 50
#: Seconds by which times jump where they start anew: backwards and forwards.
_BACK: Final = 1.0
_FORWARD: Final = 10.0
#: How much shorter than it says a file may be: seconds, and as a share.
_SHORT: Final = 0.5
_SHORT_SHARE: Final = 0.002
_MOST_COVERS: Final = 4
#: Of the matrix that says how a picture is turned.
_MATRIX_BYTES: Final = 36
#: Pixels that are so many times as wide as high, or the other way round, are a mistake of whoever made the file.
_ODDEST_SHAPE: Final = 4


class _File:
    """A file without a name, for FFmpeg to read from."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123 -- closed by close(); a path may be no text
        self.read = self._file.read
        self.seek = self._file.seek
        self.tell = self._file.tell
        self.close = self._file.close


def _refuse(*_: object) -> None:
    raise RefusedError("clip.corrupt")


class Source:
    """An open clip: which of its streams are looked at, and its packets in order."""

    def __init__(self, path: str, container: str) -> None:
        import av

        self.is_damaged = False
        self.name = container
        self._file = _File(path)
        demuxer = CONTAINERS[container]
        pcm = [name for name in av.codecs_available if name.startswith("pcm_")]
        self._options = {
            "codec_whitelist": ",".join([*_PICTURE_CODECS.split(), *_SOUND_CODECS.split(), *pcm]),
            # Four times what is accepted, so that a size can still be told from nonsense.
            "max_pixels": str(4 * MAX_PIXELS),
        }
        try:
            self.container = av.open(
                self._file,
                "r",
                format=demuxer,
                options={**self._options, "format_whitelist": demuxer, "protocol_whitelist": "none"},
                metadata_errors="replace",
                buffer_size=1 << 16,
                io_open=_refuse,
            )
        except BaseException:
            self._file.close()
            raise
        self._choose()

    def __enter__(self) -> Self:
        """Return the clip itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.container.close()
        self._file.close()

    def _choose(self) -> None:
        from av.stream import Disposition

        streams: list[Any] = [*self.container.streams.video, *self.container.streams.audio]
        if len(streams) > MAX_STREAMS:
            raise RefusedError("clip.too_many_streams")
        usable = [stream for stream in streams if self._is_usable(stream)]
        self.has_unreadable = len(usable) < len(streams)
        pictures = [stream for stream in usable if stream.type == "video"]
        covers = [stream for stream in pictures if Disposition.attached_pic in stream.disposition]
        self.covers: list[VideoStream] = covers[:_MOST_COVERS]
        self.video: VideoStream | None = _first(stream for stream in pictures if stream not in covers)
        self.audio: AudioStream | None = _first(stream for stream in usable if stream.type == "audio")
        if not self.chosen:
            raise RefusedError("clip.no_streams")
        for stream in self.chosen:
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {**self._options, "skip_loop_filter": "noref"}
        for stream in pictures:
            check_size(stream.codec_context.width, stream.codec_context.height)

    def _is_usable(self, stream: Any) -> bool:
        context = stream.codec_context
        return context is not None and context.name in self._options["codec_whitelist"].split(",")

    @property
    def chosen(self) -> "list[VideoStream | AudioStream]":
        """The streams that are looked at."""
        return [stream for stream in (self.video, self.audio, *self.covers) if stream is not None]

    @property
    def start(self) -> float:
        """The time at which the clip starts, as the file counts."""
        return (self.container.start_time or 0) / 1_000_000

    def enter(self, seconds: float) -> None:
        """Go to a place from which what is shown at `seconds` can be decoded, if the file has a way to find one."""
        self.container.seek(int((seconds + self.start) * 1_000_000))

    def packets(self, *, of_all: bool = False) -> "Iterator[Packet[Any]]":
        """Yield the packets as they lie in the file, over places where it is damaged."""
        import av
        from av.stream import Discard

        wanted = {stream.index for stream in (self.container.streams if of_all else self.chosen)}
        for stream in self.container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        failures = 0
        while failures < _MOST_FAILURES:
            try:
                for packet in self.container.demux():
                    # Some were read before it could be said that they are not wanted, and the last ones are empty.
                    if packet.size and packet.stream_index in wanted:
                        failures = 0
                        yield packet
            except MemoryError:
                raise
            except EOFError:
                return
            except av.FFmpegError:
                self.is_damaged = True
                failures += 1
            else:
                return


def _first(streams: Iterator[Any]) -> Any:
    """Return the stream that a player would take: the first that says it is the usual one, or else the first."""
    from av.stream import Disposition

    found = list(streams)
    usual = [stream for stream in found if Disposition.default in stream.disposition]
    return next(iter([*usual, *found]), None)


def check_size(width: int, height: int) -> None:
    """Raise `RefusedError` for pictures that are larger than accepted."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise RefusedError("clip.too_many_pixels")


class _Line:
    """Where one stream's times lie on the clip's."""

    __slots__ = ("last", "move", "shift", "unit")

    def __init__(self, unit: float, move: float) -> None:
        self.unit = unit
        self.last: float | None = None
        self.put(move)

    def put(self, move: float) -> None:
        """Have the line begin elsewhere: `move` is in seconds, and `shift` the same as the stream counts."""
        self.move = move
        self.shift = round(move / self.unit)


class Clock:
    """Puts the times of packets on one line that begins with the clip. It is asked millions of times for a long one."""

    def __init__(self, source: Source) -> None:
        #: Whether times started anew somewhere.
        self.has_jumped = False
        #: The latest time of decoding so far.
        self.newest = 0.0
        self._start = source.start
        self._jumps_forwards = source.name in _JUMPING
        self._lines: dict[int, _Line] = {}

    def place(self, packet: "Packet[Any]") -> float:
        """Give `packet` the times that it has on the line, and return when it is to be decoded.

        A packet that has no time is of the time of the one before.
        """
        line = self._lines.get(packet.stream_index) or self._add(packet)
        ticks = packet.dts
        if ticks is None and (ticks := packet.pts) is None:
            return line.last or 0.0
        seconds: float = ticks * line.unit + line.move
        if line.last is not None and self._is_jump(seconds, line.last):
            self.has_jumped = True
            line.put(line.move + line.last + (packet.duration or 0) * line.unit - seconds)
            seconds = ticks * line.unit + line.move
        line.last = seconds
        self.newest = max(self.newest, seconds)
        if line.shift:
            _move(packet, line.shift)
        return seconds

    def shown(self, packet: "Packet[Any]", decoded_at: float) -> float:
        """Return when what is in a placed packet is shown."""
        ticks = packet.pts
        return decoded_at if ticks is None else ticks * self._lines[packet.stream_index].unit

    def ending(self, packet: "Packet[Any]", decoded_at: float) -> float:
        """Return until when what is in a placed packet is shown."""
        ticks, unit = packet.pts, self._lines[packet.stream_index].unit
        return (decoded_at if ticks is None else ticks * unit) + (packet.duration or 0) * unit

    def _add(self, packet: "Packet[Any]") -> _Line:
        # To ask a packet for its unit costs more than all the rest, so it is asked once.
        line = self._lines[packet.stream_index] = _Line(float(packet.time_base), -self._start)
        return line

    def _is_jump(self, seconds: float, last: float) -> bool:
        """Return whether a stream's times start anew; where another stream went on meanwhile, it is only a pause."""
        if seconds < last - _BACK:
            return True
        return self._jumps_forwards and seconds > last + _FORWARD and seconds > self.newest + _FORWARD


def _move(packet: "Packet[Any]", shift: int) -> None:
    if packet.dts is not None:
        packet.dts += shift
    if packet.pts is not None:
        packet.pts += shift


@dataclass(frozen=True, slots=True)
class Survey:
    """What a clip is, by all of its packets.

    Args:
        seconds: When the last of what is looked at ends.
        is_partial: Whether the file ends or breaks before the time that it states, or holds what nothing here reads.
        has_sound: Whether sound was decoded.
        width: Of its pictures as they are shown; 0 where none was decoded.
        height: Likewise.
        apart: How many seconds later than others of its time a packet lies in the file.
        between_keys: Seconds between two pictures from which decoding can begin.
        has_jumped: Whether times start anew somewhere, so that no place can be found by its time.
    """

    seconds: float
    is_partial: bool
    has_sound: bool
    width: int
    height: int
    apart: float
    between_keys: float
    has_jumped: bool


class _Surveyor:
    """What a survey knows so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.clock = Clock(source)
        self.others = Clock(source)
        self.ends: dict[int, float] = {}
        self.apart = 0.0
        self.between_keys = 0.0
        self.is_corrupt = False
        self.sizes: dict[int, tuple[int, int]] = {}
        self._key_at = 0.0
        self._video = source.video.index if source.video else None
        self._covers = {stream.index for stream in source.covers}
        self._tries = {stream.index: 0 for stream in source.chosen}
        self._untried = set(self._tries)

    def see(self, packet: "Packet[Any]") -> None:
        """Note what there is to know of the next packet."""
        index = packet.stream_index
        if index in self._covers:
            self._try(packet.stream, packet)
            return
        if index not in self._tries:
            clock = self.others
            at = clock.place(packet)
        else:
            clock = self.clock
            at = clock.place(packet)
            self.apart = max(self.apart, clock.newest - at)
            if packet.is_corrupt:
                self.is_corrupt = True
            if index == self._video and packet.is_keyframe:
                self.between_keys = max(self.between_keys, at - self._key_at)
                self._key_at = at
            if index in self._untried:
                self._try(packet.stream, packet)
        end = clock.ending(packet, at)
        if end > self.ends.get(index, 0.0):
            self.ends[index] = end

    def finish(self) -> Survey:
        """Return what is known, now that there are no more packets.

        Raises:
            RefusedError: Nothing of the clip can be decoded.
        """
        source = self.source
        for stream in source.chosen:
            self._try(stream, None)
        if not self.sizes:
            raise RefusedError("clip.corrupt")
        pictures = [self.sizes.get(stream.index) for stream in (source.video, *source.covers) if stream]
        width, height = next(filter(None, pictures), (0, 0))
        if source.video:
            self.between_keys = max(self.between_keys, self.ends.get(source.video.index, 0.0) - self._key_at)
        return Survey(
            seconds=round(max(self.ends.get(stream.index, 0.0) for stream in source.chosen), 3),
            is_partial=self.is_corrupt or source.is_damaged or source.has_unreadable or self._ends_early(),
            has_sound=source.audio is not None and source.audio.index in self.sizes,
            width=width,
            height=height,
            apart=self.apart,
            between_keys=self.between_keys,
            has_jumped=self.clock.has_jumped,
        )

    def _try(self, stream: Any, packet: "Packet[Any] | None") -> None:
        """Decode the first packets of a stream, to see whether that can be done."""
        import av

        if stream.index not in self._untried:
            return
        self._tries[stream.index] += 1
        if self._tries[stream.index] >= _FIRST_PACKETS:
            self._untried.discard(stream.index)
        try:
            frames = stream.codec_context.decode(packet)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            return
        for frame in frames[:1]:
            self._untried.discard(stream.index)
            self.sizes[stream.index] = shown_size(frame, stream) if stream.type == "video" else (0, 0)

    def _ends_early(self) -> bool:
        """Return whether less was found than the file says that there is."""
        source = self.source
        if source.name not in _STATING:
            return False
        pairs = [((source.container.duration or 0) / 1_000_000, max(self.ends.values(), default=0.0))]
        if CONTAINERS[source.name] == "mov":
            # Each of its streams says how long it is, and streams that nobody looks at may be longer.
            pairs = [
                (
                    _length_of(stream),
                    self.ends.get(stream.index, 0.0) - _start_of(stream, source),
                )
                for stream in source.chosen
                if stream not in source.covers
            ]
        elif source.name == "avi":
            # Its length in seconds is worked out from what there is.
            pairs = [
                (float(stream.frames * stream.time_base), self.ends.get(stream.index, 0.0))
                for stream in source.container.streams
                if stream.time_base
            ]
        elif source.start > 0:
            # Some count their length from their own zero.
            pairs = [(stated, found + source.start) for stated, found in pairs]
        return any(stated - found > max(_SHORT, _SHORT_SHARE * stated) for stated, found in pairs)


def _length_of(stream: Any) -> float:
    return float((stream.duration or 0) * stream.time_base)


def _start_of(stream: Any, source: Source) -> float:
    return 0.0 if stream.start_time is None else stream.start_time * float(stream.time_base) - source.start


def survey(source: Source, *, most_seconds: float) -> Survey:
    """Return what the clip is. All of it is read and hardly any of it decoded.

    Raises:
        RefusedError: It is longer than that, or nothing of it can be decoded.
    """
    surveyor = _Surveyor(source)
    for packet in source.packets(of_all=True):
        surveyor.see(packet)
        if surveyor.clock.newest > most_seconds:
            raise RefusedError("clip.too_long")
    return surveyor.finish()


def turn_of(frame: "VideoFrame") -> tuple[bool, bool, bool]:
    """Return how a picture is to be turned: first its sides exchanged, then left with right, then top with bottom."""
    import numpy as np

    beside: Any = frame.side_data
    if "DISPLAYMATRIX" not in beside:
        return False, False, False
    matrix = bytes(beside["DISPLAYMATRIX"]).ljust(_MATRIX_BYTES, b"\0")
    a, b, _, c, d, *_ = (int(value) for value in np.frombuffer(matrix, np.int32, count=9))
    if abs(a) + abs(d) < abs(b) + abs(c):
        return True, c < 0, b < 0
    return False, a < 0, d < 0


def shown_size(frame: "VideoFrame", stream: "VideoStream") -> tuple[int, int]:
    """Return the size at which a picture is shown, in pixels that are as wide as high."""
    width, height = stretched_size(frame, stream)
    return (height, width) if turn_of(frame)[0] else (width, height)


def stretched_size(frame: "VideoFrame", stream: "VideoStream") -> tuple[int, int]:
    """Return the size of a picture in pixels that are as wide as high, before it is turned."""
    check_size(frame.width, frame.height)
    shape = float(stream.sample_aspect_ratio or 1)
    if not 1 / _ODDEST_SHAPE <= shape <= _ODDEST_SHAPE:
        shape = 1.0
    return max(1, round(frame.width * shape)), frame.height

"""The sound of a stretch of a clip: what decoders give, each sample at its time, in one channel of 16 kHz.

Only `content.clip_worker` makes it, in its own process. To import this module loads neither PyAV nor NumPy.
"""

import contextlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.filter import Graph
    from av.packet import Packet

SOUND_RATE: Final = 16_000
#: Seconds of sound that are heard after the end of a stretch.
OVERHANG: Final = 10.0

#: Seconds by which sound may be off its time before it is put right.
_DRIFT: Final = 0.05
#: Seconds of sound that a decoder needs before what it gives is right.
_WARM_UP: Final = 0.5
#: What is left when two channels that are opposites are mixed, as a share.
_CANCELLED: Final = 0.1


class Sound:
    """The sound of a stretch, each sample at its time, in one channel."""

    def __init__(self, stream: "AudioStream", begin: float, end: float, *, matters_until: float) -> None:
        self.is_done = False
        #: Whether something before `matters_until` could not be decoded.
        self.is_damaged = False
        self._matters_until = matters_until
        self._context = stream.codec_context
        self._unit = float(stream.time_base or 1)
        self._begin, self._end = begin, end
        self._graph: Graph | None = None
        self._form: tuple[object, ...] = ()
        self._parts: list[npt.NDArray[np.int16]] = []
        #: Samples between the beginning and the first of those that there are; negative where they begin before.
        self._offset = 0
        self._count = 0

    def take(self, packet: "Packet[Any]", decoded_at: float) -> None:
        """Take the next packet."""
        if self.is_done or decoded_at < self._begin - _WARM_UP:
            return
        if decoded_at >= self._end:
            self.finish()
        else:
            self._decode(packet, decoded_at)

    def finish(self) -> None:
        """Give out what is left; there is no more."""
        if not self.is_done:
            self._decode(None, self._end)
            self._drain()
            self.is_done = True

    def samples(self) -> "npt.NDArray[np.int16]":
        """Return what was heard from the beginning on."""
        import numpy as np

        if not self._parts:
            return np.zeros(0, np.int16)
        sound = np.concatenate(self._parts)
        sound = np.pad(sound, ((self._offset, 0), (0, 0))) if self._offset > 0 else sound[-self._offset :]
        return _mixed(sound[: round((self._end - self._begin) * SOUND_RATE)])

    def _decode(self, packet: "Packet[Any] | None", at: float) -> None:
        import av

        try:
            for frame in self._context.decode(packet):
                self._hear(frame, at)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError):
            self.is_damaged |= self._begin <= at < self._matters_until
        if packet is not None and packet.is_corrupt:
            self.is_damaged |= self._begin <= at < self._matters_until

    def _hear(self, frame: "AudioFrame", packet_at: float) -> None:
        at = packet_at if frame.pts is None else frame.pts * self._unit
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        place = round((at - self._begin) * SOUND_RATE)
        gap = place - self._offset - self._count
        if not self._parts and self._graph is None:
            self._offset = place
        elif form != self._form or gap > _DRIFT * SOUND_RATE:
            self._drain()
            self._pad(place - self._offset - self._count)
        if self._graph is None:
            self._form = form
            self._graph = _converter(frame)
        frame.pts = None
        before, self._count = self._count, self._count + round(frame.samples * SOUND_RATE / frame.sample_rate)
        self._graph.push(frame)
        # It gives whole seconds; to ask it more often costs more than all the rest.
        if self._count // SOUND_RATE > before // SOUND_RATE:
            self._pull()

    def _pad(self, count: int) -> None:
        """Put silence where there is no sound."""
        import numpy as np

        count = min(count, round((self._end - self._begin) * SOUND_RATE) - self._offset - self._count)
        if count > 0:
            self._parts.append(np.zeros((count, 2), np.int16))
            self._count += count

    def _drain(self) -> None:
        if self._graph is not None:
            self._graph.push(None)
            self._pull()
            self._graph = None
            self._count = sum(map(len, self._parts))

    def _pull(self) -> None:
        import av

        with contextlib.suppress(av.BlockingIOError, EOFError):
            while self._graph is not None:
                samples: Any = self._graph.pull()
                self._parts.append(samples.to_ndarray().reshape(-1, 2))


def _converter(frame: "AudioFrame") -> "Graph":
    """Return what makes two channels of 16 kHz of frames like this one. A thread's stack counts as memory: one only."""
    from av.filter import Graph

    graph = Graph()
    graph.threads = 1
    source = graph.add(
        "abuffer",
        sample_rate=str(frame.sample_rate),
        sample_fmt=frame.format.name,
        channel_layout=frame.layout.name,
        time_base=f"1/{frame.sample_rate}",
    )
    made = graph.add("aformat", sample_rates=str(SOUND_RATE), sample_fmts="s16", channel_layouts="stereo")
    sink = graph.add("abuffersink")
    graph.link_nodes(source, made, sink)
    graph.configure()
    graph.set_audio_frame_size(SOUND_RATE)
    return graph


def _mixed(sound: "npt.NDArray[np.int16]") -> "npt.NDArray[np.int16]":
    """Return two channels as one: their mean, or the louder where they are opposites and the mean is nothing."""
    import numpy as np

    wide = sound.astype(np.int32)
    mixed: npt.NDArray[np.int32] = wide.sum(axis=1) // 2
    loudness = np.abs(wide).mean(axis=0) if len(wide) else np.zeros(2)
    if len(wide) and float(np.abs(mixed).mean()) < _CANCELLED * loudness.max():
        return sound[:, int(loudness.argmax())].copy()
    return mixed.astype(np.int16)

"""The media benchmark: one clip through every step of screening, beside plain decoding and plain transcribing."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from evenhand.core.content import ClipFile
from evenhand.detectors.audio.speech import SpeechReader
from evenhand.detectors.registry import load_detectors
from evenhand.detectors.whisper_files import WHISPER_BASE
from evenhand.engine.screen import Engine
from evenhand.policy.load import load_policy
from evenhand.service.clips import Examined, StretchFound, make_clip_screener
from evenhand.service.moderate import Moderation

#: The steps, in order.
EXAMINING: Final = "examining and hashing the file"
DECODING: Final = "decoding, shots, stills and sound"
PICTURES: Final = "detectors of images on the stills"
SPEECH: Final = "speech to words"
JUDGING: Final = "detectors of texts on the words, verdict"
PLAIN_DECODING: Final = "PyAV decoding every frame, one thread"
PLAIN_SPEECH: Final = "faster-whisper alone, one thread"


class _Clock:
    """Adds up the time that calls take, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call`, which then counts for `name`."""

        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*arguments, **options)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

        return timed


def bench_media(clip: Path | None, *, seconds: float = 60.0) -> dict[str, Any]:
    """Return how long each step of screening a clip takes, and what multiple of real time that is.

    Args:
        clip: The file; by default a 720p video of `seconds` is drawn, without speech.
        seconds: How long the drawn one is.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = clip or draw_clip(Path(folder) / "drawn.mp4", seconds=seconds)
        return _bench(ClipFile(path))


def _bench(file: ClipFile) -> dict[str, Any]:
    clock, policy = _Clock(), load_policy()
    moderation = Moderation(Engine(load_detectors()), [policy])
    screener = make_clip_screener(moderation)
    examined: Examined = clock.timed(EXAMINING, screener.examine)(file)
    # A step is timed where it is called, so that what is measured is what runs.
    screener.decode = clock.timed(DECODING, screener.decode)  # type: ignore[method-assign]
    screener.hear = clock.timed(SPEECH, screener.hear)  # type: ignore[method-assign]
    stretches: list[StretchFound] = []
    whole = clock.timed("stretches", screener.stretch)
    while not stretches or not stretches[-1].is_last:
        stretches.append(whole(file, examined, policy, after=stretches[-1] if stretches else None)[0])
    decision, notes = clock.timed(JUDGING, screener.conclude)(examined, stretches, policy)
    times = clock.seconds
    times[PICTURES] = times.pop("stretches") - times[DECODING] - times.setdefault(SPEECH, 0.0)
    # Before the baselines, which decode in this process.
    own = _megabytes(resource.RUSAGE_SELF)
    screener.close()
    moderation.close()
    length = decision.clip.seconds if decision.clip else 0.0
    baselines = [(PLAIN_DECODING, _plain_decoding(file.path))]
    if notes.transcript:
        baselines.append((PLAIN_SPEECH, _plain_speech(file.path)))
    total = sum(times.values())
    rows = [(name, times[name]) for name in (EXAMINING, DECODING, PICTURES, SPEECH, JUDGING)]
    return {
        "clip": {
            "seconds": length,
            "width": examined.facts.width,
            "height": examined.facts.height,
            "stills": sum(len(stretch.seen.looked_at) for stretch in stretches),
            "utterances": len(notes.transcript),
        },
        "steps": [
            {"name": name, "seconds": taken, "share": taken / total, "real_time": length / taken if taken else None}
            for name, taken in (*rows, ("all of it", total))
        ],
        "megabytes": {"screening": own, "decoding": _megabytes(resource.RUSAGE_CHILDREN)},
        "baselines": [
            {"name": name, "seconds": taken, "real_time": length / taken if taken else None}
            for name, taken in baselines
        ],
    }


def _megabytes(whose: int) -> int:
    """Return the most memory that this process took, or the largest of its children that ended."""
    most = resource.getrusage(whose).ru_maxrss
    return most >> (20 if sys.platform == "darwin" else 10)


def _plain_decoding(path: Path) -> float:
    """Return the seconds that it takes to decode every frame of the pictures and do nothing with them."""
    import av

    started = time.perf_counter()
    with path.open("rb") as opened, av.open(opened, "r") as container:
        for stream in container.streams.video[:1]:
            stream.codec_context.thread_count = 1
            for _ in container.decode(stream):
                continue
    return time.perf_counter() - started


def _plain_speech(path: Path) -> float:
    """Return the seconds that faster-whisper takes by itself, with the same model, search and weights."""
    from faster_whisper import WhisperModel  # type: ignore[import-untyped]

    folder = WHISPER_BASE.assemble(None, field=SpeechReader.id)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    started = time.perf_counter()
    with path.open("rb") as opened:
        segments, _ = model.transcribe(opened, beam_size=5, vad_filter=True)
        for _ in segments:
            continue
    return time.perf_counter() - started


def draw_clip(path: Path, *, seconds: float, size: tuple[int, int] = (1280, 720), rate: int = 30) -> Path:
    """Write a video of shapes that move over a graded ground, with a cut every six seconds, and return its path."""
    import av
    import numpy as np

    width, height = size
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * rate)):
            shot, moment = divmod(number, 6 * rate)
            base = (across * (shot % 3 + 1) + down * (shot % 2 + 1)) / 12 + 37 * shot
            pixels = np.stack([base, base * 0.7 + 40, 255 - base], axis=-1) % 256
            left, top = (moment * 5) % (width - 200), (moment * 3 + 40 * shot) % (height - 200)
            pixels[top : top + 200, left : left + 200] = (20 * shot % 256, 200, 255 - 20 * shot % 256)
            frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path

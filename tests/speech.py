"""Speech for tests: sentences that espeak-ng reads aloud, and recordings that Debian carries with what is said in them.

Debian has both: espeak-ng, and pocketsphinx-testdata with five clips of a reading by LibriVox. Tests that need what is
not there skip; where EVENHAND_TEST_REQUIRE names `media` they fail.
"""

import functools
import io
import os
import re
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from evenhand.content.clip import SOUND_RATE

#: Where the speech model is joined for tests; all of them share it, and `make clean` removes it.
CACHE = Path(__file__).parents[1] / ".pytest_cache" / "whisper-base"

_RECORDINGS = Path("/usr/share/pocketsphinx/test/data/librivox")
_LINE = re.compile(r"<s> (.*) </s> \((.*)\)")


@functools.cache
def listener():
    """Return the one listener that all tests of a process share: it takes seconds to load and to warm up."""
    from evenhand.detectors.audio.speech import SpeechReader

    return SpeechReader(cache_folder=CACHE)


@functools.cache
def spoken(text, *, voice="en", rate=150):
    """Return the sound of a machine that reads `text`, in 16 bits at 16 kHz."""
    program = shutil.which("espeak-ng")
    if program is None:
        _missing("espeak-ng is not installed")
    command = [program, "-v", voice, "-s", str(rate), "--stdout", text]
    return _sound(subprocess.run(command, capture_output=True, check=True).stdout)


@functools.cache
def recorded():
    """Return recordings of a reading, each as its sound and its words."""
    listed = _RECORDINGS / "transcription"
    if not listed.is_file():
        _missing("pocketsphinx-testdata is not installed")
    lines = [found.groups() for found in map(_LINE.fullmatch, listed.read_text().splitlines()) if found]
    return [(_sound((_RECORDINGS / f"{name}.wav").read_bytes()), words) for words, name in lines]


def silence(seconds):
    return np.zeros(round(seconds * SOUND_RATE), np.int16)


def joined(*sounds, pause=1.0):
    """Return `sounds` one after another, with a pause after each."""
    return np.concatenate([part for sound in sounds for part in (sound, silence(pause))])


def in_noise(sound, decibels, *, seed=0):
    """Return `sound` in noise that is weaker by so many decibels."""
    samples = sound.astype(np.float64)
    noise = np.random.default_rng(seed).standard_normal(len(sound)) * samples.std() * 10 ** (-decibels / 20)
    mixed = samples + noise
    return (mixed * min(1.0, 32_000 / np.abs(mixed).max())).astype(np.int16)


def words_of(text):
    """Return the words of `text` without case and punctuation."""
    bare = re.sub(r"[^\w' ]", " ", text.casefold())
    return [{"mr": "mister"}.get(word, word) for word in bare.split()]


def word_errors(said, heard):
    """Return how many words must be left out, put in or replaced to make the one list of the other."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(said, 1):
        before, row[0] = row[0], place
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != other))
    return row[-1]


def _missing(reason):
    if "media" in os.environ.get("EVENHAND_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but required here")
    pytest.skip(reason)


def _sound(data):
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(1 << 30), np.int16)
    if rate == SOUND_RATE:
        return samples
    count = len(samples) * SOUND_RATE // rate
    tones = np.fft.rfft(samples.astype(np.float64))[: count // 2 + 1]
    return np.clip(np.fft.irfft(tones, count) * count / len(samples), -32_768, 32_767).astype(np.int16)

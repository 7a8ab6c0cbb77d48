"""Sound at its time, in one channel; what becomes of whole files is in `test_clip_decoding.py`."""

import subprocess
import sys

import av
import numpy as np
import pytest

from clips import loud_from, ticks, tone, write
from evenhand.content.clip_sound import SOUND_RATE, Sound
from evenhand.content.clip_source import Clock, Source


def heard(path, container, begin=0.0, end=100.0):
    """Return the sound of a file, and whether some of it was damaged."""
    with Source(str(path), container) as source:
        sound, clock = Sound(source.audio, begin, end, matters_until=end), Clock(source)
        for packet in source.packets():
            sound.take(packet, clock.place(packet))
        sound.finish()
        return sound.samples(), sound.is_damaged


@pytest.mark.parametrize(("begin", "end"), [(0, 100), (0, 1.5), (1.25, 2.75), (2.9, 3), (3, 4), (50, 60)])
@pytest.mark.parametrize(("suffix", "container"), [(".wav", "wav"), (".mp3", "mp3"), (".flac", "flac")])
def test_a_part_is_as_long_as_it_is(tmp_path, suffix, container, begin, end):
    samples, is_damaged = heard(write(tmp_path / f"clip{suffix}", sound=ticks(3)), container, begin, end)
    assert len(samples) == pytest.approx(max(0, min(3, end) - begin) * SOUND_RATE, abs=20)
    times = [begin + time for time in loud_from(samples, SOUND_RATE)]
    assert times == pytest.approx([second for second in range(3) if begin <= second < end], abs=0.01)
    assert not is_damaged


def test_a_tone_keeps_its_pitch_and_its_strength(tmp_path):
    samples, _ = heard(write(tmp_path / "clip.wav", sound=tone(2, pitch=1000)), "wav")
    spectrum = np.abs(np.fft.rfft(samples / 32_768))
    assert spectrum.argmax() / 2 == pytest.approx(1000, abs=1)
    assert np.abs(samples).max() / 32_768 == pytest.approx(0.4, abs=0.15)


@pytest.mark.parametrize("strengths", [(1, 1), (1, 0), (0, 1), (1, -1), (1, -0.97)])
def test_whatever_the_channels_are_it_is_heard(tmp_path, strengths):
    sound = np.concatenate([strength * ticks(2) for strength in strengths], axis=1).astype(np.float32)
    samples, _ = heard(write(tmp_path / "clip.wav", sound=sound), "wav")
    assert loud_from(samples, SOUND_RATE) == pytest.approx([0, 1], abs=0.01)


def test_channels_that_are_not_opposites_are_mixed(tmp_path):
    sound = np.concatenate([tone(1, pitch=500), tone(1, pitch=2000)], axis=1)
    samples, _ = heard(write(tmp_path / "clip.wav", sound=sound), "wav")
    spectrum = np.abs(np.fft.rfft(samples / 32_768))
    assert spectrum[500] == pytest.approx(spectrum[2000], rel=0.1)


def test_silence_is_silence(tmp_path):
    samples, _ = heard(write(tmp_path / "clip.wav", sound=np.zeros((48_000, 2), np.float32)), "wav")
    assert len(samples) == pytest.approx(SOUND_RATE, abs=20)
    assert not samples.any()


def test_sound_that_changes_its_form_goes_on(tmp_path):
    parts = [write(tmp_path / f"{rate}.ts", sound=ticks(2, rate=rate), sound_rate=rate) for rate in (48_000, 32_000)]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    samples, _ = heard(path, "mpegts")
    assert loud_from(samples, SOUND_RATE) == pytest.approx([0, 1, 2, 3], abs=0.15)


def test_sound_that_begins_late_begins_late(tmp_path):
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w", format="matroska") as file:
        early = file.add_stream("pcm_s16le", rate=16_000, layout="mono")
        late = file.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for stream, begin in ((early, 0), (late, 2)):
            samples = (ticks(1, rate=16_000).T * 32_767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16_000, begin * 16_000
            file.mux(stream.encode(frame))
    with Source(str(path), "matroska") as source:
        source.audio = source.container.streams.audio[1]
        sound, clock = Sound(source.audio, 0, 10, matters_until=10), Clock(source)
        for packet in source.packets():
            if packet.stream is source.audio:
                sound.take(packet, clock.place(packet))
        sound.finish()
    assert loud_from(sound.samples(), SOUND_RATE) == pytest.approx([2], abs=0.01)


def test_to_import_the_module_loads_neither_av_nor_numpy():
    code = "import sys, evenhand.content.clip_sound; print([name for name in ('av', 'numpy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

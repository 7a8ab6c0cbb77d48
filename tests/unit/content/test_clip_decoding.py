"""From a sound or video file to stretches or a named error, through workers that do what workers should not."""

import importlib.util
import io
import os
import signal
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest
from PIL import Image

from clips import (
    CODECS,
    cut,
    film,
    loud_from,
    mutated,
    plain,
    quadrants,
    scene,
    short,
    ticks,
    tone,
    write,
)
from evenhand.content.clip import SOUND_RATE, Stretch
from evenhand.content.clip_decoding import ClipDecoder, is_available
from evenhand.core.content import ClipFile
from evenhand.core.decision import ClipFacts
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, TooLargeError

#: How a film is turned, and where the colours of its corners are then.
TURNS = {(0, False): "rgby", (90, False): "gyrb", (180, False): "ybgr", (270, False): "bryg", (0, True): "gryb"}

VIDEO = [suffix for suffix, (pictures, _) in CODECS.items() if pictures]
SOUND_ONLY = [suffix for suffix, (pictures, _) in CODECS.items() if not pictures]

#: Codecs beside those that `short` writes: container, of pictures, of sound; options and form of the pictures.
OTHER_CODECS = {
    (".mp4", "libx265", "aac"): ({"x265-params": "log-level=none"}, "yuv420p"),
    (".mp4", "libsvtav1", "libopus"): ({"preset": "12", "svtav1-params": "lp=1"}, "yuv420p"),
    (".webm", "libvpx-vp9", "libopus"): ({"deadline": "realtime", "cpu-used": "8"}, "yuv420p"),
    (".mkv", "mpeg2video", "ac3"): ({}, "yuv420p"),
    (".mov", "prores_ks", "alac"): ({}, "yuv422p10le"),
    (".mkv", "ffv1", "flac"): ({}, "yuv420p"),
    (".avi", "msmpeg4", "pcm_s16le"): ({}, "yuv420p"),
}

#: How a worker begins that greets as it should, reads one request, and goes wrong then.
GREETS = """
import json, os, sys, time
from evenhand.content import decode_worker as worker
requests, answers = sys.stdin.buffer, sys.stdout.buffer
worker.write_message(answers, {})
worker.read_message(requests, most_bytes=1 << 30)
def say(kind, size=0, **head):
    worker.write_message(answers, {"kind": kind, **head}, [bytes(size)])
def still(**head):
    head = {"seconds": 1.0, "width": 2, "height": 2, "is_chosen": True, **head}
    say("still", head.pop("size", 12), **head)
def end(**head):
    head = {"end": 5.0, "sound_begin": 0.0, "is_last": True, "is_partial": False, **head}
    say("end", head.pop("size", 4), **head)
"""


@pytest.fixture(scope="module")
def decoder():
    with ClipDecoder() as decoder:
        yield decoder


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return a short clip of each kind; they are made once."""
    folder = tmp_path_factory.mktemp("clips")
    made = {}

    def get(suffix):
        if suffix not in made:
            made[suffix] = short(folder / f"short{suffix}")
        return made[suffix]

    return get


def planted(code, **options):
    """Return a decoder whose workers run `code`."""
    decoder = ClipDecoder(**options)
    decoder._command = [sys.executable, "-c", code]
    return decoder


def error_of(decoder, path, media_type="", **options):
    with pytest.raises(InputError) as raised:
        decoder.probe(ClipFile(path, media_type), **options)
    with pytest.raises(InputError) as raised_again:
        decoder.stretch(ClipFile(path, media_type), 0, **options)
    assert raised.value.code == raised_again.value.code
    assert raised.value.remedy
    return raised.value


def all_of(decoder, path, seconds=30.0):
    """Return the stretches of a clip, one after another."""
    stretches = [decoder.stretch(ClipFile(path), 0, seconds)]
    while not stretches[-1].is_last:
        assert len(stretches) < 100
        stretches.append(decoder.stretch(ClipFile(path), stretches[-1].end, seconds))
    return stretches


def near(pixels, picture, *, by=25):
    """Return whether two pictures are about the same."""
    shown = Image.fromarray(pixels).resize((32, 18), Image.Resampling.BOX)
    meant = Image.fromarray(picture).resize((32, 18), Image.Resampling.BOX)
    return np.abs(np.asarray(shown, float) - np.asarray(meant, float)).mean() < by


def wait_until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_running(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


# ---- what is in a clip ----


@pytest.mark.parametrize("suffix", CODECS)
def test_every_kind_of_clip_is_probed(decoder, kept, suffix):
    facts = decoder.probe(ClipFile(kept(suffix)))
    assert isinstance(facts, ClipFacts)
    expected = {".mkv": "matroska", ".ts": "mpegts", ".mpg": "mpeg"}.get(suffix, suffix[1:])
    assert facts.container == expected
    assert facts.seconds == pytest.approx(3, abs=0.15)
    assert (facts.width, facts.height) == ((64, 48) if suffix in VIDEO else (0, 0))
    assert facts.has_sound
    assert not facts.is_partial


@pytest.mark.parametrize("suffix", VIDEO)
def test_the_pictures_of_every_kind_come_out_as_they_went_in(decoder, kept, suffix):
    stretch = decoder.stretch(ClipFile(kept(suffix)), 0)
    assert isinstance(stretch, Stretch)
    assert len(stretch.chosen) >= 3
    for still in stretch.stills:
        assert still.frame.pixels.shape == (48, 64, 3)
        assert still.frame.number == round(still.seconds * 1000)
        assert not still.frame.pixels.flags.writeable
        # A stream of some kinds begins a frame later than the clip.
        assert near(still.frame.pixels, scene(int(max(0, still.seconds - 0.15)), 64, 48))
    assert [still.seconds for still in stretch.stills] == sorted(still.seconds for still in stretch.stills)


@pytest.mark.parametrize("suffix", CODECS)
def test_the_sound_of_every_kind_is_at_its_time(decoder, kept, suffix):
    stretch = decoder.stretch(ClipFile(kept(suffix)), 0)
    assert stretch.sound.dtype == np.int16
    assert stretch.sound.ndim == 1
    assert len(stretch.sound) == pytest.approx(3 * SOUND_RATE, abs=0.04 * SOUND_RATE)
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.04)
    assert stretch.sound_begin == 0
    assert stretch.is_last
    assert not stretch.is_partial


@pytest.mark.parametrize("suffix", CODECS)
def test_a_stretch_may_begin_anywhere(decoder, kept, suffix):
    stretch = decoder.stretch(ClipFile(kept(suffix)), 1.5, 1.0)
    assert (stretch.begin, stretch.end, stretch.sound_begin) == (1.5, 2.5, 1.5)
    assert not stretch.is_last
    assert [1.5 + begin for begin in loud_from(stretch.sound, SOUND_RATE)] == pytest.approx([2], abs=0.04)
    assert all(1.5 <= still.seconds < 2.5 for still in stretch.stills)
    if suffix in VIDEO:
        assert near(stretch.stills[0].frame.pixels, scene(1, 64, 48))
        assert near(stretch.stills[-1].frame.pixels, scene(2, 64, 48))


@pytest.mark.parametrize("codecs", OTHER_CODECS, ids="-".join)
def test_every_usual_codec_is_decoded(decoder, tmp_path, codecs):
    suffix, codec, sound_codec = codecs
    frames = [scene(number // 15, 96, 64) for number in range(45)]
    options, pixel_format = OTHER_CODECS[codecs]
    # Written in a thread that ends: as root, the AV1 encoder leaves its caller's thread at real-time priority, and what
    # the thread starts afterwards, such as a browser, has it too.
    with ThreadPoolExecutor(1) as thread:
        path = thread.submit(
            write,
            tmp_path / f"clip{suffix}",
            frames,
            rate=15,
            codec=codec,
            options=options,
            pixel_format=pixel_format,
            sound=ticks(3),
            sound_codec=sound_codec,
        ).result()
    if sys.platform == "linux":
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
    stretch = decoder.stretch(ClipFile(path), 0)
    for number in range(3):
        assert any(near(still.frame.pixels, scene(number, 96, 64), by=12) for still in stretch.chosen)
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.04)
    assert not stretch.is_partial


def test_stretches_one_after_another_are_the_whole_clip(decoder, tmp_path):
    pictures = [scene(number, 64, 48) for number in range(12)]
    frames = [picture for picture in pictures for _ in range(10)]
    path = write(tmp_path / "clip.mp4", frames, sound=ticks(12))
    stretches = all_of(decoder, path, 3.5)
    assert [stretch.begin for stretch in stretches] == [0, 3.5, 7, 10.5]
    assert stretches[-1].end == pytest.approx(12, abs=0.05)
    chosen = [still.frame.pixels for stretch in stretches for still in stretch.chosen]
    assert all(any(near(pixels, picture, by=8) for pixels in chosen) for picture in pictures)
    heard = [stretch.sound[: round((stretch.end - stretch.begin) * SOUND_RATE)] for stretch in stretches]
    assert loud_from(np.concatenate(heard), SOUND_RATE) == pytest.approx(list(range(12)), abs=0.01)


def test_sound_goes_on_after_the_end_and_begins_where_it_was_understood_to(decoder, tmp_path):
    file = ClipFile(write(tmp_path / "clip.mp4", [plain(64, 48)] * 300, sound=ticks(30)))
    stretch = decoder.stretch(file, 5, 4)
    assert len(stretch.sound) == 14 * SOUND_RATE
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx(list(range(14)), abs=0.01)
    later = decoder.stretch(file, 5, 4, sound_after=6.5)
    assert later.sound_begin == 6.5
    assert len(later.sound) == 12.5 * SOUND_RATE
    assert loud_from(later.sound, SOUND_RATE) == pytest.approx([0.5 + second for second in range(12)], abs=0.01)
    assert decoder.stretch(file, 5, 4, sound_after=2).sound_begin == 5
    assert len(decoder.stretch(file, 5, 4, sound_after=100).sound) == 0


def test_what_lies_after_the_end_is_an_empty_stretch(decoder, kept):
    stretch = decoder.stretch(ClipFile(kept(".mp4")), 100)
    assert (stretch.begin, stretch.end, stretch.stills, len(stretch.sound)) == (100, 100, (), 0)
    assert stretch.is_last


@pytest.mark.parametrize(
    ("begin", "seconds"), [(-1, 5), (float("nan"), 5), (0, 0), (0, -3), (0, 61), (0, float("nan"))]
)
def test_a_stretch_has_limits(decoder, kept, begin, seconds):
    with pytest.raises(ValueError, match="at most 60 s"):
        decoder.stretch(ClipFile(kept(".mp4")), begin, seconds)


@pytest.mark.parametrize("suffix", SOUND_ONLY)
def test_sound_without_pictures_is_a_clip(decoder, kept, suffix):
    assert decoder.stretch(ClipFile(kept(suffix)), 0).stills == ()


def test_pictures_without_sound_are_a_clip(decoder, tmp_path):
    path = write(tmp_path / "clip.mp4", [scene(1)] * 20)
    facts = decoder.probe(ClipFile(path))
    assert (facts.has_sound, facts.width) == (False, 160)
    assert len(decoder.stretch(ClipFile(path), 0).sound) == 0


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".mp4"])
def test_the_cover_of_a_record_is_a_still(decoder, tmp_path, suffix):
    cover = io.BytesIO()
    Image.fromarray(quadrants(80, 60)).save(cover, "PNG")
    path = write(tmp_path / f"song{suffix}", sound=ticks(40), cover=cover.getvalue())
    facts = decoder.probe(ClipFile(path))
    assert (facts.width, facts.height, facts.has_sound) == (80, 60, True)
    assert facts.seconds == pytest.approx(40, abs=0.1)
    (still,) = decoder.stretch(ClipFile(path), 0).stills
    assert (still.seconds, still.is_chosen) == (0, True)
    assert near(still.frame.pixels, quadrants(80, 60), by=5)
    assert decoder.stretch(ClipFile(path), 30).stills == ()


def test_a_cover_beside_a_film_is_a_still_as_well(decoder, tmp_path):
    cover = io.BytesIO()
    Image.fromarray(quadrants(80, 60)).save(cover, "PNG")
    path = write(tmp_path / "clip.mp4", [plain()] * 20, cover=cover.getvalue())
    assert decoder.probe(ClipFile(path)).width == 160
    sizes = [still.frame.pixels.shape for still in decoder.stretch(ClipFile(path), 0).chosen]
    assert sizes == [(60, 80, 3), (90, 160, 3)]


# ---- shots and stills ----


@pytest.mark.parametrize("seed", range(6))
def test_every_still_of_half_a_second_is_chosen(decoder, tmp_path, seed):
    made = film(seed)
    path = write(tmp_path / "film.mp4", made.frames, rate=made.rate)
    stretch = decoder.stretch(ClipFile(path), 0, 60)
    for picture, begin, end in made.planted:
        found = [still for still in stretch.chosen if begin <= still.seconds < end]
        assert any(near(still.frame.pixels, picture, by=8) for still in found), (begin, end)


def test_a_picture_cannot_hide_in_frames_that_no_other_needs(decoder, tmp_path):
    moving = [np.roll(scene(3), 2 * number, axis=1) for number in range(90)]
    hidden = scene(50)
    frames = [*moving[:35], *[hidden] * 15, *moving[50:]]
    kept_apart = {"preset": "fast", "bf": "16", "x264-params": "b-pyramid=none:b-adapt=0:scenecut=0:keyint=250"}
    path = write(tmp_path / "clip.mp4", frames, rate=30, options=kept_apart)
    with av.open(str(path)) as file:
        kinds = [frame.pict_type for frame in file.decode(video=0)]
    assert set(kinds[35:50]) == {av.video.frame.PictureType.B}
    chosen = decoder.stretch(ClipFile(path), 0).chosen
    assert any(near(still.frame.pixels, hidden, by=8) for still in chosen)


def test_stills_are_as_many_as_they_should_be(decoder, tmp_path):
    path = write(tmp_path / "clip.mp4", [plain(64, 48)] * 300)
    stretch = decoder.stretch(ClipFile(path), 0)
    times = [still.seconds for still in stretch.stills]
    assert np.diff(times).max() <= 1.2
    assert len(times) <= 33
    chosen = [still.seconds for still in stretch.chosen]
    assert chosen[0] < 0.5
    assert np.diff([*chosen, 30]).max() <= 4.001


def test_a_storm_of_shots_has_no_more_than_two_chosen_stills_a_second(decoder, tmp_path):
    path = write(tmp_path / "clip.mp4", [scene(number, 64, 48) for number in range(200)], rate=20)
    assert 18 <= len(decoder.stretch(ClipFile(path), 0).chosen) <= 2 * 10 + 3


# ---- shapes of pictures ----


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_is_turned_the_way_it_is_shown(decoder, tmp_path, suffix, turn):
    (rotation, mirrored), corners = turn, TURNS[turn]
    path = write(tmp_path / f"clip{suffix}", [quadrants(64, 32)] * 10, rotation=rotation, mirrored=mirrored)
    facts = decoder.probe(ClipFile(path))
    pixels = decoder.stretch(ClipFile(path), 0).stills[0].frame.pixels
    assert pixels.shape == (facts.height, facts.width, 3)
    assert (facts.width, facts.height) == ((32, 64) if rotation in {90, 270} else (64, 32))
    seen = [pixels[y, x].astype(int) for y in (6, -6) for x in (6, -6)]
    colours = {"r": (255, 0, 0), "g": (0, 255, 0), "b": (0, 0, 255), "y": (255, 255, 0)}
    assert all(np.abs(one - colours[name]).max() < 60 for one, name in zip(seen, corners, strict=True))


@pytest.mark.parametrize(("shape", "width"), [(2, 160), (0.5, 40), (100, 80)])
def test_pixels_that_are_not_square_are_made_square(decoder, tmp_path, shape, width):
    path = write(tmp_path / "clip.mp4", [quadrants(80, 40)] * 10, pixel_shape=shape)
    facts = decoder.probe(ClipFile(path))
    assert (facts.width, facts.height) == (width, 40)
    assert decoder.stretch(ClipFile(path), 0).stills[0].frame.pixels.shape == (40, width, 3)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (1, 40), (2000, 2)])
@pytest.mark.parametrize(
    "form", [(".webm", "libvpx", "yuv420p"), (".mov", "png", "rgb24"), (".mkv", "mjpeg", "yuvj420p")]
)
def test_odd_sizes_are_sizes(decoder, tmp_path, size, form):
    suffix, codec, pixel_format = form
    frames = [plain(*size, (200, 40, 40))] * 10
    path = write(tmp_path / f"clip{suffix}", frames, codec=codec, pixel_format=pixel_format)
    facts = decoder.probe(ClipFile(path))
    assert (facts.width, facts.height) == size
    pixels = decoder.stretch(ClipFile(path), 0).stills[0].frame.pixels
    assert max(pixels.shape) <= 960
    assert np.abs(pixels.reshape(-1, 3).mean(axis=0) - (200, 40, 40)).max() < 25


def test_a_large_picture_is_made_smaller_and_keeps_its_shape(decoder, tmp_path):
    path = write(tmp_path / "clip.mp4", [scene(1, 1920, 1080)] * 2)
    assert decoder.probe(ClipFile(path)).width == 1920
    assert decoder.stretch(ClipFile(path), 0).stills[0].frame.pixels.shape == (540, 960, 3)


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p", "yuv444p"])
def test_colours_come_out_as_they_went_in_whatever_the_form(decoder, tmp_path, pixel_format):
    path = write(tmp_path / "clip.mp4", [quadrants(64, 48)] * 10, pixel_format=pixel_format)
    assert near(decoder.stretch(ClipFile(path), 0).stills[0].frame.pixels, quadrants(64, 48), by=12)


def test_a_film_may_change_its_size_in_the_middle(decoder, tmp_path):
    parts = [write(tmp_path / f"{width}.ts", [scene(width, width, 48)] * 20) for width in (64, 96)]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    stretch = decoder.stretch(ClipFile(path), 0)
    assert {still.frame.pixels.shape for still in stretch.stills} == {(48, 64, 3), (48, 96, 3)}


# ---- times ----


def test_a_rate_that_varies_is_respected(decoder, tmp_path):
    times = [0, 40, 80, 3000, 3040, 3500, 9000, 9033, 20_000]
    pictures = [scene(number) for number in (0, 0, 0, 1, 1, 2, 3, 3, 4)]
    path = write(tmp_path / "clip.mkv", pictures, times=times)
    stretches = all_of(decoder, path, 6)
    seen = [(still.frame.number, still.frame.pixels) for stretch in stretches for still in stretch.stills]
    assert {number for number, _ in seen} <= set(times)
    for first, picture in ((0, 0), (3000, 1), (3500, 2), (9000, 3), (20_000, 4)):
        assert any(first <= number <= first + 80 and near(pixels, scene(picture)) for number, pixels in seen)


def test_a_clip_that_does_not_begin_at_zero_begins_at_zero(decoder, tmp_path):
    frames = [scene(number // 10, 64, 48) for number in range(30)]
    path = write(tmp_path / "clip.mkv", frames, times=[50_000 + 100 * number for number in range(30)])
    assert decoder.probe(ClipFile(path)).seconds == pytest.approx(3, abs=0.15)
    assert not decoder.probe(ClipFile(path)).is_partial
    assert decoder.stretch(ClipFile(path), 0).stills[0].seconds < 0.5


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".flv"])
def test_what_needs_pictures_from_long_before_gets_them(decoder, tmp_path, suffix):
    frames = [scene(number // 10, 64, 48) for number in range(300)]
    options = {"g": "1000", "sc_threshold": "0", "keyint_min": "1000"}
    path = write(tmp_path / f"clip{suffix}", frames, options=options, sound=ticks(30))
    stretch = decoder.stretch(ClipFile(path), 25, 3)
    assert len(stretch.chosen) >= 3
    for still in stretch.chosen:
        assert near(still.frame.pixels, scene(int(max(0, still.seconds - 0.15)), 64, 48))
    heard = loud_from(stretch.sound, SOUND_RATE)
    assert heard == pytest.approx([round(begin) for begin in heard], abs=0.05)
    assert len(heard) >= 5


@pytest.mark.parametrize("suffix", [".ts", ".ogg", ".mpg"])
def test_two_clips_put_together_are_one(decoder, tmp_path, suffix):
    firsts = [scene(number // 10, 64, 48) for number in range(30)] if suffix in VIDEO else ()
    seconds = [scene(10 + number // 10, 64, 48) for number in range(30)] if suffix in VIDEO else ()
    parts = [write(tmp_path / f"{n}{suffix}", frames, sound=ticks(3)) for n, frames in enumerate((firsts, seconds))]
    path = tmp_path / f"both{suffix}"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert decoder.probe(ClipFile(path)).seconds == pytest.approx(6, abs=0.3)
    stretch = decoder.stretch(ClipFile(path), 0)
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 1, 2, 3, 4, 5], abs=0.15)
    later = decoder.stretch(ClipFile(path), 4.5, 1)
    assert [4.5 + begin for begin in loud_from(later.sound, SOUND_RATE)] == pytest.approx([5], abs=0.15)
    if suffix in VIDEO:
        assert any(near(still.frame.pixels, scene(11, 64, 48)) for still in stretch.chosen)
        assert near(later.stills[0].frame.pixels, scene(11, 64, 48))


@pytest.mark.parametrize("factor", [0.01, 50])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_header_that_lies_about_the_length_is_not_believed(decoder, tmp_path, suffix, factor):
    path = short(tmp_path / f"clip{suffix}")
    data = bytearray(path.read_bytes())
    if suffix == ".mkv":
        at = data.index(b"\x44\x89\x88") + 3
        data[at : at + 8] = struct.pack(">d", struct.unpack(">d", data[at : at + 8])[0] * factor)
    else:
        for kind, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
            at = -1
            while (at := data.find(kind, at + 1)) >= 0:
                place = at + offset
                length = int.from_bytes(data[place : place + 4])
                data[place : place + 4] = int(length * factor).to_bytes(4)
    path.write_bytes(data)
    facts = decoder.probe(ClipFile(path))
    assert facts.seconds == pytest.approx(3, abs=0.15)
    # The reader of MP4 corrects the length by the list of packets, so there the lie is not even seen.
    assert facts.is_partial == (factor > 1 and suffix == ".mkv")
    stretch = decoder.stretch(ClipFile(path), 0)
    assert stretch.is_last
    assert len(stretch.chosen) >= 3


# ---- damage ----


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi", ".flv", ".wav"])
def test_a_file_that_was_cut_off_gives_what_there_is(decoder, tmp_path, suffix):
    frames = [scene(number // 10, 64, 48) for number in range(100)] if suffix in VIDEO else ()
    in_front = {"movflags": "faststart"} if suffix == ".mp4" else None
    path = cut(write(tmp_path / f"clip{suffix}", frames, sound=ticks(10), file_options=in_front), 0.6)
    facts = decoder.probe(ClipFile(path))
    assert facts.is_partial
    assert 3 < facts.seconds < 8
    stretches = all_of(decoder, path, 2)
    assert stretches[-1].is_partial
    assert not stretches[0].is_partial
    assert stretches[-1].end == pytest.approx(facts.seconds)
    assert len(loud_from(stretches[0].sound, SOUND_RATE)) >= 3
    if suffix in VIDEO:
        assert len([still for stretch in stretches for still in stretch.chosen]) >= 3


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv", ".avi", ".ogg", ".mp3"])
def test_a_file_of_which_only_the_beginning_is_left_is_corrupt(decoder, tmp_path, suffix):
    path = short(tmp_path / f"clip{suffix}")
    path.write_bytes(path.read_bytes()[:64])
    assert error_of(decoder, path).code == "clip.corrupt"


def test_a_corrupt_packet_is_left_out_and_said_to_be(decoder, tmp_path):
    path = write(tmp_path / "clip.mp4", [scene(number // 10, 64, 48) for number in range(60)], sound=ticks(6))
    with av.open(str(path)) as file:
        places = [(packet.pos, packet.size) for packet in file.demux(audio=0) if packet.size and packet.pts]
    data = bytearray(path.read_bytes())
    for at, size in places[100:104]:
        data[at : at + size] = b"\xff" * size
    path.write_bytes(data)
    stretch = decoder.stretch(ClipFile(path), 0)
    assert stretch.is_partial
    assert len(stretch.sound) == pytest.approx(6 * SOUND_RATE, abs=0.1 * SOUND_RATE)
    heard = loud_from(stretch.sound, SOUND_RATE)
    assert [begin for begin in heard if not 1.9 < begin < 2.5] == pytest.approx([0, 1, 3, 4, 5], abs=0.06)
    assert not decoder.stretch(ClipFile(path), 4, 2).is_partial


def outcome_of(decoder, path):
    """Return the code of the error that a clip is, or that it is a stretch."""
    try:
        facts = decoder.probe(ClipFile(path))
        stretch = decoder.stretch(ClipFile(path), 0, 5)
    except EvenhandError as error:
        return error.code
    return "stretch" if facts.seconds >= 0 and isinstance(stretch, Stretch) else "nonsense"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi", ".ts", ".ogg"])
def test_whatever_is_changed_in_a_file_there_is_a_stretch_or_a_named_error(kept, tmp_path, suffix):
    data = kept(suffix).read_bytes()
    path = tmp_path / f"mutated{suffix}"
    outcomes = set()
    with ClipDecoder(seconds=60) as decoder:
        for seed in range(10):
            path.write_bytes(mutated(data, seed))
            outcomes.add(outcome_of(decoder, path))
        assert outcome_of(decoder, kept(suffix)) == "stretch"
        assert decoder.replaced == 0
    named = {"clip.corrupt", "clip.format", "clip.no_streams", "clip.too_long", "clip.too_many_pixels"}
    assert outcomes <= {"stretch", *named}
    assert "stretch" in outcomes


# ---- files that are no clips, or too much of one ----


def test_no_bytes_are_no_clip(decoder, tmp_path):
    path = tmp_path / "clip.mp4"
    path.touch()
    error = error_of(decoder, path, field="input[1].clip")
    assert (error.code, error.field) == ("clip.empty", "input[1].clip")


@pytest.mark.parametrize("name", ["missing", "folder", "pipe"])
def test_what_is_no_file_cannot_be_read(decoder, tmp_path, name):
    (tmp_path / "folder").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    assert error_of(decoder, tmp_path / name).code == "clip.unreadable"


def test_a_file_may_have_so_many_bytes_and_no_more(kept):
    path = kept(".mp4")
    size = path.stat().st_size
    with ClipDecoder(max_bytes=size) as decoder:
        assert decoder.probe(ClipFile(path))
    with ClipDecoder(max_bytes=size - 1) as decoder:
        error = error_of(decoder, path)
        assert error.code == "clip.too_large"
        assert isinstance(error, TooLargeError)


@pytest.mark.parametrize("seed", range(3))
def test_garbage_is_no_clip(decoder, tmp_path, seed):
    path = tmp_path / "clip.mp4"
    path.write_bytes(np.random.default_rng(seed).bytes(10_000))
    # A sync word of MP3 is short, and chance may write it.
    assert error_of(decoder, path).code in {"clip.format", "clip.corrupt"}


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".flv", ".ogg", ".wav", ".flac", ".ts"])
def test_garbage_behind_an_honest_beginning_is_corrupt(decoder, kept, tmp_path, suffix):
    path = tmp_path / f"clip{suffix}"
    path.write_bytes(kept(suffix).read_bytes()[:24] + np.random.default_rng(7).bytes(20_000))
    assert error_of(decoder, path).code in {"clip.corrupt", "clip.format", "clip.no_streams"}


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".avif"])
def test_a_picture_is_no_clip(decoder, tmp_path, suffix):
    path = tmp_path / f"picture{suffix}"
    Image.fromarray(quadrants()).save(path)
    assert error_of(decoder, path).code == "clip.format"


def playlists(other):
    return {
        "ffconcat": f"ffconcat version 1.0\nfile '{other}'\n",
        "ffconcat that is not safe": f"ffconcat version 1.0\nfile 'file:{other}'\nduration 3\n",
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{other}\n#EXT-X-ENDLIST\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        "mpd": f'<?xml version="1.0"?><MPD><Period><BaseURL>{other}</BaseURL></Period></MPD>',
    }


@pytest.mark.parametrize("name", playlists(""))
@pytest.mark.parametrize("before", [b"", b"ID3\x04\0\0\0\0\0\0", b"\xff\xfb\x90\0"])
def test_a_playlist_in_disguise_opens_nothing(decoder, kept, tmp_path, name, before):
    other = tmp_path / "other.ts"
    other.write_bytes(kept(".ts").read_bytes())
    path = tmp_path / "clip.mp4"
    path.write_bytes(before + playlists("other.ts")[name].encode())
    os.utime(other, (1_000_000, 2_000_000))
    with pytest.raises(InputError) as raised:
        decoder.stretch(ClipFile(path), 0)
    assert raised.value.code in ({"clip.format"} if not before else {"clip.format", "clip.corrupt"})
    assert other.stat().st_atime == 1_000_000


def test_the_trap_of_playlists_is_a_real_one(kept, tmp_path):
    (tmp_path / "other.ts").write_bytes(kept(".ts").read_bytes())
    path = tmp_path / "clip.mp4"
    path.write_text(playlists("other.ts")["ffconcat"], encoding="utf-8")
    with av.open(str(path)) as file:
        assert next(file.decode(video=0)).width == 64


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".mp4", "video/webm"),
        (".webm", "video/mp4"),
        (".mp4", "image/png"),
        (".wav", "audio/mpeg"),
        (".mp3", "VIDEO/MP4"),
        (".ogg", "text/plain"),
    ],
)
def test_a_lie_in_the_media_type_is_found(decoder, kept, suffix, media_type):
    error = error_of(decoder, kept(suffix), media_type)
    assert error.code == "clip.type_mismatch"
    assert suffix[1:] in str(error)


@pytest.mark.parametrize(
    "media_type", ["", "video/mp4", " Video/MP4; codecs=avc1", "application/octet-stream", "video/*"]
)
def test_an_honest_media_type_or_none_is_accepted(decoder, kept, media_type):
    assert decoder.probe(ClipFile(kept(".mp4"), media_type))


def test_a_clip_of_a_day_is_too_long_and_that_is_seen_soon(decoder, tmp_path):
    path = tmp_path / "silence.wav"
    size = 24 * 3600 * 8000
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", size
    )
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    begun = time.monotonic()
    error = error_of(decoder, path)
    assert error.code == "clip.too_long"
    assert isinstance(error, TooLargeError)
    assert "14400 s" in error.message
    assert time.monotonic() - begun < 60


def test_a_clip_may_be_so_long_and_no_longer(kept):
    with ClipDecoder(max_seconds=3.5) as decoder:
        assert decoder.probe(ClipFile(kept(".mp4")))
    with ClipDecoder(max_seconds=2.5) as decoder:
        assert error_of(decoder, kept(".mp4")).code == "clip.too_long"


def test_pictures_may_be_so_large_and_no_larger(decoder, tmp_path):
    frames = [np.zeros((4096, 4096, 3), np.uint8)]
    path = write(tmp_path / "clip.mkv", frames, codec="mjpeg", pixel_format="yuvj420p")
    assert decoder.probe(ClipFile(path)).width == 4096
    frames = [np.zeros((4096, 4112, 3), np.uint8)]
    path = write(tmp_path / "clip.mkv", frames, codec="mjpeg", pixel_format="yuvj420p")
    error = error_of(decoder, path)
    assert error.code == "clip.too_many_pixels"
    assert isinstance(error, TooLargeError)


def test_a_strip_is_too_large(decoder, tmp_path):
    frames = [np.zeros((2, 20_000, 3), np.uint8)]
    path = write(tmp_path / "clip.mkv", frames, codec="mjpeg", pixel_format="yuvj420p")
    assert error_of(decoder, path).code == "clip.too_many_pixels"


def test_a_header_that_claims_a_huge_picture_is_refused(decoder, kept, tmp_path):
    data = bytearray(kept(".avi").read_bytes())
    at = data.index(b"strf") + 12
    assert struct.unpack("<ii", data[at : at + 8]) == (64, 48)
    data[at : at + 8] = struct.pack("<ii", 30_000, 30_000)
    path = tmp_path / "clip.avi"
    path.write_bytes(data)
    assert outcome_of(decoder, path) in {"stretch", "clip.too_many_pixels", "clip.corrupt"}


@pytest.mark.parametrize("count", [17, 300])
def test_a_clip_may_not_have_many_streams(decoder, tmp_path, count):
    path = write(tmp_path / "clip.mkv", sound=tone(1), sound_codec="pcm_s16le", more_streams=count - 1)
    error = error_of(decoder, path)
    assert error.code == "clip.too_many_streams"
    assert isinstance(error, TooLargeError)


def test_a_clip_may_have_some_streams(decoder, tmp_path):
    path = write(tmp_path / "clip.mkv", [plain()] * 10, sound=ticks(1), sound_codec="pcm_s16le", more_streams=14)
    assert decoder.probe(ClipFile(path)).has_sound


def test_a_clip_without_anything_that_can_be_decoded_is_refused(decoder, tmp_path):
    path = write(tmp_path / "clip.mov", [plain()] * 10, codec="qtrle", pixel_format="rgb24")
    assert error_of(decoder, path).code == "clip.no_streams"


def test_a_clip_with_a_part_that_nothing_here_decodes_is_partial(decoder, tmp_path):
    path = write(tmp_path / "clip.mov", [plain()] * 10, codec="qtrle", pixel_format="rgb24", sound=ticks(1))
    facts = decoder.probe(ClipFile(path))
    assert (facts.width, facts.has_sound, facts.is_partial) == (0, True, True)


# ---- sound ----


def test_channels_that_are_opposites_are_heard(decoder, tmp_path):
    sound = ticks(3)
    path = write(tmp_path / "clip.wav", sound=np.concatenate([sound, -sound], axis=1))
    assert loud_from(decoder.stretch(ClipFile(path), 0).sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.01)


@pytest.mark.parametrize("channel", [0, 1])
def test_what_is_in_one_channel_is_heard(decoder, tmp_path, channel):
    sound = np.zeros((3 * 48_000, 2), np.float32)
    sound[:, channel] = ticks(3)[:, 0]
    path = write(tmp_path / "clip.wav", sound=sound)
    assert loud_from(decoder.stretch(ClipFile(path), 0).sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.01)


@pytest.mark.parametrize("channel", range(6))
def test_what_is_in_one_channel_of_six_is_heard(decoder, tmp_path, channel):
    if channel == 3:
        pytest.skip("the channel for low notes is not for speech")
    sound = np.zeros((3 * 48_000, 6), np.float32)
    sound[:, channel] = 2 * ticks(3)[:, 0]
    path = write(tmp_path / "clip.wav", sound=sound)
    heard = decoder.stretch(ClipFile(path), 0).sound
    assert loud_from(heard, SOUND_RATE, 0.03) == pytest.approx([0, 1, 2], abs=0.01)


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 96_000])
def test_every_rate_becomes_the_same(decoder, tmp_path, rate):
    path = write(tmp_path / "clip.wav", sound=ticks(3, rate=rate), sound_rate=rate)
    stretch = decoder.stretch(ClipFile(path), 0)
    assert len(stretch.sound) == pytest.approx(3 * SOUND_RATE, abs=50)
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.01)


def test_a_layout_that_nobody_named_is_heard(decoder, tmp_path):
    path = tmp_path / "clip.wav"
    samples = np.repeat((ticks(3, rate=16_000) * 32_767).astype("<i2"), 3, axis=1).tobytes()
    size = len(samples)
    head = (b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 3, 16_000, 96_000, 6, 16, b"data", size)
    path.write_bytes(struct.pack("<4sI4s4sIHHIIHH4sI", *head) + samples)
    stretch = decoder.stretch(ClipFile(path), 0)
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 1, 2], abs=0.01)
    assert not stretch.is_partial


def test_a_gap_in_the_sound_is_silence_of_its_length(decoder, tmp_path):
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w", format="matroska") as file:
        stream = file.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for begin in (0, 5):
            frame = av.AudioFrame.from_ndarray(
                (ticks(1, rate=16_000).T * 32_767).astype(np.int16), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = 16_000, begin * 16_000
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    stretch = decoder.stretch(ClipFile(path), 0)
    assert len(stretch.sound) == 6 * SOUND_RATE
    assert loud_from(stretch.sound, SOUND_RATE) == pytest.approx([0, 5], abs=0.01)


# ---- workers that do what workers should not ----


def heal(decoder):
    decoder._command = ClipDecoder()._command
    decoder._seconds = 60.0


def test_a_worker_that_hangs_is_killed(kept):
    with planted(GREETS + "time.sleep(600)", seconds=0.05) as decoder:
        error = error_of(decoder, kept(".mp4"))
        assert error.code == "clip.timeout"
        assert "0.05 s" in error.message
        assert decoder.replaced == 2
        assert decoder.process_ids == frozenset()
        heal(decoder)
        assert decoder.probe(ClipFile(kept(".mp4")))


def test_a_worker_that_hangs_between_stills_is_killed(kept):
    with planted(GREETS + "still(); time.sleep(600)", seconds=0.5) as decoder:
        with pytest.raises(InputError) as raised:
            decoder.stretch(ClipFile(kept(".mp4")), 0)
        assert raised.value.code == "clip.timeout"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("before", ["", "still(); "])
def test_a_worker_that_is_killed_at_work_is_an_error_and_replaced(kept, before):
    with planted(GREETS + before + "time.sleep(600)", seconds=600) as decoder, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: decoder.stretch(ClipFile(kept(".mp4")), 0))
        wait_until(lambda: [worker.tasks for worker in decoder._workers] == [1])
        (process_id,) = decoder.process_ids
        os.kill(process_id, signal.SIGKILL)
        assert waiting.exception().code == "clip.memory"
        assert decoder.replaced == 1
        heal(decoder)
        assert decoder.stretch(ClipFile(kept(".mp4")), 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory a process has")
def test_a_clip_that_takes_too_much_memory_is_refused_and_its_worker_replaced(tmp_path, kept):
    frames = [np.zeros((4096, 4096, 3), np.uint8)]
    path = write(tmp_path / "clip.mkv", frames, codec="mjpeg", pixel_format="yuvj420p")
    with ClipDecoder() as decoder:
        decoder._command.append(str(16 << 20))
        assert error_of(decoder, path).code == "clip.memory"
        assert decoder.replaced == 2
        decoder._command.pop()
        assert decoder.probe(ClipFile(path)).width == 4096


@pytest.mark.parametrize(
    "answer",
    [
        "os._exit(1)",
        "os.abort()",
        "answers.write(b'?' * 100); answers.flush(); time.sleep(600)",
        "answers.write(worker._HEADER.pack(worker._MARK, 2, 0xffffffff)); answers.flush(); time.sleep(600)",
        "answers.write(worker._HEADER.pack(worker._MARK, 9, 0) + b'not JSON!'); answers.flush(); time.sleep(600)",
        "worker.write_message(answers, {}); time.sleep(600)",
        "worker.write_message(answers, []); time.sleep(600)",
        "say('error', code='clip.unheard_of'); time.sleep(600)",
        "say('facts', seconds=3, width=1, height=1, has_sound=True, is_partial=False); time.sleep(600)",
        "still(seconds=-1); end(); time.sleep(600)",
        "still(seconds=31); end(); time.sleep(600)",
        "still(width=3); end(); time.sleep(600)",
        "still(width=-2, height=-2); end(); time.sleep(600)",
        "still(width=961, height=1, size=2883); end(); time.sleep(600)",
        "still(width=0, height=0, size=0); end(); time.sleep(600)",
        "still(more=1); end(); time.sleep(600)",
        "still(seconds=float('nan')); end(); time.sleep(600)",
        "end(end=-1); time.sleep(600)",
        "end(end=31); time.sleep(600)",
        "end(sound_begin=50); time.sleep(600)",
        "end(size=3); time.sleep(600)",
        "end(size=2_000_000); time.sleep(600)",
        "[still() for _ in range(200)]; end(); time.sleep(600)",
    ],
)
def test_a_worker_that_dies_or_talks_nonsense_is_replaced(kept, answer):
    with planted(GREETS + answer, seconds=600) as decoder:
        with pytest.raises(InputError) as raised:
            decoder.stretch(ClipFile(kept(".mp4")), 0)
        assert raised.value.code == "clip.memory"
        assert decoder.replaced == 1
        assert decoder.process_ids == frozenset()


@pytest.mark.parametrize(
    "answer",
    [
        "end(); time.sleep(600)",
        "still(); time.sleep(600)",
        "say('facts', seconds=-1, width=1, height=1, has_sound=True, is_partial=False); time.sleep(600)",
        "say('facts', seconds=1, width=1, height=0, has_sound=True, is_partial=False); time.sleep(600)",
        "say('facts', seconds=1, width=-1, height=-1, has_sound=True, is_partial=False); time.sleep(600)",
        "say('facts', seconds='long', width=1, height=1, has_sound=True, is_partial=False); time.sleep(600)",
    ],
)
def test_facts_that_cannot_be_are_not_believed(kept, answer):
    with planted(GREETS + answer, seconds=600) as decoder:
        with pytest.raises(InputError) as raised:
            decoder.probe(ClipFile(kept(".mp4")))
        assert raised.value.code == "clip.memory"
        assert decoder.replaced == 1


def test_what_a_sound_worker_says_is_believed(kept):
    with planted(GREETS + "still(); still(seconds=0.5, is_chosen=False); end(); time.sleep(600)") as decoder:
        stretch = decoder.stretch(ClipFile(kept(".mp4")), 0)
        assert [(still.seconds, still.is_chosen) for still in stretch.stills] == [(0.5, False), (1.0, True)]
        assert stretch.sound.tolist() == [0, 0]


@pytest.mark.parametrize("command", [[sys.executable, "-c", "pass"], ["/no/such/program"]])
def test_a_worker_that_does_not_start_is_nobodys_input(kept, command):
    decoder = ClipDecoder()
    decoder._command = command
    with decoder, pytest.raises(EvenhandError) as raised:
        decoder.probe(ClipFile(kept(".mp4")))
    assert raised.value.code == "clip.decoder"
    assert not isinstance(raised.value, InputError)


def test_several_threads_share_the_workers(kept):
    suffixes = [".mp4", ".webm", ".wav", ".mp3", ".ts"] * 4
    with ClipDecoder(workers=2) as decoder, ThreadPoolExecutor(6) as threads:
        facts = list(threads.map(lambda suffix: decoder.probe(ClipFile(kept(suffix))), suffixes))
        assert len(decoder.process_ids) <= 2
    assert [fact.container for fact in facts] == ["mp4", "webm", "wav", "mp3", "mpegts"] * 4


def test_a_path_may_be_no_text(decoder, kept, tmp_path):
    path = tmp_path / os.fsdecode(b"cl\xffip \n\xc3\xa4.mp4")
    try:
        path.write_bytes(kept(".mp4").read_bytes())
    except (OSError, UnicodeError):
        pytest.skip("this file system takes no such name")
    assert decoder.probe(ClipFile(path)).width == 64


def test_a_file_that_changes_is_looked_at_anew(decoder, kept, tmp_path):
    path = tmp_path / "clip.bin"
    path.write_bytes(kept(".mp4").read_bytes())
    assert decoder.probe(ClipFile(path)).has_sound
    write(tmp_path / "silent.mp4", [plain()] * 10)
    path.write_bytes((tmp_path / "silent.mp4").read_bytes())
    assert not decoder.probe(ClipFile(path)).has_sound


def test_a_script_needs_no_main_guard_and_no_close(tmp_path, kept):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from evenhand.content.clip_decoding import ClipDecoder\n"
        "from evenhand.core.content import ClipFile\n"
        "decoder = ClipDecoder()\n"
        "print(len(decoder.stretch(ClipFile(Path(sys.argv[1])), 0).sound), *decoder.process_ids)",
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, "-I", script, kept(".wav")], capture_output=True, text=True, check=True)
    samples, process_id = ended.stdout.split()
    assert samples == "48000"
    assert not is_running(int(process_id))
    assert ended.stderr == ""


@pytest.mark.parametrize("missing", ["av", "PIL"])
def test_without_what_it_needs_there_is_no_decoder(monkeypatch, missing):
    assert is_available()
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else real(name))
    assert not is_available()
    with pytest.raises(ConfigurationError) as raised:
        ClipDecoder()
    assert raised.value.code == "clip.not_installed"
    assert raised.value.remedy == "pip install 'evenhand[media]'"


def test_to_import_the_module_loads_neither_av_nor_numpy():
    code = (
        "import sys, evenhand.content.clip_decoding\n"
        "print([name for name in ('av', 'PIL', 'numpy') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

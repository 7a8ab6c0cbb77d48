"""Which streams of a clip are looked at, its times on one line, and what is known of it when all of it was read."""

import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from clips import CODECS, plain, quadrants, scene, short, ticks, tone, write
from evenhand.content.clip_source import (
    CONTAINERS,
    MAX_PIXELS,
    MAX_SIDE,
    Clock,
    Source,
    check_size,
    survey,
    turn_of,
)
from evenhand.content.decode_worker import RefusedError


class Stream:
    """What a clock has to know of a clip."""

    def __init__(self, name="mp4", start=0.0):
        self.name, self.start = name, start


class Packet:
    """What a clock has to know of a packet. Its times are in milliseconds."""

    time_base = Fraction(1, 1000)
    duration = 40

    def __init__(self, dts, pts=None, stream=0):
        self.dts, self.pts, self.stream_index = dts, pts, stream


def placed(times, **options):
    clock = Clock(Stream(**options))
    return [round(clock.place(Packet(*time) if isinstance(time, tuple) else Packet(time)), 3) for time in times]


def surveyed(path, container, most_seconds=1000):
    with Source(str(path), container) as source:
        return survey(source, most_seconds=most_seconds)


def test_times_are_counted_from_the_start():
    assert placed([5000, 5040, 5080], start=5.0) == [0, 0.04, 0.08]


def test_a_packet_gets_the_times_that_it_has_on_the_line():
    clock = Clock(Stream(start=5.0))
    packet = Packet(5040, 5120)
    assert clock.place(packet) == pytest.approx(0.04)
    assert (packet.dts, packet.pts) == (40, 120)
    assert clock.shown(packet, 0.04) == pytest.approx(0.12)
    assert clock.ending(packet, 0.04) == pytest.approx(0.16)
    bare = Packet(5080)
    assert clock.shown(bare, clock.place(bare)) == pytest.approx(0.08)


def test_a_packet_without_a_time_is_of_the_time_of_the_one_before():
    assert placed([None, 1000, None, 1080]) == [0, 1, 1, 1.08]


def test_a_packet_may_have_only_the_time_when_it_is_shown():
    assert placed([(None, 1000), (None, 1040)]) == [1, 1.04]


def test_times_that_start_anew_go_on():
    assert placed([0, 40, 80, 0, 40]) == [0, 0.04, 0.08, 0, 0.04]
    assert placed([0, 4000, 8000, 0, 40]) == [0, 4, 8, 8.04, 8.08]


def test_times_that_jump_forwards_go_on_where_containers_do_that():
    times = [0, 40, 900_000, 900_040]
    assert placed(times, name="mpegts") == [0, 0.04, 0.08, 0.12]
    assert placed(times, name="mp4") == [0, 0.04, 900, 900.04]


def test_a_pause_of_one_stream_is_a_pause():
    times = [(0, 0, 0), *((40 * number, None, 1) for number in range(500)), (20_000, 20_000, 0)]
    assert placed(times, name="mpegts")[-1] == 20


@pytest.mark.parametrize(("width", "height"), [(4096, 4097), (MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)])
def test_pictures_have_a_largest_size(width, height):
    check_size(4096, MAX_PIXELS // 4096)
    check_size(MAX_SIDE, 1)
    with pytest.raises(RefusedError, match=r"clip\.too_many_pixels"):
        check_size(width, height)


def test_the_usual_stream_is_taken_and_else_the_first(tmp_path):
    path = write(tmp_path / "clip.mkv", [plain()] * 5, sound=ticks(1), more_streams=2)
    with Source(str(path), "matroska") as source:
        assert [stream.type for stream in source.chosen] == ["video", "audio"]
        assert source.audio is source.container.streams.audio[0]
        assert source.chosen[0].codec_context.thread_count == 1


def test_of_the_other_streams_nothing_is_read(tmp_path):
    path = write(tmp_path / "clip.mkv", [plain()] * 5, sound=ticks(1), more_streams=2)
    with Source(str(path), "matroska") as source:
        assert {packet.stream_index for packet in source.packets()} == {0, 1}
    with Source(str(path), "matroska") as source:
        assert {packet.stream_index for packet in source.packets(of_all=True)} == {0, 1, 2, 3}


def test_ffmpeg_is_told_no_name(tmp_path):
    path = short(tmp_path / "clip.mp4")
    with Source(str(path), "mp4") as source:
        assert source.container.name == "<none>"


@pytest.mark.parametrize("suffix", CODECS)
def test_a_file_is_read_as_what_it_was_said_to_be_and_nothing_else(tmp_path, suffix):
    path = short(tmp_path / f"clip{suffix}")
    name = {".mkv": "matroska", ".ts": "mpegts", ".mpg": "mpeg"}.get(suffix, suffix[1:])
    assert surveyed(path, name).seconds == pytest.approx(3, abs=0.15)
    other = "matroska" if CONTAINERS[name] == "mov" else "mp4"
    with pytest.raises((av.FFmpegError, RefusedError)):
        surveyed(path, other)


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile '{}'\n", "#EXTM3U\n#EXTINF:3,\n{}\n#EXT-X-ENDLIST\n"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_a_playlist_opens_nothing_whatever_it_is_read_as(tmp_path, text, name):
    other = short(tmp_path / "other.ts")
    path = tmp_path / "clip"
    path.write_text(text.format(other), encoding="utf-8")
    with pytest.raises((av.FFmpegError, RefusedError)):
        surveyed(path, name)


def test_a_survey_knows_how_the_file_lies(tmp_path):
    frames = [scene(number // 10, 64, 48) for number in range(100)]
    path = write(tmp_path / "clip.mp4", frames, sound=ticks(10), options={"g": "30", "sc_threshold": "0"})
    known = surveyed(path, "mp4")
    assert (known.width, known.height, known.has_sound, known.is_partial) == (64, 48, True, False)
    assert known.between_keys == pytest.approx(3, abs=0.15)
    assert known.apart < 0.5
    assert not known.has_jumped


def test_a_survey_sees_that_sound_lies_late(tmp_path):
    path = tmp_path / "clip.avi"
    with av.open(str(path), "w") as file:
        pictures = file.add_stream("mjpeg", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuvj420p"
        sound = file.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(scene(number // 10, 64, 48), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            for packet in pictures.encode(frame):
                file.mux_one(packet)
        samples = (ticks(5, rate=16_000).T * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16_000
        for packet in sound.encode(frame):
            file.mux_one(packet)
    assert surveyed(path, "avi").apart > 3


def test_a_survey_stops_where_a_clip_is_too_long(tmp_path):
    path = write(tmp_path / "clip.wav", sound=tone(20))
    with pytest.raises(RefusedError, match=r"clip\.too_long"):
        surveyed(path, "wav", most_seconds=10)


@pytest.mark.parametrize(("rotation", "turn"), [(0, (False, False, False)), (180, (False, True, True))])
def test_a_turn_is_read_from_the_picture(tmp_path, rotation, turn):
    path = write(tmp_path / "clip.mp4", [quadrants(64, 32)] * 3, rotation=rotation)
    with av.open(str(path)) as file:
        assert turn_of(next(file.decode(video=0))) == turn


def test_a_picture_that_does_not_say_how_it_is_turned_is_not_turned():
    assert turn_of(av.VideoFrame.from_ndarray(quadrants(64, 32), "rgb24")) == (False, False, False)


def test_to_import_the_module_loads_neither_av_nor_numpy():
    code = "import sys, evenhand.content.clip_source; print([name for name in ('av', 'numpy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

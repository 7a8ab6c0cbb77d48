"""What a worker makes of clips, asked through its own pipes as the server asks it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clips import plain, scene, short, ticks, write
from evenhand.content import clip_worker
from evenhand.content.clip_sound import OVERHANG, SOUND_RATE
from evenhand.content.clip_worker import MAX_STILL_SIDE, Desk
from evenhand.content.decode_worker import read_message, write_message


class Worker:
    """A worker and the pipes to it."""

    def __init__(self, *arguments, program=("-m", "evenhand.content.clip_worker")):
        command = [sys.executable, *program, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.greeting = self.read()

    def read(self):
        message = read_message(self.process.stdout, most_bytes=1 << 30)
        return message and (json.loads(message[0]), message[1])

    def ask(self, path, container, **stretch):
        """Return the messages of the answer."""
        head = {"ask": "stretch" if stretch else "probe", "path": str(path), "container": container}
        head |= {"most_seconds": 1000, "seconds": 60, "begin": 0, "length": 30, "sound_after": 0, **stretch}
        write_message(self.process.stdin, head)
        answer = [self.read()]
        while answer[-1] and answer[-1][0]["kind"] == "still":
            answer.append(self.read())
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def worker():
    with Worker() as worker:
        yield worker


def test_a_worker_says_when_it_is_ready(worker):
    assert worker.greeting == ({}, b"")


def test_a_probe_is_one_message(worker, tmp_path):
    (head, body), *more = worker.ask(short(tmp_path / "clip.mp4"), "mp4")
    assert (body, more) == (b"", [])
    assert head == {
        "kind": "facts",
        "seconds": pytest.approx(3),
        "width": 64,
        "height": 48,
        "has_sound": True,
        "is_partial": False,
    }


def test_a_stretch_is_one_message_for_each_still_and_one_with_the_sound(worker, tmp_path):
    *stills, (end, sound) = worker.ask(short(tmp_path / "clip.mp4"), "mp4", begin=0.0)
    assert {head["kind"] for head, _ in stills} == {"still"}
    assert [len(body) for _, body in stills] == [64 * 48 * 3] * len(stills)
    assert {(head["width"], head["height"]) for head, _ in stills} == {(64, 48)}
    assert end == {"kind": "end", "end": pytest.approx(3), "sound_begin": 0, "is_last": True, "is_partial": False}
    assert len(sound) == pytest.approx(2 * 3 * SOUND_RATE, abs=1000)


def test_what_is_sent_at_once_is_bounded(worker, tmp_path):
    path = write(tmp_path / "clip.mkv", [scene(1, 2000, 2000)] * 5, codec="mjpeg", pixel_format="yuvj420p")
    *stills, _ = worker.ask(path, "matroska", begin=0.0)
    assert max(len(body) for _, body in stills) <= MAX_STILL_SIDE * MAX_STILL_SIDE * 3


def test_errors_are_codes(worker, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    assert worker.ask(path, "mp4") == [({"kind": "error", "code": "clip.corrupt"}, b"")]
    assert worker.ask(path, "mp4", begin=0.0) == [({"kind": "error", "code": "clip.corrupt"}, b"")]
    assert worker.ask(tmp_path / "missing", "mp4") == [({"kind": "error", "code": "clip.corrupt"}, b"")]


def test_a_worker_goes_on_after_a_bad_file(worker, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"nonsense" * 100)
    assert worker.ask(path, "mp4")[0][0]["kind"] == "error"
    assert worker.ask(short(tmp_path / "good.webm"), "webm")[0][0]["kind"] == "facts"


def test_a_worker_leaves_no_file_open(tmp_path):
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("open files are read from /proc")
    path = short(tmp_path / "clip.mp4")
    desk = Desk(lambda head, parts: None)
    request = {"path": str(path), "container": "mp4", "most_seconds": 1000, "seconds": 60}
    for _ in range(3):
        desk.answer({"ask": "stretch", "begin": 1.0, "length": 1.0, "sound_after": 0.0, **request})
        desk.answer({"ask": "probe", **request})
        desk.answer({"ask": "probe", **request, "container": "matroska"})
    assert str(path) not in {str(link.resolve()) for link in folder.iterdir()}


def test_a_clip_is_read_through_once_for_all_of_its_stretches(tmp_path, monkeypatch):
    calls = []
    real = clip_worker.survey
    monkeypatch.setattr(clip_worker, "survey", lambda *given, **named: calls.append(1) or real(*given, **named))
    desk = Desk(lambda head, parts: None)
    request = {"ask": "stretch", "path": str(short(tmp_path / "clip.mp4")), "container": "mp4", "most_seconds": 1000}
    for begin in (0.0, 1.0, 2.0):
        desk.answer({**request, "begin": begin, "length": 1.0, "sound_after": 0.0, "seconds": 60})
    assert len(calls) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory a process has")
def test_memory_has_a_limit(tmp_path):
    path = write(tmp_path / "clip.mkv", [np.zeros((4096, 4096, 3), np.uint8)], codec="mjpeg", pixel_format="yuvj420p")
    with Worker(str(16 << 20)) as small:
        answer = small.ask(path, "matroska")
    assert answer in ([None], [({"kind": "error", "code": "clip.memory"}, b"")])


def test_the_largest_pictures_fit_into_memory(worker, tmp_path):
    picture = scene(1, 64, 64).repeat(64, 0).repeat(64, 1)
    frames = [np.roll(picture, 64 * number, axis=1) for number in range(6)]
    path = write(tmp_path / "clip.mkv", frames, options={"x264-params": "ref=16:bframes=3"})
    *stills, (end, _) = worker.ask(path, "matroska", begin=0.0)
    assert (end["kind"], end["is_partial"]) == ("end", False)
    assert stills


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are read from /proc")
def test_a_worker_leaves_no_traces(worker):
    lines = Path(f"/proc/{worker.process.pid}/limits").read_text(encoding="ascii").splitlines()
    limits = {line[:25].strip(): line[25:].split()[:2] for line in lines}
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max address space"][0].isdigit()


def test_what_a_library_prints_does_not_get_between_the_answers(tmp_path):
    code = (
        "from evenhand.content import clip_worker as worker; import os; real = worker.survey\n"
        "def survey(*given, **named):\n"
        "    print('noise', flush=True); os.write(1, b'noise'); return real(*given, **named)\n"
        "worker.survey = survey; worker.main()"
    )
    with Worker(program=("-c", code)) as noisy:
        assert noisy.ask(short(tmp_path / "clip.mp4"), "mp4")[0][0]["kind"] == "facts"


def test_a_worker_ends_when_there_is_nobody_to_ask_it():
    with Worker() as left:
        left.process.stdin.close()
        assert left.process.wait() == 0
        left.process.stdin = None


def test_sound_goes_on_for_as_long_as_a_sentence_may(worker, tmp_path):
    path = write(tmp_path / "clip.mp4", [plain(64, 48)] * 200, sound=ticks(20))
    *_, (_, sound) = worker.ask(path, "mp4", begin=2.0, length=3.0)
    assert len(sound) == 2 * (3 + OVERHANG) * SOUND_RATE


def test_to_import_the_module_loads_neither_av_nor_numpy():
    code = "import sys, evenhand.content.clip_worker; print([name for name in ('av', 'numpy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

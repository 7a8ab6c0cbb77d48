import os
import stat
import time
from pathlib import Path

import pytest

from evenhand.core.errors import StoreError, TooLargeError
from evenhand.jobs import spool as module
from evenhand.jobs.spool import Spool


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "clips", max_bytes=10)


def receive(spool, *pieces):
    with spool.receive("clip_1") as incoming:
        for piece in pieces:
            incoming.write(piece)
        incoming.keep()
    return incoming.path


def test_a_clip_is_there_once_all_of_it_has_come_and_for_this_user_only(spool):
    with spool.receive("clip_1") as incoming:
        incoming.write(b"abc")
        assert not incoming.path.exists()
        incoming.write(b"def")
        incoming.keep()
    assert incoming.path.read_bytes() == b"abcdef"
    assert incoming.size == 6
    assert [path.name for path in spool.folder.iterdir()] == ["clip_1"]
    assert stat.S_IMODE(incoming.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700


def test_a_clip_that_does_not_come_to_its_end_leaves_nothing(spool):
    with spool.receive("clip_1") as incoming:
        incoming.write(b"abc")
    assert list(spool.folder.iterdir()) == []


def test_an_endless_clip_is_stopped_at_its_limit(spool):
    with pytest.raises(TooLargeError) as refused:
        receive(spool, b"0123456789", b"x")
    assert (refused.value.code, refused.value.field) == ("clip.too_large", "clip")
    assert list(spool.folder.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a Linux device")
@pytest.mark.parametrize("size", [3, 1 << 20])
def test_a_full_disk_is_said_so_and_nothing_is_left(tmp_path, monkeypatch, size):
    spool = Spool(tmp_path / "clips", max_bytes=1 << 21)
    monkeypatch.setattr(module, "_opened", lambda _: Path("/dev/full").open("wb"))  # noqa: SIM115
    with pytest.raises(StoreError) as refused:
        receive(spool, b"a" * size)
    assert refused.value.code == "spool.full"
    assert list(spool.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path):
    (tmp_path / "clips").write_text("a file")
    with pytest.raises(StoreError) as refused, Spool(tmp_path / "clips", max_bytes=10).receive("clip_1"):
        pass
    assert refused.value.code == "spool.unavailable"


def test_only_what_lies_in_the_folder_is_removed(spool, tmp_path):
    own = tmp_path / "own.mp4"
    own.write_bytes(b"mine")
    path = receive(spool, b"abc")
    for each in (own, path, path):
        spool.remove(each)
    assert own.exists()
    assert not path.exists()


def test_what_is_old_and_wanted_by_nobody_is_swept(spool):
    assert spool.sweep(set()) == 0
    for name in ("wanted", "old", "new"):
        with spool.receive(name) as incoming:
            incoming.keep()
    for name in ("wanted", "old"):
        os.utime(spool.folder / name, (time.time() - 7_200,) * 2)
    assert spool.sweep({"wanted"}) == 1
    assert {path.name for path in spool.folder.iterdir()} == {"wanted", "new"}

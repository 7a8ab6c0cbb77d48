"""Containers told by their first bytes, and lies about them."""

import io

import pytest

from clips import CODECS, short
from evenhand.content.clip_format import MEDIA_TYPES, container_of, contradicts, sniff
from evenhand.content.clip_source import CONTAINERS

TAG = b"ID3\x04\0\0\0\0\x02\x01"


@pytest.mark.parametrize("suffix", CODECS)
def test_every_kind_of_file_is_known_by_its_first_bytes(tmp_path, suffix):
    name = {".mkv": "matroska", ".ts": "mpegts", ".mpg": "mpeg"}.get(suffix, suffix[1:])
    with short(tmp_path / f"clip{suffix}").open("rb") as file:
        assert container_of(file) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "mov"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "mp4"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4", "mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", ""),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ""),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", ""),
        (b"get free beer", ""),
        (b"RIFF\0\0\0\0WEBPVP8 ", ""),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x88matroska", "matroska"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x84webm", "webm"),
        (b"\0\0\0\0" + (b"G" + bytes(191)) * 3, "mpegts"),
        ((b"G" + bytes(203)) * 3, "mpegts"),
        (b"G" + bytes(600), ""),
        (b"#!AMR-WB\n", "amr"),
        (b"\xff\xfb\x90\0", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"\xff\xfeS\0o\0m\0e\0", ""),
        (b"\xff\xd8\xff\xe0", ""),
        (b"\xff\xfb\xf0\0", ""),
        (b"\xff", ""),
        (b"GIF89a", ""),
        (b"#EXTM3U\n", ""),
        (b"ffconcat version 1.0\n", ""),
        (b"", ""),
    ],
)
def test_the_first_bytes_tell_the_container(data, name):
    assert sniff(data) == name


@pytest.mark.parametrize(
    ("behind", "name"), [(b"fLaC", "flac"), (b"\xff\xf1\x50\x80", "aac"), (b"\xff\xfb\x90\0", "mp3"), (b"", "mp3")]
)
def test_behind_a_tag_there_may_be_sound_of_any_kind(behind, name):
    assert container_of(io.BytesIO(TAG + bytes(257) + behind)) == name


def test_a_beginning_of_a_tag_is_nothing():
    assert container_of(io.BytesIO(b"ID3")) == ""


def test_every_container_has_its_media_types():
    assert MEDIA_TYPES.keys() == CONTAINERS.keys()
    assert all(types[0].startswith(("audio/", "video/")) for types in MEDIA_TYPES.values())


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_media_type_of_a_container_is_accepted(name):
    assert not any(contradicts(media_type, name) for media_type in MEDIA_TYPES[name])


@pytest.mark.parametrize("media_type", ["video/x-other", "audio/x-other", "image/gif", "text/html", "TEXT/PLAIN; x=y"])
def test_another_media_type_contradicts(media_type):
    assert all(contradicts(media_type, name) for name in CONTAINERS)


@pytest.mark.parametrize("media_type", ["", "application/octet-stream", "video/*", "audio/*", "binary"])
def test_what_tells_nothing_contradicts_nothing(media_type):
    assert not any(contradicts(media_type, name) for name in CONTAINERS)

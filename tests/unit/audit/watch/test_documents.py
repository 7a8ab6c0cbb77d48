import gzip
import hashlib
from datetime import UTC, datetime

import pytest

from evenhand.audit.watch import documents
from evenhand.audit.watch.documents import is_document, read_document
from evenhand.core.errors import InputError, TooLargeError

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
LINE = "人脸种族属性"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("api.YAML", True),
        ("a/service-2.json.gz", True),
        ("Face.java", True),
        ("picture.png", False),
        ("archive.gz", False),
        ("Makefile", False),
    ],
)
def test_a_document_is_known_by_its_ending(name, is_one):
    assert is_document(name) == is_one


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_document_is_read_in_the_encodings_that_vendors_use(encoding):
    data = f"a\n{LINE}\n".encode(encoding)
    document = read_document("a.md", data, at=AT)
    assert (document.name, document.size, document.read_at) == ("a.md", len(data), AT)
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert [(found.line, found.attribute, found.quote) for found in document.findings] == [(2, "ethnicity", LINE)]


def test_a_packed_document_has_the_hash_of_what_was_found():
    data = gzip.compress(b'{"face_gender": 1}')
    document = read_document("a.json.gz", data, at=AT)
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert [found.attribute for found in document.findings] == ["gender"]


def test_a_name_alone_counts_in_source_and_not_in_prose_or_a_page():
    assert read_document("a.java", b"String gender;", at=AT).findings
    for name in ("a.md", "https://vendor.example/docs?x=a.java", "https://vendor.example/a.html"):
        assert not read_document(name, b"String gender;", at=AT).findings


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.json.gz", b"no gzip", "document.packing"),
        ("a.json.gz", gzip.compress(b"x" * 1000, mtime=0)[:-12], "document.packing"),
        ("a.txt", b"a\0b", "document.not_text"),
        ("a.txt", b"\xff\xfe\x00", "document.not_text"),
        ("a.txt", b"\xff\xff\xff", "document.not_text"),
    ],
)
def test_what_cannot_be_read_is_said(name, data, code):
    with pytest.raises(InputError) as caught:
        read_document(name, data, at=AT)
    assert (caught.value.code, caught.value.field) == (code, name)
    assert caught.value.remedy


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 100)
    with pytest.raises(TooLargeError) as caught:
        read_document("a.json.gz", gzip.compress(b"x" * 101), at=AT)
    assert caught.value.code == "document.too_large"

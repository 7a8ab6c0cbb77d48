import dataclasses
import json
from datetime import UTC, datetime

import pytest

from evenhand.audit.watch.documents import read_document
from evenhand.audit.watch.manifest import compare, read_manifest, write_manifest
from evenhand.audit.watch.survey import Survey, Unread
from evenhand.core.errors import InputError

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
ETHNICITY = "face.ethnicity: string\n"
GENDER = "face.gender: string\n"


def survey(unread=(), **documents):
    read = [read_document(f"{name}.yaml", text.encode(), at=AT) for name, text in documents.items()]
    return Survey(AT, read, [Unread(f"{name}.yaml", "document.not_text", "No.") for name in unread])


def quotes(findings):
    return [(document.name, finding.quote) for document, finding in findings]


def test_a_manifest_reads_back_as_it_was():
    before = survey(a=ETHNICITY, b="nothing", unread=["c"])
    assert read_manifest(write_manifest(before)) == before
    assert read_manifest(write_manifest(before, compare(before, before))) == before


def test_a_deletion_is_shown_with_the_hash_and_date_of_then():
    before, after = survey(a=ETHNICITY + GENDER), survey(a=GENDER)
    changes = compare(before, after)
    assert quotes(changes.vanished) == [("a.yaml", ETHNICITY.strip())]
    assert changes.vanished[0][0].sha256 == before.documents[0].sha256
    assert (changes.new, changes.altered, changes.since) == ([], ["a.yaml"], "2026-11-26T12:00:00+00:00")


def test_a_line_that_moved_did_not_change_and_one_that_came_is_new():
    changes = compare(survey(a=ETHNICITY), survey(a="\n" * 5 + ETHNICITY + "\n" * 5 + GENDER))
    assert changes.vanished == []
    assert quotes(changes.new) == [("a.yaml", GENDER.strip())]


def test_a_line_that_stood_there_twice_and_now_once_vanished_once():
    assert len(compare(survey(a=ETHNICITY * 2), survey(a=ETHNICITY)).vanished) == 1


def test_documents_come_and_go():
    changes = compare(survey(a=ETHNICITY), survey(b=ETHNICITY))
    assert (changes.gone, changes.added) == (["a.yaml"], ["b.yaml"])
    assert quotes(changes.vanished) == [("a.yaml", ETHNICITY.strip())]


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_document_that_could_not_be_read_nothing_is_said(turned):
    readable, not_readable = survey(a=ETHNICITY), survey(unread=["a"])
    changes = compare(*((not_readable, readable) if turned else (readable, not_readable)))
    assert (changes.vanished, changes.new, changes.gone, changes.added) == ([], [], [], [])
    assert changes.unknown == ["a.yaml"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "manifest.invalid"),
        (b"[]", "manifest.invalid"),
        (b'{"begun_at": "yesterday"}', "manifest.invalid"),
        (b"\xff", "manifest.invalid"),
        (
            json.dumps({"begun_at": AT.isoformat(), "documents": [], "unread": [], "schema": "2"}).encode(),
            "manifest.schema",
        ),
    ],
)
def test_what_is_no_manifest_is_refused(data, code):
    with pytest.raises(InputError) as caught:
        read_manifest(data)
    assert (caught.value.code, caught.value.field) == (code, "against")


def test_changes_stand_beside_the_manifest_for_programs():
    before, after = survey(a=ETHNICITY), survey(a=GENDER)
    changes = json.loads(write_manifest(after, compare(before, after)))["changes"]
    assert set(changes) == {field.name for field in dataclasses.fields(compare(before, after))}
    assert changes["vanished"][0][1]["attribute"] == "ethnicity"

import hashlib
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.audit.watch import survey as module
from evenhand.audit.watch.survey import Folders, addresses_in, document_fetcher, fetched, survey
from evenhand.content.fetch import Fetcher
from evenhand.core.errors import InputError, NotFoundError
from fakes.site import PUBLIC, Site, answer

BEGUN = datetime(2026, 11, 26, 12, tzinfo=UTC)
LINE = b"face_gender: string"
SITE = (answer(LINE), answer(b"", status="404 Not Found"))


def clock():
    seconds = itertools.count()
    return lambda: BEGUN + timedelta(seconds=next(seconds))


def write(folder, **files):
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read(*paths, **options):
    return survey([Folders(paths)], clock=clock(), **options)


def test_a_folder_is_read_in_order_and_what_is_no_document_is_counted(tmp_path):
    write(tmp_path, b_yaml=LINE, a__c_json=b"{}", picture_png=b"x", node_modules_x=b"")
    write(tmp_path / "node_modules", x_json=LINE)
    (tmp_path / "link.json").symlink_to(tmp_path / "b.yaml")
    found = read(tmp_path)
    assert [document.name for document in found.documents] == ["a/c.json", "b.yaml"]
    assert [document.read_at.second for document in found.documents] == [1, 2]
    assert (found.begun_at, found.passed_over, found.unread) == (BEGUN, 2, [])
    assert [(document.name, finding.attribute) for document, finding in found.findings] == [("b.yaml", "gender")]


def test_a_file_that_is_named_is_read_whatever_its_ending(tmp_path):
    write(tmp_path, notes=LINE)
    assert [document.name for document in read(tmp_path / "notes").documents] == ["notes"]


def test_of_several_paths_the_names_say_which(tmp_path):
    write(tmp_path, a__x_md=LINE, b__x_md=LINE)
    names = [document.name for document in read(tmp_path / "a", tmp_path / "b").documents]
    assert names == [(tmp_path / "a/x.md").as_posix(), (tmp_path / "b/x.md").as_posix()]


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NotFoundError) as caught:
        Folders([tmp_path / "nothing"])
    assert caught.value.code == "document.not_found"


def test_what_cannot_be_read_is_kept_apart_and_never_clean(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    write(tmp_path, a_md=b"x" * 101, b_md=b"\0", c_md=LINE)
    found = read(tmp_path)
    codes = {unread.name: unread.code for unread in found.unread}
    assert codes == {"a.md": "document.too_large", "b.md": "document.not_text"}
    assert [document.name for document in found.documents] == ["c.md"]


def test_a_file_that_fails_while_it_is_read_is_said(tmp_path):
    found = module._bytes_of(tmp_path, "a.md")
    assert (found.code, found.field) == ("document.unreadable", "a.md")


def test_copies_of_documents_with_findings_are_kept_by_their_hash(tmp_path):
    write(tmp_path / "in", a_yaml=LINE, b_yaml=b"nothing")
    read(tmp_path / "in", keep=tmp_path / "kept")
    (copy,) = (tmp_path / "kept").iterdir()
    assert copy.name == hashlib.sha256(LINE).hexdigest()
    assert copy.read_bytes() == LINE


def test_a_list_of_addresses_has_one_a_line():
    assert addresses_in("# vendors\n\nhttps://a.example/x#y \nhttps://a.example/x#y\nhttp://b.example\n") == [
        "https://a.example/x#y",
        "http://b.example",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [("# none\n", "urls.none"), ("\n".join(f"https://a.example/{n}" for n in range(1001)), "urls.too_many")],
)
def test_a_list_that_cannot_be_used_is_refused(text, code):
    with pytest.raises(InputError) as caught:
        addresses_in(text)
    assert (caught.value.code, caught.value.field) == (code, "urls")


def test_addresses_are_fetched_through_the_guard_and_a_failure_stays_one():
    with Site(*SITE, tls=None, addresses=lambda _: [PUBLIC]) as site:
        fetcher = Fetcher(what="document", resolve=site.resolve, connect=site.connect)
        found = survey([fetched(["http://a.example/api.yaml", "http://a.example/b"], fetcher)], clock=clock())
    assert [document.name for document in found.documents] == ["http://a.example/api.yaml"]
    assert [unread.code for unread in found.unread] == ["url.status"]
    assert [finding.attribute for _, finding in found.findings] == ["gender"]
    assert site.requests[0][1]["Accept"] == "*/*"


def test_an_address_that_is_not_public_is_not_fetched():
    ((_, error),) = fetched(["http://127.0.0.1/api.yaml"], document_fetcher())
    assert error.code == "url.private_address"

import json
from datetime import UTC, datetime

import pytest

from evenhand.bulk.hash_lists import ListFormat, Rejected, read_hash_list
from evenhand.core.bank import Algorithm, Entry
from evenhand.core.errors import ConfigurationError

PDQ, MD5, SHA256 = Algorithm.PDQ, Algorithm.MD5, Algorithm.SHA256
LOOK = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
FILE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OLD = "098f6bcd4621d373cade4e832627b4f6"
SHA1 = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"


def entry(algorithm, digest, *arguments, **options):
    return Entry(algorithm, bytes.fromhex(digest), *arguments, **options)


@pytest.fixture
def read(tmp_path):
    def read(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_hash_list(path, **options))

    return read


def code_of(read, *arguments, **options):
    with pytest.raises(ConfigurationError) as caught:
        read(*arguments, **options)
    assert caught.value.field == "file"
    assert caught.value.remedy
    return caught.value.code


class TestText:
    def test_the_length_tells_md5_and_the_option_the_two_others_apart(self, read):
        lines = f"# a remark\n{OLD}\n\n  {LOOK.upper()} \r\n"
        assert read("list.txt", lines, algorithm=PDQ) == [entry(MD5, OLD), entry(PDQ, LOOK)]
        assert read("list.txt", lines, algorithm=SHA256) == [entry(MD5, OLD), entry(SHA256, LOOK)]

    def test_without_the_option_64_digits_are_not_guessed(self, read):
        (rejected,) = read("list.txt", LOOK)
        assert (rejected.row, rejected.is_unusable) == (1, False)
        assert "--algorithm" in rejected.reason

    @pytest.mark.parametrize("line", ["hello", LOOK[:-1], f"{LOOK}0", "g" * 64, f"{OLD[:-1]}é", f"0x{OLD[2:]}"])
    def test_what_is_no_hash_is_told_with_its_line(self, read, line):
        first, rejected = read("list.txt", f"{OLD}\n\n{line}\n", algorithm=PDQ)
        assert first == entry(MD5, OLD)
        assert rejected.row == 3

    def test_bytes_that_are_no_utf_8_spoil_their_own_line_only(self, read):
        found = read("list.txt", b"\xef\xbb\xbf" + OLD.encode() + b"\n\xff\xfe\x00\n" + OLD.encode(), algorithm=PDQ)
        assert [type(one) for one in found] == [Entry, Rejected, Entry]


class TestCsv:
    @pytest.mark.parametrize("column", ["hash", "hash_digest", "Value", " HASH ", "indicator"])
    def test_columns_are_known_by_several_names(self, read, column):
        assert read("list.csv", f"{column},Algorithm,id\n{LOOK},pdq,a-1\n{OLD},MD5,\n") == [
            entry(PDQ, LOOK, "a-1"),
            entry(MD5, OLD),
        ]

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_the_separator_is_seen(self, read, separator):
        rows = [("hash", "type", "note"), (LOOK, "HASH_PDQ", '"a, b; c"')]
        content = "\n".join(separator.join(row) for row in rows)
        assert read("list.csv", content) == [entry(PDQ, LOOK)]
        assert read("list.tsv", content) == [entry(PDQ, LOOK)]

    def test_a_row_too_long_or_too_short_is_read_as_far_as_it_goes(self, read):
        found = read("list.csv", f"id,hash\nonly an id\n1,{OLD},more,and more\n")
        assert found == [Rejected(2, found[0].reason), entry(MD5, OLD, "1")]

    def test_rows_that_are_no_hash_or_of_no_use_are_told_with_their_line(self, read):
        found = read("list.csv", f'hash,algorithm,note\n{OLD},md5,"two\nlines"\nnothing,md5,\n{SHA1},sha1,\n')
        assert found[0] == entry(MD5, OLD)
        assert found[1] == Rejected(4, "its hash is no md5 in hex")
        assert found[2] == Rejected(5, "'sha1' is not matched here", is_unusable=True)

    @pytest.mark.parametrize("content", ["", "name,id\nx,1\n", "\n\n"])
    def test_a_file_without_hashes_is_refused(self, read, content):
        assert code_of(read, "list.csv", content) == "file.field"

    def test_a_field_of_any_length_is_read(self, read):
        assert read("list.csv", f"hash,note\n{OLD},{'x' * 300_000}\n") == [entry(MD5, OLD)]

    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("", None),
            ("0", None),
            ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
            ("1700000000.5", datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)),
            ("2027-01-02", datetime(2027, 1, 2, tzinfo=UTC)),
            ("2027-01-02T03:04:05Z", datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)),
            ("2027-01-02T03:04:05+0200", datetime(2027, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ],
    )
    @pytest.mark.parametrize("column", ["expires", "expires_at", "expire_time"])
    def test_an_expiry_is_read(self, read, column, written, moment):
        assert read("list.csv", f"hash,{column}\n{OLD},{written}\n") == [entry(MD5, OLD, expires_at=moment)]

    @pytest.mark.parametrize("written", ["soon", "-1", "9" * 30, "2027-13-01", "nan", "1e400", "٣"])
    def test_an_expiry_that_is_no_time_is_told(self, read, written):
        (rejected,) = read("list.csv", f"hash,expires\n{OLD},{written}\n")
        assert rejected.row == 2
        assert "is no time" in rejected.reason


class TestExchanges:
    @pytest.mark.parametrize("page", [lambda rows: rows, lambda rows: {"data": rows, "paging": {}}])
    def test_signals_of_threat_exchange(self, read, page):
        rows = [
            {"id": "12", "indicator": LOOK, "type": "HASH_PDQ", "status": "MALICIOUS", "expire_time": 0, "tags": []},
            {"id": "13", "indicator": OLD, "type": "HASH_MD5", "expire_time": 1_700_000_000},
            {"id": "14", "indicator": FILE, "type": "HASH_SHA256", "should_delete": False},
            {"id": "15", "indicator": SHA1, "type": "HASH_SHA1"},
            {"id": "16", "indicator": "https://example.com", "type": "URI"},
            {"id": "17", "indicator": LOOK, "type": "HASH_PDQ", "should_delete": True},
            {"id": "18", "should_delete": True},
            {"id": "19", "indicator": LOOK, "type": "HASH_PDQ", "status": "NON_MALICIOUS"},
        ]
        assert read("signals.json", json.dumps(page(rows))) == [
            entry(PDQ, LOOK, "12"),
            entry(MD5, OLD, "13", expires_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
            entry(SHA256, FILE, "14"),
            Rejected(4, "'HASH_SHA1' is not matched here", is_unusable=True),
            Rejected(5, "'URI' is not matched here", is_unusable=True),
            entry(PDQ, LOOK, "17", is_removed=True),
            Entry(None, b"", "18", is_removed=True),
            Rejected(8, "it says that the content is harmless", is_unusable=True),
        ]

    def test_the_list_of_tech_against_terrorism(self, read):
        rows = [
            {"hash_digest": LOOK, "algorithm": "PDQ", "file_type": "png", "deleted": False, "id": 124},
            {"hash_digest": OLD, "algorithm": "MD5", "deleted": True, "id": 125},
        ]
        page = {"count": 2, "next": None, "checkpoint": "1704085200,125", "results": rows}
        assert read("list.json", json.dumps(page)) == [
            entry(PDQ, LOOK, "124"),
            entry(MD5, OLD, "125", is_removed=True),
        ]

    def test_the_records_of_stopncii(self, read):
        rows = [
            {"signalType": "ImagePDQ", "hashValue": LOOK, "hashStatus": "Active", "caseNumbers": {"1": "Active"}},
            {"signalType": "ImagePDQ", "hashValue": FILE, "hashStatus": "Withdrawn"},
            {"signalType": "VideoMD5", "hashValue": OLD, "hashStatus": "Deleted"},
            {"signalType": "VideoTMK", "hashValue": "x", "hashStatus": "Active"},
        ]
        found = read("page.json", json.dumps({"count": 4, "hasMoreRecords": False, "hashRecords": rows}))
        assert found == [
            entry(PDQ, LOOK),
            entry(PDQ, FILE, is_removed=True),
            entry(MD5, OLD, is_removed=True),
            Rejected(4, "'VideoTMK' is not matched here", is_unusable=True),
        ]


class TestJson:
    def test_rows_that_are_no_records_are_told_with_their_number(self, read):
        found = read("list.json", json.dumps([{"hash": OLD}, 7, None, {"hash": [1]}, {}]))
        assert found[0] == entry(MD5, OLD)
        assert [one.row for one in found[1:]] == [2, 3, 4, 5]
        assert read("list.json", "7") == [Rejected(1, "it is no record")]

    def test_lines_are_read_one_by_one(self, read):
        lines = [json.dumps({"hash": OLD, "id": 1}), "", "{", json.dumps({"data": [{"hash": FILE, "type": "sha-256"}]})]
        expected = [entry(MD5, OLD, "1"), Rejected(3, "it is not JSON"), entry(SHA256, FILE)]
        assert read("list.jsonl", "\ufeff" + "\n".join(lines)) == expected
        assert read("list.ndjson", "\n".join(lines)) == expected

    @pytest.mark.parametrize("content", ["", "{", b"\xff", "[" * 100_000])
    def test_what_is_no_json_is_refused_whole_and_line_by_line_told(self, read, content):
        assert code_of(read, "list.json", content) == "file.format"
        assert all(isinstance(one, Rejected) for one in read("list.jsonl", content))

    def test_what_a_list_calls_its_algorithm_is_not_repeated_at_length(self, read):
        (rejected,) = read("list.json", json.dumps([{"hash": OLD, "type": "\x1b[31m" + "x" * 1_000}]))
        assert len(rejected.reason) < 80
        assert "\x1b" not in rejected.reason


NCMEC = f"""<?xml version="1.0" encoding="UTF-8"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
  <images count="4" maxTimestamp="2026-10-24T15:10:00Z">
    <image>
      <member id="42">Example</member><timestamp>2026-10-24T15:00:00Z</timestamp><id>image1</id>
      <classification>A1</classification>
      <fingerprints><MD5>{OLD}</MD5><SHA1>{SHA1}</SHA1><PDNA>AAAA</PDNA><PDQ>{LOOK}</PDQ></fingerprints>
      <feedback type="PDQ"><affirmativeFeedback/></feedback>
    </image>
    <deletedImage><member id="43">Example</member><id>image4</id></deletedImage>
    <image><member id="44">Example</member><id>image5</id></image>
    <image><member id="44">Example</member><id>image6</id><fingerprints><MD5>x</MD5></fingerprints></image>
  </images>
  <videos count="1" maxTimestamp="2026-10-24T15:20:00Z">
    <video><member id="42"/><id>video1</id><fingerprints><MD5>{OLD[::-1]}</MD5></fingerprints></video>
    <deletedVideo><id>video2</id></deletedVideo>
  </videos>
  <paging><next>/v2/entries?from=2026</next></paging>
</queryResult>
"""


class TestNcmec:
    def test_images_videos_and_tombstones(self, read):
        assert read("entries.xml", NCMEC) == [
            entry(MD5, OLD, "42-image1"),
            Rejected(1, "'SHA1' is not matched here", is_unusable=True),
            Rejected(1, "'PDNA' is not matched here", is_unusable=True),
            entry(PDQ, LOOK, "42-image1"),
            Entry(None, b"", "43-image4", is_removed=True),
            Rejected(3, "it has no fingerprints"),
            Rejected(4, "its hash is no md5 in hex"),
            entry(MD5, OLD[::-1], "42-video1"),
            Rejected(6, "it is no MD5, and may be PDQ or SHA-256: say which with --algorithm"),
        ]

    def test_records_come_while_the_file_is_read(self, read, monkeypatch):
        monkeypatch.setattr("evenhand.bulk.hash_lists._CHUNK", 7)
        assert len(read("entries.xml", NCMEC)) == 9

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "<queryResult>",
            "no xml",
            '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><images><image><id>&c;</id></image></images>',
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><images/>',
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><images><image><id>&b;</id></image></images>',
            "<images><image><id>&unknown;</id></image></images>",
        ],
    )
    def test_documents_that_are_broken_or_define_entities_are_refused(self, read, content):
        assert code_of(read, "entries.xml", content) == "file.format"

    @pytest.mark.parametrize("encoding", ["none", "utf-7", "gbk", "base64", "idna", "utf-16"])
    def test_an_encoding_that_xml_cannot_have_is_refused(self, read, encoding):
        content = f'<?xml version="1.0" encoding="{encoding}"?><images/>'
        assert code_of(read, "entries.xml", content) == "file.format"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{OLD}\n", entry(MD5, OLD)),
        (f"hash,id\n{OLD},7\n", entry(MD5, OLD, "7")),
        (json.dumps([{"hash": OLD}]), entry(MD5, OLD)),
        (f"\ufeff\n {json.dumps({'hash': OLD})}", entry(MD5, OLD)),
        (NCMEC, entry(MD5, OLD, "42-image1")),
    ],
)
def test_a_file_whose_name_says_nothing_is_known_by_its_beginning(read, content, expected):
    assert read("list", content)[0] == expected


def test_the_form_can_be_named(read):
    assert read("list.txt", json.dumps({"hash": OLD}), form=ListFormat.JSONL) == [entry(MD5, OLD)]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        list(read_hash_list(tmp_path / "none.csv"))
    assert caught.value.code == "file.unreadable"

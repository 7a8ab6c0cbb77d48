from datetime import UTC, datetime
from html.parser import HTMLParser

from evenhand.audit.watch.documents import read_document
from evenhand.audit.watch.manifest import compare
from evenhand.audit.watch.pages import counts, write_html, write_text
from evenhand.audit.watch.survey import Survey, Unread

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE = Survey(AT, [read_document("a.md", b"face.ethnicity\n", at=AT)], [])
NOW = Survey(
    AT,
    [
        read_document("a.md", b"the gender in the passport\n" + b"\n" * 5 + b"face gender <b>\x1b[31m</b>\n", at=AT),
        read_document("b.md", b"nothing", at=AT),
    ],
    [Unread("c.md", "document.not_text", "It is <not> text.")],
    passed_over=3,
)


class Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.open, self.words, self.tags = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.extend(data.split())


def test_the_text_has_the_strongest_first_with_file_line_hash_and_date():
    lines = write_text(NOW).splitlines()
    assert lines[0] == f"a.md  sha256 {NOW.documents[0].sha256}  read 2026-11-26T12:00:00+00:00"
    assert lines[1].startswith("  7: classifies gender (high: words for people who are seen or heard beside it): face")
    assert lines[2].startswith("  1: states gender (high: ")
    assert lines[3] == "not read: c.md: It is <not> text. [document.not_text]"
    assert lines[-1] == (
        "2 documents read, 1 not, 3 files passed over: 1 findings that tell who people are, 1 of lower concern"
    )


def test_the_text_says_nothing_that_a_terminal_obeys_and_shortens_long_quotes():
    assert "\x1b" not in write_text(NOW)
    long = Survey(AT, [read_document("a.md", b"face gender " + b"x" * 250, at=AT)], [])
    assert "x ..." in write_text(long)


def test_the_text_says_what_changed():
    text = write_text(NOW, compare(BEFORE, NOW))
    assert "since 2026-11-26T12:00:00+00:00:" in text
    assert f"  vanished: a.md (sha256 {BEFORE.documents[0].sha256[:12]}, read 2026-11-26T12:00:00+00:00):1: cl" in text
    assert "  document added: b.md" in text
    assert "  document altered: a.md" in text
    assert "  not known: c.md" in text


def test_counts_are_by_concern_attribute_and_how_sure():
    assert counts(NOW) == [("classifies", "gender", 1, 0, 0), ("states", "gender", 1, 0, 0)]


def test_the_page_is_whole_quotes_what_it_found_and_loads_nothing():
    page = Reader(write_html(NOW, compare(BEFORE, NOW)))
    assert page.open == []
    assert {NOW.documents[0].sha256 + ",", "face.ethnicity", "<b>\x1b[31m</b>", "<not>"} <= {*page.words}
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert not [attributes for _, attributes in page.tags if {"src", "href"} & attributes.keys()]
    headings = [tag for tag, _ in page.tags if tag in {"h1", "h2", "h3"}]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1


def test_a_page_of_nothing_says_so():
    page = Reader(write_html(Survey(AT, [], [])))
    assert "Nothing was found." in " ".join(page.words)
    assert "Not read" not in " ".join(page.words)

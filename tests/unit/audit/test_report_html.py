from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from audited import audited
from evenhand.audit.compare import compare
from evenhand.audit.measures import Estimate
from evenhand.audit.report import make_report
from evenhand.audit.report_html import write_comparison_html, write_html
from evenhand.audit.variations import Line, Table

MADE = datetime(2026, 11, 26, 12, tzinfo=UTC)
VOID = {"meta", "path", "circle"}


class Page(HTMLParser):
    """What is in a page: every element with its attributes, the texts, and whether all is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(" ".join(data.split()))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def report_of(**kind):
    return make_report(audited(**kind), target="made-up", version="2", made=MADE, count=50)


LINES = (
    Line("sexual: tone 03", 12, {"score shift": Estimate(0.1, 0.05, 0.15)}, is_otherwise=True),
    Line("sexual: tone 04", 12, {"score shift": Estimate()}),
)
TABLES = (
    Table("Score shift by label", "variation", "scenes", "number", LINES),
    Table("By voice", "voice", "sentences", "share", ()),
)


def page_about(matter):
    """Return the page of a report on pictures or clips."""
    return write_html(replace(report_of(), matter=matter, tables=TABLES))


PAGES = {
    "pictures": lambda: page_about("pictures"),
    "clips": lambda: page_about("clips"),
    "biased": lambda: write_html(report_of()),
    "even": lambda: write_html(report_of(bias=0, failed=())),
    "small": lambda: write_html(report_of(harmless=3, harmful=0, failed=())),
    "all failed": lambda: write_html(report_of(harmless=2, harmful=1, failed={f"s{place}" for place in range(600)})),
    "changed": lambda: write_comparison_html(compare(report_of(), report_of(bias=0), count=100)),
    "unchanged": lambda: write_comparison_html(compare(report_of(), report_of(), count=100)),
}


@pytest.fixture(scope="module", params=PAGES.values(), ids=PAGES)
def html(request):
    return request.param()


@pytest.fixture(scope="module")
def biased():
    return Page(PAGES["biased"]())


def test_it_is_one_page_that_needs_nothing_and_runs_nothing(html):
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert page.open == []
    assert {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "use", "form"} == set()
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "href", "srcset"}]
    assert "url(" not in html
    assert "prefers-color-scheme: dark" in html
    assert "default-src 'none'" in html


def test_it_can_be_read_without_seeing_it(html):
    page = Page(html)
    assert page.all("html") == [{"lang": "en"}]
    headings = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3"}]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert set(headings[1:]) == {2}
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
    regions = [own for own in page.all("div") if own.get("class") == "wide"]
    assert all(own["role"] == "region" and own["aria-label"] and own["tabindex"] == "0" for own in regions)
    ids = [own["id"] for _, own in page.elements if "id" in own]
    assert len(ids) == len(set(ids))
    assert {name for svg in page.all("svg") for name in svg["aria-labelledby"].split()} <= set(ids)


def test_it_says_what_was_asked_found_meant_and_what_it_cannot_show(biased):
    for heading in ("What was asked", "What was found", "What it means", "What it cannot show"):
        assert heading in biased.texts
    assert any(text.startswith("2 sentences were not answered.") for text in biased.texts)
    assert "1 group is treated otherwise" in biased.texts
    assert len(biased.all("svg")) == 2


def test_worst_cases_are_folded_and_escaped(biased):
    assert biased.all("b") == []
    assert any(text.startswith("<b>green</b>") for text in biased.texts)
    assert "open" not in {name for own in biased.all("details") for name in own}


def test_an_even_service_is_said_to_have_shown_nothing():
    texts = " ".join(Page(PAGES["even"]()).texts)
    assert "No group was shown to be treated otherwise" in texts
    assert "Every sentence was answered." in texts


def test_a_comparison_says_what_changed_and_what_did_not():
    texts = " ".join(Page(PAGES["changed"]()).texts)
    assert "Changes that chance does not explain" in texts
    assert "That does not show that they are equal." in texts
    assert "Nothing that was compared changed" in " ".join(Page(PAGES["unchanged"]()).texts)


@pytest.mark.parametrize(
    ("matter", "words", "absent"),
    [
        ("pictures", "drawn pictures", "sentences"),
        ("clips", "spoken by a synthesiser", "pictures"),
        ("sentences", "only the group of people is exchanged", "pictures"),
    ],
)
def test_the_page_says_what_was_asked_about(matter, words, absent):
    texts = " ".join(Page(page_about(matter)).texts)
    assert words in texts
    assert f"Harmless {absent} flagged" not in texts
    assert f"Harmless {matter} flagged" in texts
    assert "0.100 (0.050 to 0.150)" in texts
    assert "stands out beyond chance" in texts

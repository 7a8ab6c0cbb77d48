from html.parser import HTMLParser

import pytest

from evenhand.learn.comparison.compare import compare
from evenhand.learn.comparison.report_html import write_html

VOID = {"meta", "br", "path", "rect", "circle", "link", "img"}


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
        self.texts.append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(labelled, scorers):
    html = write_html(compare(labelled, scorers, examples=1))
    assert html.startswith("<!DOCTYPE html>")
    page = Page(html)
    assert page.open == []
    return page


def test_it_needs_nothing_from_elsewhere_and_runs_nothing(page):
    assert {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "use", "form"} == set()
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "xlink:href"}]
        assert attributes.get("href", "#").startswith("#")
    assert "default-src 'none'" in next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)


def test_the_style_loads_nothing(labelled, scorers):
    html = write_html(compare(labelled, scorers))
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html


def test_every_plot_has_a_title_and_a_description_of_its_own(page):
    names = [name for svg in page.all("svg") for name in svg["aria-labelledby"].split()]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(page.all("svg")) >= 10
    assert set(names) <= set(ids)
    assert len(ids) == len(set(ids))
    for title in ("ROC: hate", "Precision and recall: hate", "Reliability: hate", "Scores of good: hate"):
        assert title in page.texts
    assert "False-positive rate by group: hate, good" in page.texts


def test_tables_have_captions_and_headings(page):
    assert len(page.all("caption")) == len(page.all("table"))
    assert any(text.startswith("0.250 (") for text in page.texts)
    assert "-0.500 (-0.500 to -0.500)" in page.texts
    assert "No scores from other." in page.texts


def test_every_link_leads_to_a_heading(page):
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= ids


def test_texts_are_folded_escaped_and_only_there_when_asked_for(page, labelled, scorers):
    assert any("<b>row|3</b>" in text for text in page.texts)
    assert page.all("b") == []
    assert "open" not in {name for details in page.all("details") for name in details}
    assert "row|3" not in write_html(compare(labelled, scorers))


def test_a_file_without_groups_has_no_group_figures(labelled, scorers):
    from dataclasses import replace

    bare = replace(labelled, group="", rows=tuple(replace(row, group="") for row in labelled.rows))
    html = write_html(compare(bare, scorers))
    assert "BPSN" not in html
    assert Page(html).open == []

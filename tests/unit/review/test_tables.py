import csv
import io
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from evenhand.core.decision import Action
from evenhand.core.share import Share
from evenhand.core.taxonomy import Label
from evenhand.review.numbers import Agreement, Drift, Exposure, Numbers, Precision, Ruled, Volume
from evenhand.review.tables import (
    Table,
    as_csv,
    as_markdown,
    as_page,
    as_text,
    number_tables,
    transparency_tables,
)
from evenhand.review.transparency import ByCategory, Transparency
from evenhand.store.cases import QueueCount
from evenhand.store.numbers import Period

DAY = date(2026, 11, 23)
PERIOD = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
HOSTILE = Table("hostile", "<b>Title</b>", ("a|b", "c"), (('<script>alert("1")</script>', 'x,"y"|z'),))
EMPTY = Table("empty", "Nothing", ("a",), ())

NUMBERS = Numbers(
    period=PERIOD,
    volume=(Volume(DAY, Action.REVIEW, 3),),
    queues=(QueueCount("default", 5, 1, datetime(2026, 11, 23, 12, 5, tzinfo=UTC)),),
    rulings=(Ruled(DAY, "ann", 7),),
    overturned=Share(1, 4),
    rules=(Precision("spam.review", Share(9, 10)),),
    categories=(),
    drift=(Drift(DAY, Label.SPAM, 100, 0.1, 0.5, 0.9),),
    exposures=(Exposure("ann", 2, 4),),
    agreements=(Agreement("ann", "ben", Share(1, 2), 0.25), Agreement("ann", "eve", Share(1, 1), None)),
    golden=(Precision("ann", Share(0, 0)),),
)


def test_numbers_are_tables_with_intervals():
    tables = {table.name: table for table in number_tables(NUMBERS)}
    assert {name: table.rows for name, table in tables.items()} == {
        "volume": (("2026-11-23", "review", "3"),),
        "queues": (("default", "5", "1", "2026-11-23 12:05"),),
        "rulings": (("2026-11-23", "ann", "7"),),
        "overturned": (("1", "4", "25.0%", "4.6% to 69.9%"),),
        "rules": (("spam.review", "9", "10", "90.0%", "59.6% to 98.2%"),),
        "categories": (),
        "drift": (("2026-11-23", "spam", "100", "0.1000", "0.5000", "0.9000"),),
        "exposures": (("ann", "2", "4"),),
        "agreement": (
            ("ann", "ben", "1", "2", "50.0%", "9.5% to 90.5%", "0.250"),
            ("ann", "eve", "1", "1", "100.0%", "20.7% to 100.0%", ""),
        ),
        "golden": (("ann", "0", "0", "", ""),),
    }
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)


def test_the_report_is_tables():
    report = Transparency(
        period=PERIOD,
        decisions={Action.ALLOW: 5, Action.REVIEW: 2, Action.BLOCK: 2},
        automated=Share(6, 9),
        automated_blocks=Share(1, 2),
        wrong_blocks=Share(1, 1),
        categories=(ByCategory("spam", 2, 1),),
        rulings={Action.BLOCK: 2},
        reasons={"spam": 2},
        overturned=Share(1, 1),
        appeals={"reversed": 1},
    )
    tables = {table.name: table.rows for table in transparency_tables(report)}
    assert tables["decisions"] == (("allow", "5"), ("review", "2"), ("block", "2"))
    assert tables["categories"] == (("spam", "2", "1"),)
    assert [row[1:3] for row in tables["shares"]] == [("6", "9"), ("1", "2"), ("1", "1"), ("1", "1")]
    assert (tables["rulings"], tables["reasons"], tables["appeals"]) == (
        (("block", "2"),),
        (("spam", "2"),),
        (("reversed", "1"),),
    )


def test_text_is_aligned_and_leaves_out_what_is_empty():
    table = Table("t", "Title", ("day", "count"), (("2026-11-23", "3"), ("x", "12345678")))
    assert as_text([table, EMPTY]) == "Title\nday         count\n2026-11-23  3\nx           12345678"


def test_csv_comes_back():
    assert list(csv.reader(io.StringIO(as_csv(HOSTILE)))) == [list(HOSTILE.columns), *map(list, HOSTILE.rows)]


def test_markdown_has_one_cell_where_there_is_one():
    assert as_markdown("Report", [Table("t", "Title", ("a|b", "c"), (("d|e", "f"),)), EMPTY]) == (
        "# Report\n\n## Title\n\n| a\\|b | c |\n| --- | --- |\n| d\\|e | f |\n\n## Nothing\n\nNone.\n"
    )


class Seen(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("title", ["Report", "</title><script>"])
def test_a_page_has_no_markup_but_its_own(title):
    seen = Seen(as_page(title, [HOSTILE, EMPTY]))
    assert set(seen.tags) == {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert seen.words.count(title) == 2
    assert {HOSTILE.title, *HOSTILE.columns, *HOSTILE.rows[0], "None."} <= set(seen.words)

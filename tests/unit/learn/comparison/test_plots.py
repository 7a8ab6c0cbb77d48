import xml.etree.ElementTree as ET

import pytest

from evenhand.learn.comparison.estimates import Bin, Estimate
from evenhand.learn.comparison.plots import Series, bars, histogram, line_plot

NASTY = '<script>alert("1")</script> & more'


def parsed(plot):
    root = ET.fromstring(str(plot))
    assert root.tag == "svg"
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert set(root.get("aria-labelledby").split()) == set(named)
    return root


def words(root):
    return [element.text for element in root.iter("text")]


@pytest.fixture
def lines():
    return line_plot(
        "ROC: hate",
        "In words.",
        axes=("across", "up"),
        series=[
            Series("a", [(0, 0), (0.5, 1), (1, 1)]),
            Series(NASTY, [(0.5, 0.25)], [Bin(0.5, 3, 0.5, 0.25, 0.1, 0.6)]),
        ],
        has_diagonal=True,
    )


def test_a_plot_has_title_description_axes_and_legend(lines):
    root = parsed(lines)
    assert root.find("title").text == "ROC: hate"
    assert root.find("desc").text == "In words."
    assert {"across", "up", "a", NASTY, "0", "0.5", "1"} <= set(words(root))


def test_points_stand_where_their_axes_say(lines):
    root = parsed(lines)
    line = next(element for element in root.iter("path") if element.get("class") == "line s0")
    assert line.get("d") == "M52 334L202 34L352 34"
    dot = next(root.iter("circle"))
    assert (dot.get("cx"), dot.get("cy")) == ("202", "259")


def test_a_name_cannot_become_markup(lines):
    assert "<script" not in str(lines)


def test_the_same_plot_is_written_the_same_and_another_has_other_names():
    def plot(title):
        return str(bars(title, "x", axis="y", rows=[("g", Estimate(0.5, 0.4, 0.6))]))

    assert plot("a") == plot("a")
    assert parsed(plot("a")).get("aria-labelledby") != parsed(plot("b")).get("aria-labelledby")


def test_the_highest_bar_of_a_histogram_fits_and_its_axis_says_how_high():
    root = parsed(histogram("h", "d", shares=[("negative", [0.38, 0.1]), ("positive", [0.0, 0.2])]))
    heights = [float(bar.get("height")) for bar in root.iter("rect")]
    assert heights == pytest.approx([285, 75, 0, 150])
    assert "0.4" in words(root)


def test_bars_show_their_interval_and_what_has_no_value():
    rows = [("tall", Estimate(0.5, 0.25, 0.75)), ("a name that is too long to be shown", Estimate(None, reason="x"))]
    root = parsed(bars("b", "d", axis="rate", rows=rows))
    (bar,) = root.iter("rect")
    assert float(bar.get("width")) == 155
    assert {"tall", "n/a", "rate", "a name that is too lo…"} <= set(words(root))
    stick = next(element for element in root.iter("path") if element.get("class") == "stick")
    assert stick.get("d").startswith("M227.5 43H382.5")

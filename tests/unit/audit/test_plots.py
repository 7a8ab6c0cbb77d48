import re
import xml.etree.ElementTree as ET

import pytest

from evenhand.audit.measures import Estimate
from evenhand.audit.plots import dots


def drawn(rows):
    return ET.fromstring(dots("A <title>", "words & more", axis="percent", rows=rows))


def test_each_row_with_a_value_has_a_dot_within_its_interval():
    svg = drawn([("one", Estimate(0.02, 0.01, 0.04)), ("none", Estimate()), ("two", Estimate(0.0, -0.01, 0.02))])
    dots_found, sticks = svg.findall("circle"), [each for each in svg.findall("path") if each.get("class") == "stick"]
    assert len(dots_found) == len(sticks) == 2
    for dot, stick in zip(dots_found, sticks, strict=True):
        start, end = map(float, re.fullmatch(r"M([\d.]+) [\d.]+H([\d.]+)", stick.get("d")).groups())
        assert start <= float(dot.get("cx")) <= end
        assert start >= 0
        assert end <= float(svg.get("width"))
    assert [each.get("class") for each in svg.findall("path")].count("zero") == 1


@pytest.mark.parametrize("high", [0.0, 0.0003, 0.047, 0.3, 1.0])
def test_the_scale_fits_and_has_round_ticks(high):
    svg = drawn([("one", Estimate(high, 0.0, high))])
    ticks = [float(each.text) for each in svg.findall("text") if re.fullmatch(r"-?[\d.e-]+", each.text)]
    assert len(ticks) == 5
    assert ticks[0] <= 0 <= 100 * high <= ticks[-1] + 1e-9
    end = max(float(each.get("d").split("H")[1]) for each in svg.findall("path") if each.get("class") == "stick")
    assert end <= float(svg.get("width"))


def test_it_is_named_and_described_and_a_long_name_is_cut():
    svg = drawn([("n" * 60, Estimate(0.1, 0.0, 0.2))])
    assert svg.find("title").text == "A <title>"
    assert svg.find("desc").text == "words & more"
    assert svg.get("aria-labelledby").split() == [svg.find("title").get("id"), svg.find("desc").get("id")]
    assert max(len(each.text) for each in svg.findall("text")) <= 28

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from evenhand.audit.watch import evaluation
from evenhand.audit.watch.evaluation import SETS, as_text, passages_of, table
from evenhand.audit.watch.words import words
from evenhand.core.share import Share

#: The frozen passages as they were before anything was tuned. Who changes them must say so in docs/vendor-watch.md.
FROZEN = "f2d0e38d86915d06e99ebcb90eb44f7c75c16c4d3134b2d3d68cd7eced428fdb"


def test_the_frozen_passages_are_those_that_were_frozen():
    path = Path(evaluation.__file__).with_name("passages") / "frozen.txt"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FROZEN


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_120_passages_half_of_them_no_classification(name):
    passages = passages_of(name)
    assert Counter(passage.label for passage in passages) == {"classifies": 60, "states": 12, "nothing": 48}
    assert {passage.attribute for passage in passages} <= {*words().attributes, ""}
    assert all(passage.text and "%%" not in passage.text for passage in passages)
    assert sum(passage.is_chinese for passage in passages) > 30


def test_no_passage_stands_in_both_sets():
    assert not {one.text for one in passages_of("frozen")} & {one.text for one in passages_of("build")}


@pytest.mark.parametrize("name", SETS)
def test_the_watch_is_as_right_as_the_docs_say(name):
    rows = dict(table(name))
    assert rows["precision"].value > 0.9
    assert rows["recall"].value > 0.9
    assert rows["look-alikes, passed over"].value > 0.9


def test_the_table_counts_what_is_found_against_the_labels(monkeypatch):
    text = (
        "%% classifies md gender\npredicted face gender\n%% classifies md age\nno word of it\n"
        "%% nothing md\nestimated ethnicity\n%% nothing md\nmax-age\n%% states md gender\nthe gender in your passport\n"
        "%% classifies txt age\n人脸识别性别\n"
    )
    monkeypatch.setattr(evaluation, "passages_of", lambda _: list(evaluation._read(text)))
    assert table("frozen") == [
        ("precision", Share(2, 3)),
        ("recall", Share(2, 3)),
        ("recall, English", Share(1, 2)),
        ("recall, Chinese", Share(1, 1)),
        ("the attribute is the right one", Share(1, 2)),
        ("stated ones, said so", Share(1, 1)),
        ("look-alikes, passed over", Share(1, 2)),
    ]


def test_the_table_is_printed_with_intervals(monkeypatch):
    printed = as_text()
    assert printed.startswith("frozen: 120 passages, written before")
    assert len(printed.splitlines()) == 2 * 8
    monkeypatch.setattr(evaluation, "passages_of", lambda _: [])
    assert "   0 of   0       -  (0.0% to 100.0%)" in as_text()

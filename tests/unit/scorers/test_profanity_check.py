import sys

import pytest

from evenhand.scorers.profanity_check import baseline_scorer


def test_it_scores_where_it_is_installed():
    pytest.importorskip("profanity_check")
    rude, kind = baseline_scorer()(["you fucking idiot", "have a lovely day"])
    assert rude > 0.5 > kind


def test_there_is_nothing_to_compare_with_where_it_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "profanity_check", None)
    assert baseline_scorer() is None

import dataclasses

import pytest

from evenhand.bulk import backtest as module
from evenhand.bulk.backtest import backtest
from evenhand.core.decision import Action
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import parse_policy
from evenhand.store.records import DecisionRecord
from samples import decision

BEFORE = "name: mine\nthresholds:\n  spam: {review: 0.5}\n"
AFTER = "name: mine\nthresholds:\n  spam: {review: 0.25}\n"


def made(place):
    signals = (Signal("text.one", "1", Label.SPAM, place % 4 / 4),)
    verdict = evaluate(signals, parse_policy(BEFORE))
    return dataclasses.replace(decision(id=f"dec_{place:032x}"), verdict=verdict, signals=signals)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_backtest_reads_every_decision_once(store, url, monkeypatch, processes):
    monkeypatch.setattr(module, "PART", 7)
    monkeypatch.setattr(module, "PAGE", 3)
    store.decisions.record([DecisionRecord(made(place), "", "test") for place in range(40)])
    found = backtest(url, BEFORE, AFTER, since=made(0).created_at, processes=processes)
    assert found.moves == {
        (Action.ALLOW, Action.ALLOW): 10,
        (Action.ALLOW, Action.REVIEW): 10,
        (Action.REVIEW, Action.REVIEW): 20,
    }

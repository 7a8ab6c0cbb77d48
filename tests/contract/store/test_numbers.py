import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from evenhand.core.case import Role
from evenhand.core.decision import Action, RuleHit
from evenhand.core.taxonomy import Label
from evenhand.store import numbers as module
from evenhand.store.cases import Claimant
from evenhand.store.numbers import ActedRow, Period, RulingRow
from evenhand.store.review_tables import appeals
from evenhand.store.rulings import NewRuling
from rule_hits import appeal
from samples import NOON, record

EVER = Period(NOON - timedelta(days=99), NOON + timedelta(days=99))
BLOCK, ALLOW = NewRuling(Action.BLOCK, "spam"), NewRuling(Action.ALLOW, "quoted")
HIT = RuleHit("spam.review", Action.REVIEW, Label.SPAM, "text.links", 0.9, 0.8)
DAY = NOON.date()


def hit(*, action=Action.REVIEW, at=NOON, scores=None):
    made = record(action=action, at=at, body="words")
    verdict = dataclasses.replace(made.decision.verdict, rules=(HIT,), scores=scores or {Label.SPAM: 0.9})
    return dataclasses.replace(made, decision=dataclasses.replace(made.decision, verdict=verdict))


def rule(store, ruling, *, reviewer=1, seconds=30, now=NOON):
    case = store.cases.claim(Claimant(reviewer), queue="default", now=now)
    store.rulings.rule(case.id, reviewer, ruling, now + timedelta(seconds=seconds))
    return case.decision_id


def test_an_empty_store_has_no_numbers(store):
    numbers = store.numbers
    assert numbers.median_seconds() is None
    assert (numbers.volume(EVER), numbers.alone(EVER), numbers.rulings(EVER)) == ([], {}, [])
    assert (list(numbers.acted(EVER)), list(numbers.sampled_scores(EVER, 9))) == ([], [])
    assert (numbers.exposures(EVER), numbers.appeals(EVER), numbers.names()) == ([], {}, {})


@pytest.mark.parametrize(("seconds", "median"), [([7], 7), ([9, 1, 4], 4), ([9, 1, 4, 6], 4)])
def test_the_median_is_the_one_in_the_middle(store, seconds, median):
    store.decisions.record([hit() for _ in seconds])
    for each in seconds:
        rule(store, BLOCK, seconds=each)
    assert store.numbers.median_seconds() == median


def test_what_took_no_time_or_was_no_reviewers_does_not_count_for_the_median(store):
    store.decisions.record([hit(), hit()])
    decision_id = rule(store, BLOCK, seconds=0)
    store.rulings.undo([decision_id], None, "", NOON)
    assert store.numbers.median_seconds() is None
    rule(store, BLOCK, seconds=5)
    assert store.numbers.median_seconds() == 5


def test_volume_is_by_day_in_utc_and_action(store):
    late = NOON.replace(hour=23, minute=59)
    store.decisions.record([hit(), hit(at=late), record(at=late), hit(at=late + timedelta(minutes=1))])
    assert store.numbers.volume(EVER) == [
        (DAY, Action.ALLOW, 1),
        (DAY, Action.REVIEW, 2),
        (DAY + timedelta(days=1), Action.REVIEW, 1),
    ]
    assert store.numbers.volume(Period(NOON, late)) == [(DAY, Action.REVIEW, 1)]


def test_what_nobody_ruled_on_was_decided_alone(store):
    store.decisions.record([hit(), hit(), hit(action=Action.BLOCK)])
    rule(store, ALLOW)
    assert store.numbers.alone(EVER) == {Action.REVIEW: 1, Action.BLOCK: 1}


def test_rulings_come_with_what_stood_and_what_is_right(store):
    store.decisions.record([hit()])
    decision_id = rule(store, BLOCK)
    store.rulings.undo([decision_id], None, "", NOON + timedelta(minutes=1))
    store.golden.add(decision_id, action=Action.ALLOW, reason="quoted", reviewer_id=9, now=NOON)
    golden = store.golden.open_for(2, "default", NOON + timedelta(minutes=2))
    claimed = store.cases.claim_one(Claimant(2), golden.id, now=NOON + timedelta(minutes=2))
    store.rulings.rule(claimed.id, 2, BLOCK, NOON + timedelta(minutes=3))
    first, undo, last = store.numbers.rulings(EVER)
    assert first == RulingRow(DAY, decision_id, 1, "review", Action.BLOCK, "spam", Action.REVIEW, None)
    assert (undo.reviewer_id, undo.kind, undo.action, undo.before) == (None, "undo", Action.REVIEW, Action.BLOCK)
    assert (last.reviewer_id, last.kind, last.action, last.golden) == (2, "golden", Action.BLOCK, Action.ALLOW)
    assert store.numbers.rulings(Period(NOON + timedelta(hours=1), EVER.until)) == []


def test_what_was_not_to_allow_comes_with_its_rules_and_what_was_ruled(store, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    store.decisions.record([hit(), hit(action=Action.BLOCK), record(), hit(action=Action.BLOCK)])
    rule(store, ALLOW)
    found = sorted(store.numbers.acted(EVER), key=lambda row: row.action)
    assert found == [
        ActedRow(Action.BLOCK, None, (HIT,)),
        ActedRow(Action.BLOCK, None, (HIT,)),
        ActedRow(Action.REVIEW, Action.ALLOW, (HIT,)),
    ]
    assert list(store.numbers.acted(Period(NOON + timedelta(days=1), EVER.until))) == []


@pytest.mark.parametrize(("most", "sampled"), [(100, 20), (20, 20), (10, 10), (7, 6), (1, 1)])
def test_scores_are_sampled_evenly(store, most, sampled, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 4)
    store.decisions.record([hit(at=NOON + timedelta(hours=hour)) for hour in range(20)])
    found = list(store.numbers.sampled_scores(EVER, most))
    assert len(found) == sampled
    assert {day for day, _ in found} <= {DAY, DAY + timedelta(days=1)}
    assert all(scores == {Label.SPAM: 0.9} for _, scores in found)


def test_exposures_are_added_up_over_the_days(store):
    store.decisions.record([hit(), hit(), hit(at=NOON + timedelta(days=1))])
    for _ in range(2):
        rule(store, BLOCK)
    rule(store, BLOCK, reviewer=2, now=NOON + timedelta(days=1))
    assert store.numbers.exposures(EVER) == [(1, 0, 2), (2, 0, 1)]
    assert store.numbers.exposures(Period(NOON + timedelta(days=1), EVER.until)) == [(2, 0, 1)]


def test_appeals_are_counted_by_status(store, engine):
    store.decisions.record([made := record()])
    with engine.begin() as connection:
        for number, status in enumerate(("open", "reversed", "reversed")):
            connection.execute(insert(appeals), appeal(f"app_{number}", made.decision.id, status))
    assert store.numbers.appeals(EVER) == {"open": 1, "reversed": 2}
    assert store.numbers.appeals(Period(EVER.since, NOON - timedelta(days=1))) == {}


def test_reviewers_have_names(store):
    made = store.reviewers.create("ann", Role.LEAD, "hash")
    assert store.numbers.names() == {made.id: "ann"}


def test_days_are_dates(store):
    store.decisions.record([record()])
    ((day, _, _),) = store.numbers.volume(EVER)
    assert type(day) is date

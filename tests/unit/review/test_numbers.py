from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.case import Role
from evenhand.core.decision import Action
from evenhand.core.share import Share
from evenhand.core.taxonomy import Label
from evenhand.review.numbers import (
    Agreement,
    Drift,
    Exposure,
    Precision,
    Ruled,
    Volume,
    agreements,
    drift,
    kappa,
    numbers,
    overturned,
)
from evenhand.store.cases import Claimant
from evenhand.store.numbers import Period, RulingRow
from evenhand.store.rulings import NewRuling
from rule_hits import hit
from samples import NOON, keep

EVER = Period(NOON - timedelta(days=99), NOON + timedelta(days=99))
MONDAY = date(2026, 11, 23)
A, B = Action.ALLOW, Action.BLOCK


def said(decision_id, reviewer_id, action, *, before=Action.REVIEW, kind="review"):
    return RulingRow(MONDAY, decision_id, reviewer_id, kind, action, "", before, None)


def test_a_ruling_on_what_was_undecided_overturns_nothing():
    assert overturned([said("dec_1", 1, A), said("dec_2", 1, B)]) == Share(0, 0)


def test_a_ruling_that_says_the_other_of_what_stood_overturns_it():
    made = [
        said("dec_1", 1, A, before=B),
        said("dec_2", 1, B, before=B),
        said("dec_3", None, A, before=B, kind="undo"),
        said("dec_4", 1, A, before=B, kind="golden"),
        said("dec_5", 1, Action.REVIEW, before=B),
    ]
    assert overturned(made) == Share(2, 3)


def test_kappa_is_that_of_the_literature():
    """The usual example: of 50, 20 and 15 the same, 5 and 10 not; 0.7 observed, 0.5 by chance."""
    pairs = [(A, A)] * 20 + [(A, B)] * 5 + [(B, A)] * 10 + [(B, B)] * 15
    assert kappa(pairs) == pytest.approx(0.4)


def test_who_always_says_one_thing_agrees_by_chance_alone():
    assert kappa([(A, A)] * 9) is None
    assert kappa([(A, B)] * 9) == 0


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from([A, B])), min_size=1))
def test_kappa_is_the_same_both_ways_and_at_most_one(pairs):
    found = kappa(pairs)
    assert found == kappa([(second, first) for first, second in pairs])
    assert found is None or -1 <= found <= 1


def test_the_last_word_of_each_reviewer_counts_and_referrals_and_the_operator_do_not():
    made = [
        said("dec_1", 1, B),
        said("dec_1", 2, B),
        said("dec_1", 1, A),
        said("dec_2", 1, B),
        said("dec_2", 2, B, kind="golden"),
        said("dec_3", 1, Action.REVIEW),
        said("dec_3", 2, A),
        said("dec_4", 1, A),
        said("dec_4", None, B),
    ]
    assert agreements(made, {1: "ann"}) == (Agreement("ann", "reviewer 2", Share(1, 2), 0.0),)


def test_every_two_reviewers_are_compared():
    made = [said("dec_1", reviewer, A) for reviewer in (3, 1, 2)]
    assert [(each.first, each.second) for each in agreements(made, {1: "a", 2: "b", 3: "c"})] == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]


def test_scores_drift_by_week_and_label():
    sampled = [(MONDAY + timedelta(days=place % 7), {Label.SPAM: place / 100}) for place in range(100)]
    sampled.append((MONDAY + timedelta(days=7), {Label.SPAM: 1.0, Label.HATE: 0.5}))
    assert drift(sampled) == (
        Drift(MONDAY, Label.SPAM, 100, 0.5, 0.9, 0.99),
        Drift(MONDAY + timedelta(days=7), Label.HATE, 1, 0.5, 0.5, 0.5),
        Drift(MONDAY + timedelta(days=7), Label.SPAM, 1, 1.0, 1.0, 1.0),
    )


def test_all_of_it_is_from_the_store(store):
    ann = store.reviewers.create("ann", Role.REVIEWER, "hash")
    spam, both, failed = keep(store, hit("spam"), hit("spam", "hate"), hit(None))
    for action in (A, B, B):
        case = store.cases.claim(Claimant(ann.id), queue="default", now=NOON)
        reason = "quoted" if action is A else "spam"
        store.rulings.rule(case.id, ann.id, NewRuling(action, reason), NOON)
    keep(store, hit("hate"))
    store.golden.add(spam, action=B, reason="spam", reviewer_id=ann.id + 1, now=NOON)
    golden = store.golden.open_for(ann.id, "default", NOON)
    store.cases.claim_one(Claimant(ann.id), golden.id, now=NOON)
    store.rulings.rule(golden.id, ann.id, NewRuling(B, "spam"), NOON)
    found = numbers(store, EVER)
    assert found.period == EVER
    assert found.volume == (Volume(MONDAY, Action.REVIEW, 4),)
    assert [(queue.queue, queue.cases) for queue in found.queues] == [("default", 1)]
    assert found.rulings == (Ruled(MONDAY, "ann", 4),)
    assert found.overturned == Share(0, 0)
    ruled = {decision: store.rulings.stands(decision) for decision in (spam, both, failed)}
    assert sorted(ruled.values()) == [A, B, B]
    upheld = {"spam": Share(sum(ruled[each] is B for each in (spam, both)), 2), "hate": Share(int(ruled[both] is B), 1)}
    assert found.categories == tuple(Precision(name, upheld[name]) for name in ("hate", "spam"))
    assert found.rules == (
        Precision("hate.review", upheld["hate"]),
        Precision("on_failure", Share(int(ruled[failed] is B), 1)),
        Precision("spam.review", upheld["spam"]),
    )
    assert {(each.label, each.decisions) for each in found.drift} == {(Label.SPAM, 2), (Label.HATE, 2)}
    assert sum(each.cases for each in found.exposures) == 4
    assert {type(each) for each in found.exposures} == {Exposure}
    assert found.agreements == ()
    assert found.golden == (Precision("ann", Share(1, 1)),)

from datetime import timedelta

import pytest

from databases import store_in
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError, TooLargeError
from evenhand.core.taxonomy import Label
from evenhand.review import undo
from evenhand.review.undo import Undo, UndoPlan
from samples import NOON, keep, record, to_review

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


def test_one_decision_is_shown_and_then_taken_back(store):
    (decision_id,) = keep(store, record(action=Action.BLOCK))
    plan = Undo(store).of_one(decision_id)
    assert plan == UndoPlan([decision_id], {Action.BLOCK: 1})
    assert store.rulings.stands(decision_id) is Action.BLOCK, "only shown"
    assert Undo(store).carry_out(plan, reviewer_id=3, note="a mistake", now=NOON) == 1
    assert store.rulings.stands(decision_id) is Action.ALLOW
    assert Undo(store).of_one(decision_id) == UndoPlan([], {})
    assert Undo(store).carry_out(plan, reviewer_id=3, note="again", now=NOON) == 0


def test_what_is_not_there_cannot_be_taken_back(store):
    with pytest.raises(NotFoundError) as caught:
        Undo(store).of_one("dec_0")
    assert caught.value.code == "decision.not_found"


def test_all_of_a_rule_is_taken_back_in_parts(store, monkeypatch):
    monkeypatch.setattr(undo, "_BATCH", 2)
    ids = keep(store, *(to_review(Label.HATE) for _ in range(5)))
    other, newer = keep(store, to_review(Label.SPAM), to_review(Label.HATE, at=NOON + DAY))
    plan = Undo(store).of_rule("hate.review", since=NOON - DAY, until=NOON)
    assert (sorted(plan.decision_ids), plan.standing) == (sorted(ids), {Action.REVIEW: 5})
    assert Undo(store).carry_out(plan, reviewer_id=None, note="", now=NOON) == 5
    assert {store.rulings.stands(decision_id) for decision_id in ids} == {Action.ALLOW}
    assert store.rulings.stands(other) is store.rulings.stands(newer) is Action.REVIEW
    assert store.audit.verify().faults == ()


def test_too_many_at_once_are_refused(store, monkeypatch):
    monkeypatch.setattr(undo, "MOST_AT_ONCE", 1)
    keep(store, to_review(Label.HATE), to_review(Label.HATE))
    with pytest.raises(TooLargeError) as caught:
        Undo(store).of_rule("hate.review", since=NOON - DAY, until=NOON)
    assert caught.value.code == "undo.too_many"

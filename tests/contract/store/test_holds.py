from datetime import timedelta

import pytest

from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.store.cases import Claimant
from evenhand.store.holds import Hold
from evenhand.store.rulings import NewRuling
from samples import NOON, keep, record, to_review

LATER = NOON + timedelta(days=400)


def enforce(store):
    return store.enforce_retention(LATER, content_days=30, decision_days=365, feedback_days=None)


def test_what_is_held_outlives_its_retention(store):
    held, other = keep(store, to_review(body="evidence"), record(body="other"))
    case = store.cases.claim(Claimant(1), queue="default", now=NOON)
    store.rulings.rule(case.id, 1, NewRuling(Action.BLOCK, "hate", "it says evidence"), NOON)
    store.holds.place(held, actor="system", reason="court order 7", now=NOON)
    report = enforce(store)
    assert (report.contents, report.decisions, report.notes) == (1, 1, 0)
    assert store.contents.get(held).body == "evidence"
    assert store.rulings.of_decision(held)[0].note == "it says evidence"
    with pytest.raises(NotFoundError):
        store.decisions.get(other)


def test_notes_of_rulings_go_with_the_content(store):
    (decision_id,) = keep(store, to_review(body="words"))
    case = store.cases.claim(Claimant(1), queue="default", now=NOON)
    store.rulings.rule(case.id, 1, NewRuling(Action.BLOCK, "hate", "it says words"), NOON)
    report = store.enforce_retention(NOON + timedelta(days=31), content_days=30, decision_days=None, feedback_days=None)
    assert (report.contents, report.notes) == (1, 1)
    assert store.rulings.of_decision(decision_id)[0].note == ""


def test_messages_of_closed_appeals_go_with_the_content_and_those_of_open_ones_stay(store):
    closed, still_open = keep(store, record(action=Action.BLOCK), record(action=Action.BLOCK))
    first, _ = store.appeals.open(closed, "I quoted it.", NOON, key_id="k" * 12)
    second, _ = store.appeals.open(still_open, "Me too.", NOON, key_id="k" * 12)
    store.rulings.undo([closed], None, "", NOON)
    report = store.enforce_retention(NOON + timedelta(days=31), content_days=30, decision_days=None, feedback_days=None)
    assert report.notes == 1
    assert store.appeals.get(first.id).messages[0].body == ""
    assert store.appeals.get(second.id).messages[0].body == "Me too."


def test_a_hold_can_be_lifted_and_then_retention_goes_on(store):
    (held,) = keep(store, record(body="evidence"))
    store.holds.place(held, actor="reviewer:1", reason="asked by the police", now=NOON)
    store.holds.place(held, actor="reviewer:2", reason="court order 7", now=NOON)
    assert store.holds.list() == [Hold(held, NOON, "reviewer:2", "court order 7")]
    store.holds.lift(held, actor="reviewer:2", now=NOON)
    assert store.holds.list() == []
    assert enforce(store).decisions == 1
    acts = [row.act for row in store.audit.list() if row.subject == held]
    assert acts == ["decision.made", "hold.placed", "hold.placed", "hold.lifted"]
    assert store.audit.verify().faults == ()


@pytest.mark.parametrize(("act", "code"), [("place", "decision.not_found"), ("lift", "hold.not_found")])
def test_what_is_not_there_cannot_be_held(store, act, code):
    options = {"reason": "why"} if act == "place" else {}
    with pytest.raises(NotFoundError) as caught:
        getattr(store.holds, act)("dec_0", actor="system", now=NOON, **options)
    assert caught.value.code == code

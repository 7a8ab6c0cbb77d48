from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from evenhand.core.alert import EventKind, Webhook
from evenhand.core.case import LEASE, CaseKind, CaseStatus
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError, StoreError
from evenhand.core.taxonomy import Label
from evenhand.store import rulings
from evenhand.store.cases import Claimant
from evenhand.store.golden import GoldenAnswer
from evenhand.store.rulings import TAKEN_BACK, Alike, NewRuling
from samples import NOON, keep, record, to_review

BLOCK = NewRuling(Action.BLOCK, "harassment", "a clear insult")
ALLOW = NewRuling(Action.ALLOW, "quoted")
ANN, BEN = Claimant(1), Claimant(2)
LEAD = Claimant(3, takes_escalations=True)


@pytest.fixture
def events(store, engine):
    """Return what webhooks are told."""
    store.webhooks.create(name="all", url="https://example.org/")

    def told():
        import json

        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT kind, key_id, document FROM events ORDER BY id").all()
        return [(row.kind, row.key_id, json.loads(row.document)) for row in rows if row.kind != "decision.made"]

    return told


def rule(store, ruling, who=ANN, now=NOON, queue="default"):
    case = store.cases.claim(who, queue=queue, now=now)
    return store.rulings.rule(case.id, who.reviewer_id, ruling, now)


def stands(engine, decision_id):
    with engine.connect() as connection:
        query = f"SELECT ruled_action FROM decisions WHERE id = '{decision_id}'"
        return connection.exec_driver_sql(query).scalar_one()


def test_a_ruling_closes_the_case_and_stands(store, engine):
    (decision_id,) = keep(store, to_review(body="words"))
    case = store.cases.claim(ANN, queue="default", now=NOON)
    (made,) = store.rulings.rule(case.id, 1, BLOCK, NOON + timedelta(seconds=42))
    assert store.rulings.of_decision(decision_id) == [made]
    assert (made.action, made.reason, made.note) == (Action.BLOCK, "harassment", "a clear insult")
    assert (made.before, made.seconds, made.kind, made.reviewer_id) == (Action.REVIEW, 42, "review", 1)
    assert stands(engine, decision_id) == "block"
    assert store.cases.get(case.id).status is CaseStatus.CLOSED
    assert store.cases.claim(BEN, queue="default", now=NOON + 2 * LEASE) is None
    assert store.rulings.count_by(1) == 1


def test_a_ruling_is_in_the_audit_without_the_note(store):
    keep(store, to_review())
    (made,) = rule(store, BLOCK)
    row = store.audit.list()[-1]
    assert (row.actor, row.act, row.subject) == ("reviewer:1", "ruling.made", made.id)
    assert row.details["reason"] == "harassment"
    assert "clear insult" not in str(row)
    assert store.audit.verify().faults == ()


def test_webhooks_of_the_key_are_told(store, events):
    keep(store, to_review(content_id="post-1", key_id="k" * 12))
    (made,) = rule(store, ALLOW)
    ((kind, key_id, document),) = events()
    assert (kind, key_id) == (EventKind.RULING_MADE, "k" * 12)
    assert (document["decision_id"], document["content_id"]) == (made.decision_id, "post-1")
    assert (document["action"], document["before"], document["reversed"]) == ("allow", "review", False)


def test_who_lost_the_case_to_another_is_told_and_nothing_is_kept(store):
    (decision_id,) = keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)
    later = NOON + LEASE + timedelta(seconds=1)
    store.cases.claim(BEN, queue="default", now=later)
    with pytest.raises(InputError) as caught:
        store.rulings.rule(case.id, 1, BLOCK, later)
    assert caught.value.code == "case.not_yours"
    assert store.rulings.of_decision(decision_id) == []


def test_a_late_ruling_counts_if_nobody_took_the_case(store):
    keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)
    assert store.rulings.rule(case.id, 1, BLOCK, NOON + 2 * LEASE)


def test_a_case_is_ruled_on_once(store):
    keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)

    def attempt(_):
        try:
            return len(store.rulings.rule(case.id, 1, BLOCK, NOON))
        except (InputError, StoreError):
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    assert store.rulings.count_by(1) == 1


def test_a_second_reviewer_who_agrees_settles_it(store, engine, events):
    (decision_id,) = keep(store, to_review())
    refer = NewRuling(Action.BLOCK, "hate", refer=CaseKind.SECOND_REVIEW)
    rule(store, refer)
    assert (stands(engine, decision_id), events()) == (None, [])
    assert store.cases.claim(ANN, queue="default", now=NOON) is None, "not the same person again"
    rule(store, BLOCK, BEN)
    assert stands(engine, decision_id) == "block"
    assert [kind for kind, *_ in events()] == ["ruling.made"]
    assert store.cases.claim(LEAD, queue="default", now=NOON) is None


def test_two_who_disagree_bring_it_to_a_lead(store, engine):
    (decision_id,) = keep(store, to_review())
    rule(store, NewRuling(Action.BLOCK, "hate", refer=CaseKind.SECOND_REVIEW))
    rule(store, ALLOW, BEN)
    assert stands(engine, decision_id) is None
    assert store.cases.claim(Claimant(4), queue="default", now=NOON) is None, "not a lead"
    rule(store, BLOCK, LEAD)
    assert stands(engine, decision_id) == "block"
    assert [made.kind for made in store.rulings.of_decision(decision_id)] == ["review", "second_review", "escalation"]


def test_a_case_can_be_escalated_without_saying_what_is_right(store, engine):
    (decision_id,) = keep(store, to_review())
    rule(store, NewRuling(Action.REVIEW, "", refer=CaseKind.ESCALATION))
    assert stands(engine, decision_id) is None
    assert store.cases.claim(LEAD, queue="default", now=NOON).kind is CaseKind.ESCALATION


def test_who_only_asks_for_another_reviewer_does_not_disagree(store, engine):
    (decision_id,) = keep(store, to_review())
    rule(store, NewRuling(Action.REVIEW, "", refer=CaseKind.SECOND_REVIEW))
    rule(store, ALLOW, BEN)
    assert stands(engine, decision_id) == "allow"


@pytest.mark.parametrize(("alike", "closed"), [(Alike.NONE, 1), (Alike.TEXT, 2), (Alike.AUTHOR, 3)])
def test_one_ruling_can_close_what_is_alike(store, alike, closed):
    keep(
        store,
        to_review(body="same", author_id="u1", priority=1),
        to_review(body="same", author_id="u2"),
        to_review(body="b", author_id="u1"),
        to_review(body="c", author_id="u1"),
    )
    made = rule(store, NewRuling(Action.BLOCK, "spam", alike=alike))
    assert len(made) == closed
    assert len({ruling.decision_id for ruling in made}) == closed
    assert store.cases.queues()[0].cases == 4 - closed if closed < 4 else store.cases.queues() == []


def test_what_somebody_else_has_is_not_closed_with_it(store):
    keep(store, to_review(body="same", priority=1), to_review(body="same"))
    case = store.cases.claim(ANN, queue="default", now=NOON)
    store.cases.claim(BEN, queue="default", now=NOON)
    assert len(store.rulings.rule(case.id, 1, NewRuling(Action.BLOCK, "spam", alike=Alike.TEXT), NOON)) == 1


def test_nothing_is_like_a_case_without_text(store):
    keep(store, to_review(priority=1), to_review())
    assert len(rule(store, NewRuling(Action.BLOCK, "spam", alike=Alike.TEXT))) == 1


def test_a_golden_case_looks_like_another_and_changes_nothing(store, engine, events):
    (decision_id,) = keep(store, to_review(Label.HATE, body="words"))
    rule(store, BLOCK, LEAD)
    store.golden.add(decision_id, action=Action.BLOCK, reason="harassment", reviewer_id=3, now=NOON)
    told = events()
    assert store.golden.open_for(3, "default", NOON) is None, "not for whoever says what is right"
    case = store.golden.open_for(1, "default", NOON)
    assert (case.kind, case.queue, case.severity) == (CaseKind.GOLDEN, "default", 1)
    assert store.cases.claim(BEN, queue="default", now=NOON) is None, "for nobody else"
    assert store.cases.queues() == []
    assert rule(store, ALLOW)[0].case_id == case.id
    assert (stands(engine, decision_id), events()) == ("block", told)
    assert store.golden.open_for(1, "default", NOON) is None, "each only once"
    store.golden.add(decision_id, action=Action.ALLOW, reason="quoted", reviewer_id=1, now=NOON)
    assert store.golden.open_for(2, "default", NOON).decision_id == decision_id


@pytest.mark.parametrize("refer", [CaseKind.SECOND_REVIEW, CaseKind.ESCALATION])
def test_a_golden_case_goes_on_to_nobody(store, engine, refer):
    (decision_id,) = keep(store, to_review(Label.HATE, body="words"))
    rule(store, BLOCK, LEAD)
    store.golden.add(decision_id, action=Action.BLOCK, reason="harassment", reviewer_id=3, now=NOON)
    golden = store.golden.open_for(1, "default", NOON)
    store.cases.claim_one(ANN, golden.id, now=NOON)
    (made,) = store.rulings.rule(golden.id, 1, NewRuling(Action.REVIEW, "", refer=refer), NOON)
    assert (made.kind, made.action) == ("golden", Action.REVIEW)
    assert (store.cases.queues(), stands(engine, decision_id)) == ([], "block")


def test_golden_cases_are_listed_with_who_ruled_how_until_they_are_retired(store):
    first, second = keep(store, *(to_review(Label.HATE, body=body) for body in ("one", "two")))
    rule(store, BLOCK, LEAD)
    for decision_id, later in ((first, 0), (second, 1)):
        made = NOON + timedelta(hours=later)
        store.golden.add(decision_id, action=Action.BLOCK, reason="harassment", reviewer_id=3, now=made)
    golden = store.golden.open_for(1, "default", NOON)
    store.cases.claim_one(ANN, golden.id, now=NOON)
    store.rulings.rule(golden.id, 1, ALLOW, NOON)
    newest, oldest = store.golden.list(limit=10)
    assert (newest.decision_id, newest.answers) == (second, ())
    assert (oldest.decision_id, oldest.action, oldest.reason, oldest.reviewer_id) == (first, "block", "harassment", 3)
    assert oldest.answers == (GoldenAnswer(NOON, 1, Action.ALLOW, "quoted"),)
    assert store.cases.get(oldest.case_id).kind is CaseKind.REVIEW
    assert [each.decision_id for each in store.golden.list(limit=1)] == [second]

    store.golden.retire(first, reviewer_id=3, now=NOON)
    assert [each.decision_id for each in store.golden.list(limit=10)] == [second]
    row = store.audit.list()[-1]
    assert (row.act, row.subject, row.actor) == ("golden_case.retired", first, "reviewer:3")
    assert store.golden.open_for(2, "default", NOON).decision_id == second, "the other one, and then no more"
    assert store.golden.open_for(2, "default", NOON) is None


def test_what_is_no_golden_case_cannot_be_retired(store):
    before = store.audit.list()
    with pytest.raises(NotFoundError) as caught:
        store.golden.retire("dec_0", reviewer_id=3, now=NOON)
    assert (caught.value.code, store.audit.list()) == ("golden_case.not_found", before)
    assert store.golden.list(limit=10) == []


def test_what_cannot_be_shown_cannot_be_golden(store):
    (decision_id,) = keep(store, to_review())
    with pytest.raises(NotFoundError) as caught:
        store.golden.add(decision_id, action=Action.BLOCK, reason="hate", reviewer_id=3, now=NOON)
    assert caught.value.code == "content.not_found"


def test_undoing_a_policy_s_block_allows_and_tells(store, engine, events):
    (decision_id,) = keep(store, record(action=Action.BLOCK))
    (made,) = store.rulings.undo([decision_id, "dec_0"], None, "a bad rule", NOON)
    assert (made.kind, made.action, made.before, made.reviewer_id) == ("undo", Action.ALLOW, Action.BLOCK, None)
    assert stands(engine, decision_id) == "allow"
    assert events()[-1][2]["reversed"] is True
    assert store.audit.list()[-1].actor == "system"
    assert store.rulings.undo([decision_id], None, "", NOON) == []


def test_undoing_a_ruling_brings_back_what_stood_and_a_case(store, engine):
    (decision_id,) = keep(store, to_review())
    rule(store, BLOCK)
    (made,) = store.rulings.undo([decision_id], 3, "", NOON)
    assert (made.action, stands(engine, decision_id)) == (Action.REVIEW, "review")
    assert store.cases.claim(BEN, queue="default", now=NOON).decision_id == decision_id


def test_undoing_what_waits_allows_it_and_closes_its_case(store, engine):
    (decision_id,) = keep(store, to_review())
    store.rulings.undo([decision_id], 3, "", NOON)
    assert stands(engine, decision_id) == "allow"
    assert store.cases.claim(BEN, queue="default", now=NOON) is None


def test_an_undo_answers_the_appeal_that_waits(store, events):
    (decision_id,) = keep(store, record(action=Action.BLOCK))
    appeal, _ = store.appeals.open(decision_id, "I quoted it.", NOON, key_id="k" * 12)
    store.rulings.undo([decision_id], None, "", NOON)
    closed = store.appeals.get(appeal.id)
    assert (closed.status.value, closed.outcome) == ("reversed", TAKEN_BACK)
    assert store.cases.get(appeal.case_id).status is CaseStatus.CLOSED
    assert {kind for kind, *_ in events()} == {"appeal.opened", "appeal.closed", "ruling.made"}


@pytest.mark.parametrize("fails", ["write_events", "write_audit"])
def test_a_ruling_is_kept_with_its_audit_and_its_event_or_not_at_all(store, events, monkeypatch, fails):
    (decision_id,) = keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)

    def fail(*_):
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr(rulings, fails, fail)
        with pytest.raises(RuntimeError):
            store.rulings.rule(case.id, 1, BLOCK, NOON)
    assert (store.rulings.of_decision(decision_id), events()) == ([], [])
    assert store.audit.list()[-1].act == "case.viewed"
    store.rulings.rule(case.id, 1, BLOCK, NOON)
    assert [kind for kind, *_ in events()] == ["ruling.made"]


def test_decisions_that_a_rule_set_off_are_found_as_they_stand(store):
    old = to_review(Label.HATE, at=NOON - timedelta(days=2))
    hate, harassment, ruled = to_review(Label.HATE), to_review(Label.HARASSMENT), to_review(Label.HATE, priority=1)
    keep(store, old, hate, harassment, ruled)
    rule(store, ALLOW)
    found = store.rulings.set_off_by("hate.review", since=NOON - timedelta(days=1), until=NOON, limit=10)
    assert found == [(hate.decision.id, Action.REVIEW)]
    assert store.rulings.stands(hate.decision.id) is Action.REVIEW
    assert store.rulings.stands(ruled.decision.id) is Action.ALLOW
    assert store.rulings.stands("dec_0") is None
    assert store.rulings.set_off_by("ha%", since=NOON - timedelta(days=9), until=NOON, limit=10) == []


def test_a_webhook_that_wants_blocks_only_is_told_of_those(store):
    webhook = Webhook(1, "x", "https://example.org/", frozenset({"ruling.made"}), frozenset({"block"}), "", True, NOON)
    assert webhook.wants(EventKind.RULING_MADE, action=Action.BLOCK, key_id="")
    assert not webhook.wants(EventKind.RULING_MADE, action=Action.ALLOW, key_id="")

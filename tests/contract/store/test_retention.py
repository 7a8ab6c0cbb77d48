import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.errors import NotFoundError
from evenhand.store import retention
from evenhand.store.records import RetentionReport
from evenhand.store.webhooks import OVERLAP
from samples import NOON, feedback, record

NOTHING = RetentionReport(contents=0, comments=0, feedback=0, decisions=0)


def enforce(store, *, contents=None, decisions=None, feedback_rows=None, events=None, now=NOON):
    return store.enforce_retention(
        now, content_days=contents, decision_days=decisions, feedback_days=feedback_rows, event_days=events
    )


def days_ago(days, **options):
    return record(at=NOON - timedelta(days=days), **options)


def is_there(get, decision_id):
    try:
        get(decision_id)
    except NotFoundError:
        return False
    return True


def counts(store):
    return [row.details for row in store.audit.list(limit=1000) if row.act == "retention.enforced"]


def test_bodies_go_after_their_days_and_decisions_stay(store):
    old, young = days_ago(31, body="old"), days_ago(29, body="young")
    store.decisions.record([old, young])
    assert enforce(store, contents=30) == dataclasses.replace(NOTHING, contents=1)
    assert not is_there(store.contents.get, old.decision.id)
    assert is_there(store.contents.get, young.decision.id)
    assert is_there(store.decisions.get, old.decision.id)


def test_a_decision_takes_its_body_with_it(store):
    old, young = days_ago(31, body="old"), days_ago(29, body="young")
    store.decisions.record([old, young])
    assert enforce(store, decisions=30) == dataclasses.replace(NOTHING, contents=1, decisions=1)
    assert not is_there(store.decisions.get, old.decision.id)
    assert not is_there(store.contents.get, old.decision.id)
    assert is_there(store.contents.get, young.decision.id)


def test_feedback_goes_after_its_days(store):
    old, young = feedback(created_at=NOON - timedelta(days=31)), feedback(created_at=NOON - timedelta(days=29))
    store.feedback.record(old)
    store.feedback.record(young)
    assert enforce(store, feedback_rows=30) == dataclasses.replace(NOTHING, feedback=1)
    assert store.feedback.list() == [young]


def test_comments_are_content_and_go_before_their_scores(store):
    old = feedback(created_at=NOON - timedelta(days=31), context={"entries": [{"text": "before"}]})
    young = feedback(created_at=NOON - timedelta(days=29), context={"entries": []})
    store.feedback.record(old)
    store.feedback.record(young)
    assert enforce(store, contents=30, feedback_rows=60) == dataclasses.replace(NOTHING, comments=1)
    listed = {item.id: item for item in store.feedback.list()}
    assert listed == {old.id: dataclasses.replace(old, comment="", context=None), young.id: young}
    assert enforce(store, contents=30, feedback_rows=60) == NOTHING


def test_an_event_takes_its_deliveries_with_it(store, engine):
    webhook, _ = store.webhooks.create(name="hook", url="https://receiver.example/")
    store.decisions.record([record(), record()])
    first, second = store.deliveries.list(webhook.id)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE events SET created_at = '2026-10-01 00:00:00.000000+00' WHERE id = '{first.event.id}'"
        )
    now = max(datetime.now(UTC), NOON) + timedelta(days=1)
    days = (now - datetime(2026, 10, 2, tzinfo=UTC)).days
    assert enforce(store, events=days, now=now) == dataclasses.replace(NOTHING, events=1)
    assert store.deliveries.list(webhook.id) == [second]
    assert enforce(store, now=now + timedelta(days=10_000)) == NOTHING


def test_a_secret_goes_as_soon_as_it_has_expired(store, engine):
    store.webhooks.create(name="hook", url="https://receiver.example/")
    store.webhooks.rotate("hook", NOON)
    with engine.connect() as connection:
        for now, left in ((NOON + OVERLAP - timedelta(seconds=1), 2), (NOON + OVERLAP, 1)):
            enforce(store, now=now)
            assert connection.exec_driver_sql("SELECT count(*) FROM webhook_secrets").scalar_one() == left
            connection.rollback()


def test_none_keeps_for_ever(store):
    old = days_ago(10_000, body="old")
    store.decisions.record([old])
    store.feedback.record(feedback(created_at=NOON - timedelta(days=10_000)))
    assert enforce(store) == NOTHING
    assert is_there(store.contents.get, old.decision.id)
    assert counts(store) == []


def test_days_before_the_calendar_keep_for_ever(store):
    store.decisions.record([days_ago(10_000)])
    assert enforce(store, decisions=10**9) == NOTHING


def test_audit_rows_stay_and_one_more_tells_how_much_went(store):
    items = [days_ago(31, body="old") for _ in range(3)]
    store.decisions.record(items)
    enforce(store, contents=30, decisions=30)
    made = [row.subject for row in store.audit.list() if row.act == "decision.made"]
    assert made == [item.decision.id for item in items]
    others = dict.fromkeys(("notes", "comments", "feedback", "events", "jobs"), 0)
    assert counts(store) == [{"contents": 3, "decisions": 3, **others}]


@pytest.mark.parametrize("rows", [3, 4, 5])
def test_batch_after_batch_goes_each_with_its_audit_row(store, monkeypatch, rows):
    monkeypatch.setattr(retention, "_BATCH", 2)
    store.decisions.record([days_ago(31, body="old") for _ in range(rows)])
    for _ in range(rows):
        store.feedback.record(feedback(created_at=NOON - timedelta(days=31)))
    report = enforce(store, contents=30, decisions=30, feedback_rows=30)
    assert (report.contents, report.feedback, report.decisions) == (rows, rows, rows)
    assert sum(row["decisions"] for row in counts(store)) == rows
    assert max(row["decisions"] for row in counts(store)) == 2
    assert store.feedback.list() == []

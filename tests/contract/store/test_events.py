import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy import event as sqlalchemy_event

from evenhand.core.alert import EventKind
from evenhand.core.decision import Action, RuleHit, Verdict
from evenhand.core.errors import StoreError
from evenhand.core.taxonomy import Label
from evenhand.store.events import write_events
from evenhand.store.records import DecisionRecord, EventRecord
from samples import NOON, decision, record

DONE = EventRecord(EventKind.JOB_DONE, "job_1", "k" * 12, {"id": "job_1"})


def create(store, name="hook", **options):
    return store.webhooks.create(name=name, url="https://receiver.example/", **options)[0]


def subjects(store, webhook):
    return [item.subject for item in store.deliveries.list(webhook.id)]


def count(engine, table):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


def write(store, *records):
    with store._database.write() as connection:
        write_events(connection, records)


def test_a_decision_writes_one_event_that_says_what_was_decided_and_nothing_of_the_content(store):
    webhook = create(store)
    hits = (
        RuleHit("harassment.block", Action.BLOCK, Label.HARASSMENT, "text.a", 0.95, 0.9),
        RuleHit("harassment.review", Action.REVIEW, Label.HARASSMENT, "text.b", 0.6, 0.5),
        RuleHit("on_failure", Action.REVIEW),
    )
    verdict = Verdict(Action.BLOCK, hits, {Label.HARASSMENT: 0.95, Label.SPAM: 0.1}, is_degraded=True)
    made = dataclasses.replace(decision(content_id="post-7"), verdict=verdict)
    before = datetime.now(UTC)
    store.decisions.record([DecisionRecord(made, key_id="k" * 12, door="openai", body="SECRET", context=("SECRET",))])
    (delivery,) = store.deliveries.list(webhook.id)
    assert delivery.event.kind == EventKind.DECISION_MADE
    assert delivery.event.id.startswith("evt_")
    assert len(delivery.event.id) == 36
    assert before <= delivery.event.created_at <= datetime.now(UTC)
    assert delivery.subject == made.id
    assert delivery.event.data == {
        "id": made.id,
        "content_id": "post-7",
        "created_at": NOON.isoformat().replace("+00:00", "Z"),
        "action": "block",
        "labels": {"harassment": 0.95},
        "degraded": True,
        "policy": {"name": "default", "version": "0123456789ab"},
        "door": "openai",
    }


def test_an_event_is_written_once_with_a_delivery_for_each_webhook_that_wants_it(store, engine):
    key, _ = store.keys.create(name="k", scopes=frozenset(), requests_per_minute=1)
    every = create(store)
    jobs = create(store, "jobs", kinds=frozenset({EventKind.JOB_DONE}))
    strict = create(store, "strict", actions=frozenset({Action.REVIEW, Action.BLOCK}))
    keyed = create(store, "keyed", key_id=key.id)
    off = create(store, "off")
    store.webhooks.set_enabled("off", is_enabled=False)
    allowed, blocked = record(key_id=key.id), record(action=Action.BLOCK, key_id="")
    store.decisions.record([allowed, blocked])
    write(store, DONE)
    made = [blocked.decision.id, allowed.decision.id]
    assert sorted(subjects(store, every)) == sorted(["job_1", *made])
    assert subjects(store, jobs) == ["job_1"]
    assert sorted(subjects(store, strict)) == sorted(["job_1", blocked.decision.id])
    assert subjects(store, keyed) == [allowed.decision.id]
    assert subjects(store, off) == []
    assert (count(engine, "events"), count(engine, "deliveries")) == (3, 7)


def test_a_kind_that_a_newer_evenhand_knows_is_no_trouble(store, engine):
    webhook = create(store, kinds=frozenset({EventKind.JOB_DONE}))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks SET kinds = 'job.done,comet.seen', actions = 'blink'")
    store._database.subscribers.forget()
    store.decisions.record([record()])
    write(store, DONE)
    assert subjects(store, webhook) == ["job_1"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks SET kinds = 'comet.seen'")
    store._database.subscribers.forget()
    write(store, DONE)
    assert subjects(store, webhook) == ["job_1"]


def test_what_nobody_wants_is_not_written(store, engine):
    create(store, kinds=frozenset({EventKind.JOB_FAILED}))
    store.decisions.record([record()])
    write(store, DONE)
    write(store)
    assert count(engine, "events") == count(engine, "deliveries") == 0


def test_without_webhooks_records_are_not_looked_at_and_nothing_is_asked(store, engine):
    asked = []
    store.decisions.record([record()])
    sqlalchemy_event.listen(
        store._database._engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2])
    )
    store.decisions.record([record()])
    with store._database.write() as connection:
        write_events(connection, (1 / 0 for _ in range(1)))
    assert [statement for statement in asked if "webhooks" in statement] == []
    assert count(engine, "events") == 0


def test_what_another_process_changed_is_seen_within_seconds(store, engine, monkeypatch):
    time_now = [0.0]
    monkeypatch.setattr(store._database.subscribers, "_clock", lambda: time_now[0])
    webhook = create(store)
    store.decisions.record([record()])
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM webhook_secrets")
        connection.exec_driver_sql("DELETE FROM webhooks")
    time_now[0] = 1.9
    store.decisions.record([record()])  # the webhook is gone, and it is not known yet
    assert count(engine, "deliveries") == 2
    time_now[0] = 2.0
    store.decisions.record([record()])
    assert count(engine, "deliveries") == 2
    assert store.deliveries.ready(datetime.now(UTC)) == []
    assert webhook not in store.webhooks.list()


@pytest.mark.parametrize("table", ["events", "deliveries"])
def test_a_decision_whose_event_cannot_be_kept_is_not_kept(store, engine, table):
    create(store)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO away")
    with pytest.raises(StoreError):
        store.decisions.record([record(body="text")])
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE away RENAME TO {table}")
    assert [count(engine, name) for name in ("decisions", "contents", "events", "deliveries")] == [0, 0, 0, 0]


def test_an_event_of_what_was_rolled_back_is_not_there(store, engine):
    create(store)

    def fail():
        with store._database.write() as connection:
            write_events(connection, [DONE])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(engine, "events") == 0


def test_any_text_comes_back_in_a_document(store):
    webhook = create(store)
    document = {"id": "\0 \u2028 \U0001f600", "n": 0.1, "none": None}
    write(store, EventRecord(EventKind.JOB_DONE, "job\0", "", document))
    (delivery,) = store.deliveries.list(webhook.id)
    assert (delivery.event.data, delivery.subject) == (document, "job\ufffd")

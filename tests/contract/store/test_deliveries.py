import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.alert import Attempt, DeliveryStatus, EventKind
from evenhand.core.errors import NotFoundError
from evenhand.store import deliveries as deliveries_module
from evenhand.store.events import write_events
from evenhand.store.records import EventRecord

#: Later than any event that a test writes.
NOW = datetime.now(UTC) + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FAILED = Attempt(NOW, 12, 500, "url.status")
DELIVERED = Attempt(NOW, 7, 204, "")


@pytest.fixture
def webhook(store):
    return store.webhooks.create(name="hook", url="https://receiver.example/")[0]


@pytest.fixture
def other(store):
    return store.webhooks.create(name="other", url="https://other.example/")[0]


def write(store, *subjects):
    for subject in subjects:
        with store._database.write() as connection:
            write_events(connection, [EventRecord(EventKind.JOB_DONE, subject, "", {"id": subject})])


def claim(store, webhook, *, now=NOW, limit=10, lease=MINUTE):
    return store.deliveries.claim(webhook.id, now=now, until=now + lease, limit=limit)


def said(claimed):
    return [item.event.data["id"] for item in claimed]


def acts(store):
    return [row.details for row in store.audit.list(limit=1000) if row.act == "webhook.replayed"]


def test_a_due_delivery_is_claimed_with_all_that_is_needed(store, webhook, other):
    write(store, "a")
    (claimed,) = claim(store, webhook)
    assert (claimed.event.kind, claimed.event.data) == ("job.done", {"id": "a"})
    assert (claimed.webhook_id, claimed.attempts, claimed.log) == (webhook.id, 0, ())
    assert claimed.leased_until == NOW + MINUTE
    (stored,) = store.deliveries.list(webhook.id)
    assert (stored.event, stored.status, stored.attempts) == (claimed.event, DeliveryStatus.WAITING, 0)
    assert claim(store, other)[0].event == claimed.event


def test_webhooks_with_something_due_are_ready_unless_they_are_disabled(store, webhook, other):
    assert store.deliveries.ready(NOW) == []
    write(store, "a")
    assert store.deliveries.ready(NOW) == [webhook, other]
    assert store.deliveries.ready(NOW - timedelta(hours=2)) == []
    store.webhooks.set_enabled("hook", is_enabled=False)
    claim(store, other)
    assert store.deliveries.ready(NOW) == []
    store.webhooks.set_enabled("hook", is_enabled=True)
    assert store.deliveries.ready(NOW) == [webhook]


def test_what_is_claimed_is_nobody_else_s_until_the_claim_runs_out(store, webhook):
    write(store, "a")
    (first,) = claim(store, webhook)
    assert claim(store, webhook) == []
    assert store.deliveries.ready(NOW + MINUTE - timedelta(seconds=1)) == []
    later = NOW + MINUTE
    assert store.deliveries.ready(later) == [webhook]
    (second,) = claim(store, webhook, now=later)
    assert second.event == first.event
    assert not store.deliveries.finish(first, FAILED, status=DeliveryStatus.DEAD)
    assert store.deliveries.finish(second, DELIVERED, status=DeliveryStatus.DELIVERED)
    assert not store.deliveries.finish(second, FAILED, status=DeliveryStatus.DEAD)
    (stored,) = store.deliveries.list(webhook.id)
    assert (stored.status, stored.log) == (DeliveryStatus.DELIVERED, (DELIVERED,))


def test_no_more_are_claimed_than_asked_for_and_longest_due_first(store, webhook):
    write(store, *"abcde")
    early = claim(store, webhook, limit=2)
    for number, item in enumerate(early):
        store.deliveries.finish(
            item, FAILED, status=DeliveryStatus.WAITING, next_at=NOW + timedelta(seconds=10 - number)
        )
    rest = claim(store, webhook, limit=3)
    assert len({*said(early), *said(rest)}) == 5
    again = claim(store, webhook, now=NOW + timedelta(seconds=10), limit=1)
    assert said(again) == said(early)[1:]
    assert claim(store, webhook, limit=0) == []


def test_a_failed_attempt_is_remembered_and_the_next_waits_for_its_time(store, webhook, engine):
    write(store, "a")
    (claimed,) = claim(store, webhook)
    at = NOW + timedelta(seconds=5)
    assert store.deliveries.finish(claimed, FAILED, status=DeliveryStatus.WAITING, next_at=at)
    (stored,) = store.deliveries.list(webhook.id)
    assert (stored.status, stored.attempts, stored.next_at, stored.delivered_at) == ("waiting", 1, at, None)
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT last_status, last_error FROM deliveries").one()
    assert tuple(row) == (500, "url.status")
    assert claim(store, webhook, now=at - timedelta(seconds=1)) == []
    (again,) = claim(store, webhook, now=at)
    assert (again.attempts, again.log) == (1, (FAILED,))
    silent = Attempt(NOW, 10_000, None, "url.timeout")
    assert store.deliveries.finish(again, silent, status=DeliveryStatus.DEAD)
    (stored,) = store.deliveries.list(webhook.id)
    assert (stored.status, stored.attempts, stored.next_at, stored.log) == ("dead", 2, None, (FAILED, silent))
    assert store.deliveries.ready(NOW + timedelta(days=99)) == []


def test_what_was_delivered_says_when(store, webhook):
    write(store, "a")
    store.deliveries.finish(claim(store, webhook)[0], DELIVERED, status=DeliveryStatus.DELIVERED)
    (stored,) = store.deliveries.list(webhook.id)
    assert (stored.status, stored.delivered_at, stored.next_at) == ("delivered", NOW, None)


def test_deliveries_are_listed_by_webhook_and_status_and_counted(store, webhook, other):
    write(store, *"abc")
    for status in (DeliveryStatus.DEAD, DeliveryStatus.DELIVERED):
        store.deliveries.finish(claim(store, webhook, limit=1)[0], FAILED, status=status)
    listed = store.deliveries.list(webhook.id)
    assert [item.event.id for item in listed] == sorted((item.event.id for item in listed), reverse=True)
    assert len(store.deliveries.list(webhook.id, limit=2)) == 2
    (dead,) = store.deliveries.list(webhook.id, status=DeliveryStatus.DEAD)
    assert dead in listed
    assert store.deliveries.counts() == {
        webhook.id: dict.fromkeys(DeliveryStatus, 1),
        other.id: {DeliveryStatus.WAITING: 3},
    }


def test_dead_ones_are_replayed_with_the_same_events(store, webhook, other):
    write(store, *"ab")
    for target in (webhook, other):
        store.deliveries.finish(claim(store, target, limit=1)[0], FAILED, status=DeliveryStatus.DEAD)
    (dead,) = store.deliveries.list(webhook.id, status=DeliveryStatus.DEAD)
    assert store.deliveries.replay(webhook, NOW, status=DeliveryStatus.DEAD) == 1
    (again,) = [item for item in store.deliveries.list(webhook.id) if item.event == dead.event]
    assert (again.status, again.attempts, again.log, again.next_at) == ("waiting", 0, (FAILED,), NOW)
    assert len(store.deliveries.list(other.id, status=DeliveryStatus.DEAD)) == 1
    assert acts(store) == [{"deliveries": 1, "since": "", "status": "dead"}]


def test_all_since_a_time_are_replayed_also_those_under_way(store, webhook, engine):
    write(store, *"ab")
    old, young = sorted(store.deliveries.list(webhook.id), key=lambda item: item.subject)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE events SET created_at = '2026-10-01 00:00:00.000000+00' WHERE id = '{old.event.id}'"
        )
    held = {item.event.id: item for item in claim(store, webhook)}
    since = datetime(2026, 10, 2, tzinfo=UTC)
    assert store.deliveries.replay(webhook, NOW, since=since) == 1
    assert not store.deliveries.finish(held[young.event.id], DELIVERED, status=DeliveryStatus.DELIVERED)
    assert said(claim(store, webhook)) == ["b"]
    assert store.deliveries.replay(webhook, NOW, since=since - timedelta(days=1)) == 2
    assert acts(store)[0] == {"deliveries": 1, "since": since.isoformat(), "status": ""}


def test_one_event_is_replayed_also_to_a_webhook_that_was_never_told_of_it(store, webhook):
    write(store, "a")
    (claimed,) = claim(store, webhook)
    store.deliveries.finish(claimed, DELIVERED, status=DeliveryStatus.DELIVERED)
    late, _ = store.webhooks.create(name="late", url="https://late.example/")
    for target in (webhook, late):
        store.deliveries.replay_event(target, claimed.event.id, NOW)
        assert [item.event for item in claim(store, target)] == [claimed.event]
    assert acts(store) == [{"event_id": claimed.event.id}] * 2


def test_an_event_that_is_not_there_cannot_be_replayed(store, webhook):
    with pytest.raises(NotFoundError) as caught:
        store.deliveries.replay_event(webhook, "evt_0", NOW)
    assert caught.value.code == "event.not_found"
    assert acts(store) == []


def test_attempts_without_end_are_forgotten_oldest_first(store, webhook, monkeypatch):
    monkeypatch.setattr(deliveries_module, "_MOST_ATTEMPTS", 3)
    write(store, "a")
    for number in range(5):
        (claimed,) = claim(store, webhook)
        attempt = Attempt(NOW, number, 500, "url.status")
        store.deliveries.finish(claimed, attempt, status=DeliveryStatus.WAITING, next_at=NOW)
    (stored,) = store.deliveries.list(webhook.id)
    assert [attempt.milliseconds for attempt in stored.log] == [2, 3, 4]
    assert stored.attempts == 5


def test_several_who_claim_at_once_get_each_delivery_once(store, webhook):
    write(store, *map(str, range(40)))
    together = threading.Barrier(4)

    def work(_):
        got = []
        together.wait()
        while claimed := claim(store, webhook, limit=3):
            got += claimed
            for item in claimed:
                assert store.deliveries.finish(item, DELIVERED, status=DeliveryStatus.DELIVERED)
        return said(got)

    with ThreadPoolExecutor(4) as pool:
        got = [subject for part in pool.map(work, range(4)) for subject in part]
    assert sorted(got, key=int) == list(map(str, range(40)))

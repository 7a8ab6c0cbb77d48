import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from databases import store_in
from evenhand.core.alert import DeliveryStatus, Event
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, StoreError
from evenhand.core.signing import new_secret, verify_event
from evenhand.service.delivery import DELAYS, JITTER, Deliveries, post_event
from samples import record

URL = "https://receiver.example/hook"


class ScriptedPoster:
    """Answers with what the test says for a URL: a status, an error's code, or a function that gives one."""

    seconds = 10.0

    def __init__(self):
        self.answers = {}
        self.posted = []

    def post(self, url, body, headers):
        self.posted.append((url, body, headers))
        answer = self.answers.get(url, 200)
        if callable(answer):
            answer = answer()
        if isinstance(answer, str):
            raise InputError(answer, "No.")
        return answer

    def ids(self):
        return [headers["webhook-id"] for _, _, headers in self.posted]


class Time:
    """A clock that goes when the test says."""

    def __init__(self):
        self.now = datetime.now(UTC) + timedelta(seconds=1)

    def __call__(self):
        return self.now


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def secret(store):
    return store.webhooks.create(name="hook", url=URL)[1]


@pytest.fixture
def poster():
    return ScriptedPoster()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def deliveries(store, poster, time):
    """One that delivers when it is told to; `outcomes` is what it said of each attempt."""
    outcomes = []
    made = Deliveries(
        store.webhooks, store.deliveries, poster, clock=time, draw=lambda: 0.5, observe=outcomes.append, at_once=2
    )
    made.outcomes = outcomes
    yield made
    made.close()


def deliver(deliveries):
    """Begin what is due, and wait until it is finished."""
    begun = deliveries.begin()
    with deliveries._changed:
        assert deliveries._changed.wait_for(lambda: not deliveries._posting.total(), 10)
    return begun


def happen(store, count=1, **options):
    store.decisions.record([record(**options) for _ in range(count)])


def all_of(store, name="hook"):
    return store.deliveries.list(store.webhooks.get(name).id)


def test_what_happened_is_posted_signed_and_noted(store, secret, poster, time, deliveries):
    happen(store, action=Action.BLOCK)
    assert deliver(deliveries) == 1
    ((url, body, headers),) = poster.posted
    event = verify_event(body, headers, secret)
    assert (url, event.kind, event.data["action"]) == (URL, "decision.made", "block")
    assert headers["Content-Type"] == "application/json"
    (stored,) = all_of(store)
    assert (stored.event, stored.status, stored.delivered_at) == (event, DeliveryStatus.DELIVERED, time.now)
    assert [(attempt.status, attempt.error) for attempt in stored.log] == [(200, "")]
    assert deliveries.outcomes == [DeliveryStatus.DELIVERED]
    assert deliver(deliveries) == 0


def test_a_failure_is_tried_again_by_the_schedule_and_then_no_more(store, poster, time, deliveries, caplog):
    happen(store)
    poster.answers[URL] = 500
    for number, delay in enumerate(DELAYS):
        assert deliver(deliveries) == 1
        (stored,) = all_of(store)
        assert (stored.status, stored.attempts) == (DeliveryStatus.WAITING, number + 1)
        assert stored.next_at == time.now + timedelta(seconds=delay)
        time.now = stored.next_at - timedelta(seconds=1)
        assert deliver(deliveries) == 0
        time.now = stored.next_at
    assert deliver(deliveries) == 1
    (stored,) = all_of(store)
    assert (stored.status, stored.attempts, stored.next_at) == (DeliveryStatus.DEAD, 8, None)
    assert {attempt.error for attempt in stored.log} == {"url.status"}
    assert len(set(poster.ids())) == 1
    assert len(poster.ids()) == 8
    assert [record.message for record in caplog.records] == ["delivery dead"]
    time.now += timedelta(days=30)
    assert deliver(deliveries) == 0
    assert deliveries.outcomes == [DeliveryStatus.WAITING] * 7 + [DeliveryStatus.DEAD]


def test_a_replayed_delivery_has_all_its_attempts_again(store, poster, time, deliveries):
    happen(store)
    poster.answers[URL] = 500
    while all_of(store)[0].status is not DeliveryStatus.DEAD:
        deliver(deliveries)
        time.now += timedelta(days=2)
    webhook = store.webhooks.get("hook")
    assert store.deliveries.replay(webhook, time.now, status=DeliveryStatus.DEAD) == 1
    deliver(deliveries)
    assert (all_of(store)[0].status, all_of(store)[0].attempts) == (DeliveryStatus.WAITING, 1)
    assert len(all_of(store)[0].log) == 9
    poster.answers[URL] = 204
    time.now += timedelta(days=2)
    deliver(deliveries)
    assert all_of(store)[0].status is DeliveryStatus.DELIVERED
    assert len(set(poster.ids())) == 1


@pytest.mark.parametrize(("drawn", "factor"), [(0.0, 1 - JITTER), (1.0, 1 + JITTER)])
def test_a_delay_is_a_little_shorter_or_longer(store, poster, time, drawn, factor):
    happen(store)
    poster.answers[URL] = 500
    deliveries = Deliveries(store.webhooks, store.deliveries, poster, clock=time, draw=lambda: drawn)
    deliver(deliveries)
    assert all_of(store)[0].next_at == time.now + timedelta(seconds=DELAYS[0] * factor)
    deliveries.close()


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        *[(200, 200, ""), (299, 299, ""), (301, 301, "url.redirects"), (308, 308, "url.redirects")],
        *[(400, 400, "url.status"), (429, 429, "url.status"), (500, 500, "url.status"), (199, 199, "url.status")],
        *[(410, 410, "webhook.gone"), ("url.timeout", None, "url.timeout")],
        *[("url.private_address", None, "url.private_address"), ("url.unreachable", None, "url.unreachable")],
    ],
)
def test_every_answer_has_a_code(poster, answer, status, error):
    poster.answers[URL] = answer
    now = datetime.now(UTC)
    attempt = post_event(poster, URL, Event("evt_1", "webhook.test", now, {}), [new_secret()], at=now)
    assert (attempt.at, attempt.status, attempt.error) == (now, status, error)
    assert 0 <= attempt.milliseconds < 10_000


def test_who_is_gone_is_disabled_and_what_waits_keeps(store, poster, time, deliveries):
    happen(store, 3)
    poster.answers[URL] = 410
    assert deliver(deliveries) == 2
    assert not store.webhooks.get("hook").is_enabled
    assert sorted(item.status for item in all_of(store)) == ["dead", "dead", "waiting"]
    happen(store)
    assert len(all_of(store)) == 3
    assert deliver(deliveries) == 0
    acts = [(row.act, row.details) for row in store.audit.list() if row.act.startswith("webhook.switched")]
    assert acts == [("webhook.switched_off", {"because": "gone"})]
    store.webhooks.set_enabled("hook", is_enabled=True)
    poster.answers[URL] = 200
    assert deliver(deliveries) == 1


def test_a_secret_that_was_replaced_signs_along_until_it_expires(store, secret, poster, time, deliveries):
    new = store.webhooks.rotate("hook", time.now)
    happen(store, 2)
    deliver(deliveries)
    for both in (secret, new):
        assert verify_event(*poster.posted[0][1:], both)
    time.now += timedelta(hours=24)
    happen(store)
    deliver(deliveries)
    _, body, headers = poster.posted[2]
    assert verify_event(body, headers, new, now=time.now.timestamp())
    assert len(headers["webhook-signature"].split(" ")) == 1


def test_a_webhook_that_is_removed_in_the_meantime_is_told_of_nothing(store, poster, time, deliveries):
    happen(store)
    webhooks = store.deliveries.ready(time.now)
    store.webhooks.remove("hook")
    deliveries._deliveries = type("Stale", (), {"ready": lambda *_: webhooks})()
    assert deliver(deliveries) == 0
    assert poster.posted == []


def test_a_slow_receiver_holds_up_only_itself(store, poster, time, deliveries):
    other = "https://other.example/"
    store.webhooks.create(name="other", url=other)
    release = threading.Event()
    poster.answers[URL] = lambda: release.wait(20) and 200
    happen(store, 5)
    assert deliveries.begin() == 4  # two to each
    for _ in range(500):
        deliveries.begin()
        if store.deliveries.counts()[2].get(DeliveryStatus.DELIVERED) == 5:
            break
        threading.Event().wait(0.02)
    assert store.deliveries.counts()[2] == {DeliveryStatus.DELIVERED: 5}
    assert store.deliveries.counts()[1] == {DeliveryStatus.WAITING: 5}
    assert [url for url, _, _ in poster.posted].count(URL) == 2
    release.set()


def test_what_is_under_way_is_finished_at_the_close_and_nothing_else_begun(store, poster, time):
    release = threading.Event()
    is_posting = threading.Event()
    poster.answers[URL] = lambda: is_posting.set() or (release.wait(20) and 200)
    deliveries = Deliveries(store.webhooks, store.deliveries, poster, clock=time, seconds=0.01, at_once=1)
    happen(store, 2)
    deliveries.start()
    assert is_posting.wait(10)
    threading.Timer(0.1, release.set).start()
    deliveries.close(patience_seconds=10)
    assert sorted(item.status for item in all_of(store)) == ["delivered", "waiting"]
    assert not deliveries._thread.is_alive()


def test_who_never_answers_is_left_to_himself_at_the_close_and_told_again_later(store, poster, time):
    release = threading.Event()
    poster.answers[URL] = lambda: release.wait(20) and 200
    deliveries = Deliveries(store.webhooks, store.deliveries, poster, clock=time)
    happen(store)
    assert deliveries.begin() == 1
    deliveries.close(patience_seconds=0.05)
    release.set()
    with deliveries._changed:
        assert deliveries._changed.wait_for(lambda: not deliveries._posting.total(), 10)
    assert all_of(store)[0].log == ()
    next_one = Deliveries(store.webhooks, store.deliveries, poster, clock=time)
    assert deliver(next_one) == 0
    time.now += timedelta(seconds=71)
    assert deliver(next_one) == 1
    next_one.close()
    assert all_of(store)[0].status is DeliveryStatus.DELIVERED
    assert poster.ids() == [all_of(store)[0].event.id] * 2


def test_a_running_one_delivers_all_by_itself(store, poster):
    deliveries = Deliveries(store.webhooks, store.deliveries, poster, seconds=0.01)
    deliveries.start()
    happen(store, 30)
    for _ in range(1000):
        if store.deliveries.counts()[1] == {DeliveryStatus.DELIVERED: 30}:
            break
        threading.Event().wait(0.02)
    deliveries.close()
    assert store.deliveries.counts()[1] == {DeliveryStatus.DELIVERED: 30}
    assert len(set(poster.ids())) == len(poster.ids()) == 30


def test_a_store_that_is_away_is_asked_again(store, poster, monkeypatch, caplog):
    asked = threading.Semaphore(0)

    def away(*_):
        asked.release()
        raise StoreError("store.unavailable", "The database did not answer.")

    monkeypatch.setattr(store.deliveries, "ready", away)
    deliveries = Deliveries(store.webhooks, store.deliveries, poster, seconds=0.01)
    with caplog.at_level(logging.ERROR):
        deliveries.start()
        assert asked.acquire(timeout=10)
        assert asked.acquire(timeout=10)
        deliveries.close()
    assert {record.message for record in caplog.records} == {"deliveries not begun"}
    assert caplog.records[0].error_type == "StoreError"


def test_what_could_not_be_noted_is_delivered_again(store, time, deliveries, monkeypatch, caplog):
    def away(*_, **__):
        raise StoreError("store.unavailable", "The database did not answer.")

    happen(store)
    with monkeypatch.context() as patched:
        patched.setattr(store.deliveries, "finish", away)
        assert deliver(deliveries) == 1
    assert [record.message for record in caplog.records] == ["delivery not finished"]
    time.now += timedelta(seconds=71)
    assert deliver(deliveries) == 1
    assert deliveries._poster.ids() == [all_of(store)[0].event.id] * 2
    assert all_of(store)[0].status is DeliveryStatus.DELIVERED

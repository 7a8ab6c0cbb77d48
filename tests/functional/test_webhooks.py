"""Alerts from a real server to a real receiver: signed, tried again with the same id, never where it is not allowed."""

import contextlib
import functools
import json
import time
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from evenhand import SignatureError, verify_event
from evenhand.content.post import Poster
from evenhand.core.alert import DeliveryStatus, EventKind
from evenhand.core.decision import Action
from evenhand.service.delivery import Deliveries
from evenhand.store.store import open_store
from fakes.site import Site, answer, endless, redirect
from live import live_server
from samples import record

RUDE = "you are a stupid idiot and I hate you"
OK = answer(b"", status="204 x")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("evenhand.service.delivery.DELAYS", (0.2,) * 7)


@pytest.fixture(scope="module")
def server_that_waits(tmp_path_factory):
    """Return a function that gives a server whose webhooks may go to this machine, by how long it waits for answers."""
    with contextlib.ExitStack() as opened:

        @functools.cache
        def make(seconds):
            folder = tmp_path_factory.mktemp("webhooks")
            settings = {"webhook_hosts": "127.0.0.1", "detectors": "text.lexicon", "webhook_timeout_seconds": seconds}
            return opened.enter_context(live_server(folder, **settings))

        yield make


@pytest.fixture
def running(server_that_waits, request):
    """A server that waits for answers long enough on a busy machine too, unless a test wants it impatient."""
    return server_that_waits(getattr(request, "param", "20"))


@pytest.fixture
def hook(running):
    """Return a function that makes a webhook that goes to a site; it is removed after the test."""
    made = []

    def make(site, **options):
        made.append(f"hook-{len(made)}")
        return store.create(name=made[-1], url=f"http://127.0.0.1:{site.port}/hook?key=SECRET", **options)

    store = running.store.webhooks
    yield make
    for name in made:
        store.remove(name)


@pytest.fixture
def screen(running):
    with httpx.Client(base_url=running.url, headers=running.headers, trust_env=False, timeout=60) as client:
        yield lambda text=RUDE, **more: client.post("/v1/screen", json={"text": text} | more).json()


def eventually(check):
    deadline = time.monotonic() + 60
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found
    return found


def delivery(running, webhook, status=None):
    """Wait for the only delivery to have this status, or else to have been tried."""

    def check():
        (found,) = running.store.deliveries.list(webhook.id) or [None]
        return found is not None and (found.status is status if status else bool(found.log)) and found

    return eventually(check)


def test_a_decision_comes_signed_and_says_nothing_of_the_text(running, hook, screen):
    with Site(OK) as site:
        webhook, secret = hook(site)
        decision = screen(id="post-7")
        stored = delivery(running, webhook, DeliveryStatus.DELIVERED)
    ((path, headers),), (body,) = site.requests, site.bodies
    event = verify_event(body, headers, secret)
    assert Webhook(secret).verify(body, headers)["id"] == event.id == stored.event.id
    assert (event.kind, path) == (EventKind.DECISION_MADE, "/hook?key=SECRET")
    assert (event.data["id"], event.data["content_id"], event.data["door"]) == (decision["id"], "post-7", "native")
    assert event.data["action"] == decision["action"] != "allow"
    assert event.data["labels"].items() <= decision["scores"].items()
    assert event.data["labels"]
    assert not any(word in body.decode() for word in RUDE.split() if len(word) > 4)
    with pytest.raises(SignatureError):
        verify_event(body + b" ", headers, secret)
    page = httpx.get(f"{running.url}/metrics", trust_env=False).text
    assert 'evenhand_delivery_attempts_total{status="delivered"}' in page


def test_only_what_a_webhook_asked_for_comes(running, hook, screen):
    with Site(OK) as site:
        webhook, _ = hook(site, actions=frozenset({Action.REVIEW, Action.BLOCK}))
        other, _ = hook(site, kinds=frozenset({EventKind.JOB_FAILED}))
        screen("good morning to all of you")
        decision = screen()
        assert delivery(running, webhook, DeliveryStatus.DELIVERED).subject == decision["id"]
    assert running.store.deliveries.list(other.id) == []


def test_who_is_down_gets_it_when_he_is_up_again(running, hook, screen):
    with Site(OK) as site:
        pass
    webhook, secret = hook(site)
    screen()
    first = delivery(running, webhook)
    assert {attempt.error for attempt in first.log} == {"url.unreachable"}
    with Site(OK, port=site.port) as site:
        stored = delivery(running, webhook, DeliveryStatus.DELIVERED)
        assert verify_event(site.bodies[0], site.requests[0][1], secret).id == stored.event.id == first.event.id
    assert stored.log[-1].status == 204


def test_who_fails_is_tried_again_with_the_same_id_until_he_does_not(running, hook, screen):
    replies = [answer(b"", status=f"{status} x") for status in (500, 503, 400)]
    with Site(*replies, OK) as site:
        webhook, _ = hook(site)
        screen()
        stored = delivery(running, webhook, DeliveryStatus.DELIVERED)
    assert [attempt.status for attempt in stored.log] == [500, 503, 400, 204]
    assert {headers["webhook-id"] for _, headers in site.requests} == {stored.event.id}
    assert len(set(site.bodies)) == 1


def test_who_always_fails_is_given_up(running, hook, screen):
    with Site(answer(b"", status="500 x")) as site:
        webhook, _ = hook(site)
        screen()
        assert len(delivery(running, webhook, DeliveryStatus.DEAD).log) == 8
        count = len(site.requests)
        time.sleep(1.5)
        assert len(site.requests) == count == 8


def test_a_redirect_is_not_followed(running, hook, screen):
    with Site(OK) as target, Site(redirect(f"http://127.0.0.1:{target.port}/", "307 x")) as site:
        webhook, _ = hook(site)
        screen()
        stored = delivery(running, webhook)
    assert (stored.log[0].status, stored.log[0].error) == (307, "url.redirects")
    assert target.requests == []


@pytest.mark.parametrize("running", ["0.5"], indirect=True)
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (endless(b"HTTP/1.1 200 OK\r\n\r\n"), (200, "")),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.05), (200, "")),
        (endless(b"HTTP/1.1 200", b" ", pause=0.05), (None, "url.timeout")),
        (b"nonsense\r\n\r\n", (None, "url.unreachable")),
    ],
)
def test_an_answer_without_end_holds_nobody_up(running, hook, screen, reply, outcome):
    with Site(reply) as site, Site(OK) as beside:
        webhook, _ = hook(site)
        other, _ = hook(beside)
        screen()
        assert delivery(running, other, DeliveryStatus.DELIVERED)
        (attempt, *_) = delivery(running, webhook).log
    assert (attempt.status, attempt.error) == outcome


def test_after_a_rotation_both_secrets_sign(running, hook, screen):
    with Site(OK) as site:
        webhook, old = hook(site)
        new = running.store.webhooks.rotate(webhook.name, datetime.now(UTC))
        screen()
        delivery(running, webhook, DeliveryStatus.DELIVERED)
    for secret in (old, new):
        assert verify_event(site.bodies[0], site.requests[0][1], secret)


def test_who_says_that_he_is_gone_is_left_alone(running, hook, screen):
    with Site(answer(b"", status="410 Gone")) as site:
        webhook, _ = hook(site)
        screen()
        assert delivery(running, webhook, DeliveryStatus.DEAD).log[0].error == "webhook.gone"
        eventually(lambda: not running.store.webhooks.get(webhook.name).is_enabled)
        screen()
        time.sleep(1.5)
    assert len(site.requests) == 1


def test_what_is_replayed_comes_with_the_same_id(running, hook, screen):
    with Site(OK) as site:
        webhook, _ = hook(site)
        screen()
        event = delivery(running, webhook, DeliveryStatus.DELIVERED).event
        running.store.deliveries.replay_event(webhook, event.id, datetime.now(UTC))
        eventually(lambda: len(site.requests) == 2)
        stored = delivery(running, webhook, DeliveryStatus.DELIVERED)
    assert [headers["webhook-id"] for _, headers in site.requests] == [event.id] * 2
    assert len(stored.log) == 2


def test_without_permission_nothing_goes_to_a_private_address(tmp_path):
    with (
        live_server(tmp_path, detectors="text.lexicon") as server,
        Site(OK) as site,
        httpx.Client(base_url=server.url, headers=server.headers, trust_env=False) as client,
    ):
        webhook, _ = server.store.webhooks.create(name="hook", url=f"http://127.0.0.1:{site.port}/")
        client.post("/v1/screen", json={"text": RUDE})
        assert delivery(server, webhook).log[0].error == "url.private_address"
    assert (site.requests, site.bodies) == ([], [])


def test_a_server_closes_promptly_while_a_receiver_keeps_it_waiting_and_the_next_one_delivers(tmp_path):
    def silent(_, closing):
        closing.wait(60)

    settings = {"detectors": "text.lexicon", "webhook_hosts": "127.0.0.1", "webhook_timeout_seconds": "60"}
    with Site(silent) as site:
        with (
            live_server(tmp_path, **settings) as server,
            httpx.Client(base_url=server.url, headers=server.headers, trust_env=False) as client,
        ):
            server.store.webhooks.create(name="hook", url=f"http://127.0.0.1:{site.port}/")
            client.post("/v1/screen", json={"text": RUDE})
            eventually(lambda: site.requests)
            began = time.monotonic()
        assert time.monotonic() - began < 10
    store = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    (stored,) = store.deliveries.list(1)
    store.close()
    assert (stored.status, stored.log) == (DeliveryStatus.WAITING, ())


def test_two_servers_on_one_database_deliver_all_and_nothing_twice(tmp_path):
    url = f"sqlite:///{tmp_path / 'evenhand.sqlite'}"
    poster = Poster(private_hosts=["127.0.0.1"])
    # Some answers fail, so that both also try again what the other one began.
    replies = [answer(b"", status="500 x") if number % 5 == 0 else OK for number in range(60)]
    with contextlib.ExitStack() as closing:
        site = closing.enter_context(Site(*replies, OK))
        stores = [open_store(url) for _ in range(2)]
        webhook, secret = stores[0].webhooks.create(name="hook", url=f"http://127.0.0.1:{site.port}/")
        loops = [Deliveries(store.webhooks, store.deliveries, poster, seconds=0.02) for store in stores]
        for loop in loops:
            loop.start()
        for number in range(20):
            stores[number % 2].decisions.record([record() for _ in range(10)])
        eventually(lambda: stores[0].deliveries.counts() == {webhook.id: {DeliveryStatus.DELIVERED: 200}})
        for loop in loops:
            loop.close()
        listed = stores[0].deliveries.list(webhook.id, limit=1000)
        for store in stores:
            store.close()
    events = [
        verify_event(body, headers, secret) for body, (_, headers) in zip(site.bodies, site.requests, strict=True)
    ]
    assert {event.id for event in events} == {item.event.id for item in listed}
    assert len(events) == sum(len(item.log) for item in listed)
    assert {json.dumps(event.data) for event in events} == {json.dumps(item.event.data) for item in listed}

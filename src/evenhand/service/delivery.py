"""Deliver events to webhooks: claim what is due, post it, write down what came of it, and try again later if need be.

Several servers on one database may all do so. A receiver gets an event at least once: if a server dies between the post
and the note of it, another one posts it again, with the same event id.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from evenhand.content.post import Poster
from evenhand.core.alert import Attempt, DeliveryStatus, Event, Webhook
from evenhand.core.errors import InputError
from evenhand.core.signing import event_body, sign
from evenhand.store.deliveries import DeliveryRows
from evenhand.store.records import ClaimedDelivery
from evenhand.store.webhooks import Webhooks

#: Seconds from each failed attempt to the next; after the attempt that follows the last, a delivery is dead.
DELAYS: Final = (5, 30, 120, 600, 3_600, 21_600, 86_400)
#: By which part of it a delay may be longer or shorter, so that what failed together is not tried together.
JITTER: Final = 0.2
#: Beyond the time that a post may take, a claim lasts so much longer: for clocks that differ, and for a slow database.
_LEASE_SECONDS: Final = 60

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Deliveries:
    """Delivers from `start` to `close`, in threads of each webhook's own, so that none waits for another.

    Args:
        webhooks: The store's webhooks.
        deliveries: The store's deliveries.
        poster: Posts.
        seconds: How often the store is asked what is due.
        at_once: Posts to one webhook at the same time.
        clock: What time it is; aware.
        draw: A random number from 0 to 1.
        observe: Called after each attempt with what becomes of the delivery.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        deliveries: DeliveryRows,
        poster: Poster,
        *,
        seconds: float = 1.0,
        at_once: int = 4,
        clock: Callable[[], datetime] = _now,
        draw: Callable[[], float] = random.random,
        observe: Callable[[DeliveryStatus], None] | None = None,
    ) -> None:
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._poster = poster
        self._seconds = seconds
        self._at_once = at_once
        self._clock = clock
        self._draw = draw
        self._observe = observe
        self._lease = timedelta(seconds=poster.seconds + _LEASE_SECONDS)
        self._posting: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._news = threading.Event()
        self._closing = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def start(self) -> None:
        """Deliver from now on."""
        self._thread.start()

    def begin(self) -> int:
        """Begin to post what is due, as far as each webhook has threads left; return how many deliveries that is.

        Raises:
            StoreError: The database did not answer.
        """
        now = self._clock()
        begun = 0
        for webhook in self._deliveries.ready(now):
            free = self._at_once - self._posting[webhook.id]
            # One that was removed in the meantime has no secrets, and nothing is posted without a signature.
            secrets = self._webhooks.secrets(webhook.id, now) if free > 0 else ()
            if secrets:
                for claimed in self._deliveries.claim(webhook.id, now=now, until=now + self._lease, limit=free):
                    self._begin(webhook, secrets, claimed)
                    begun += 1
        return begun

    def close(self, *, patience_seconds: float = 2.0) -> None:
        """Begin nothing more, and give what is under way so much time.

        What then still waits for an answer is left to itself: its claim runs out, and it is delivered later.
        """
        self._closing.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._posting.total(), patience_seconds)
            self._is_over = True

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.begin()
            except Exception as error:  # noqa: BLE001 -- a database that is away now may be back the next time
                _log.error("deliveries not begun", extra={"error_type": type(error).__name__})
            self._news.wait(self._seconds)
            self._news.clear()

    def _begin(self, webhook: Webhook, secrets: Sequence[str], claimed: ClaimedDelivery) -> None:
        with self._changed:
            self._posting[webhook.id] += 1
        # A daemon: the process may end while somebody keeps us waiting.
        threading.Thread(
            target=self._deliver, args=(webhook, secrets, claimed), name=f"delivery-{webhook.name}", daemon=True
        ).start()

    def _deliver(self, webhook: Webhook, secrets: Sequence[str], claimed: ClaimedDelivery) -> None:
        try:
            attempt = post_event(self._poster, webhook.url, claimed.event, secrets, at=self._clock())
            if not self._is_over:
                self._finish(webhook, claimed, attempt)
        except Exception as error:  # noqa: BLE001 -- the claim runs out, and it is delivered later
            _log.error("delivery not finished", extra={"webhook": webhook.name, "error_type": type(error).__name__})
        finally:
            with self._changed:
                self._posting[webhook.id] -= 1
                self._changed.notify_all()
            self._news.set()

    def _finish(self, webhook: Webhook, claimed: ClaimedDelivery, attempt: Attempt) -> None:
        is_gone = attempt.status == HTTPStatus.GONE
        next_at = None
        if attempt.is_delivered:
            status = DeliveryStatus.DELIVERED
        elif is_gone or claimed.attempts >= len(DELAYS):
            status = DeliveryStatus.DEAD
        else:
            status = DeliveryStatus.WAITING
            next_at = self._clock() + self._delay(claimed.attempts)
        self._deliveries.finish(claimed, attempt, status=status, next_at=next_at)
        if self._observe is not None:
            self._observe(status)
        if is_gone:
            self._webhooks.set_enabled(webhook.name, is_enabled=False, because="gone")
        if status is DeliveryStatus.DEAD:
            _log.warning(
                "delivery dead", extra={"webhook": webhook.name, "event": claimed.event.id, "error": attempt.error}
            )

    def _delay(self, attempts: int) -> timedelta:
        return timedelta(seconds=DELAYS[attempts] * (1 - JITTER + 2 * JITTER * self._draw()))


def post_event(poster: Poster, url: str, event: Event, secrets: Sequence[str], *, at: datetime) -> Attempt:
    """Post `event` once, signed with `secrets`, and return what came of it."""
    body = event_body(event)
    headers = {"Content-Type": "application/json", **sign(event.id, body, secrets, at=at)}
    began = time.monotonic()
    status = None
    try:
        status = poster.post(url, body, headers)
        error = _error_of(status)
    except InputError as refusal:
        error = refusal.code
    return Attempt(at, round((time.monotonic() - began) * 1000), status, error)


def _error_of(status: int) -> str:
    """Return the code of what is wrong with `status`; a redirect is not followed, because nobody signed up for it."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "url.redirects"
    return "webhook.gone" if status == HTTPStatus.GONE else "url.status"

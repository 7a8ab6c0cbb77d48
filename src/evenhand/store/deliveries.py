"""Deliveries: claimed for a while by one server at a time, and finished by who has the claim."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, exists, false, func, insert, or_, select, update

from evenhand.core.alert import Attempt, DeliveryStatus, Event, Webhook
from evenhand.core.errors import NotFoundError
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.events import delivery_row
from evenhand.store.records import ClaimedDelivery, StoredDelivery
from evenhand.store.subscribers import webhook_from
from evenhand.store.tables import deliveries, events, webhooks

#: Attempts that a delivery remembers; one that is replayed again and again must not grow for ever.
_MOST_ATTEMPTS: Final = 50
_EVENT: Final = (events.c.id, events.c.kind, events.c.created_at, events.c.document)
_log_decoder: Final = msgspec.json.Decoder(tuple[Attempt, ...])


class DeliveryRows:
    """The deliveries of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ready(self, now: datetime) -> list[Webhook]:
        """Return the enabled webhooks for which any delivery is due."""
        due = exists().where(deliveries.c.webhook_id == webhooks.c.id, _is_due(now))
        query = select(webhooks).where(webhooks.c.is_enabled, due).order_by(webhooks.c.id)
        with self._database.read() as connection:
            return [webhook_from(row) for row in connection.execute(query)]

    def claim(self, webhook_id: int, *, now: datetime, until: datetime, limit: int) -> list[ClaimedDelivery]:
        """Return at most `limit` due deliveries, longest due first; until `until`, nobody else gets them."""
        is_due = (deliveries.c.webhook_id == webhook_id) & _is_due(now)
        query = (
            select(deliveries.c.attempts, deliveries.c.log, *_EVENT)
            .join(events)
            .where(is_due)
            .order_by(deliveries.c.next_at, deliveries.c.event_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=deliveries)
        )
        with self._database.write() as connection:
            # PostgreSQL locks the rows; SQLite knows no such locks, so this takes its only one.
            connection.execute(update(deliveries).where(false()).values(attempts=0))
            found = connection.execute(query).all()
            claimed = deliveries.c.event_id.in_([row.id for row in found])
            if found:
                connection.execute(
                    update(deliveries).where(deliveries.c.webhook_id == webhook_id, claimed).values(leased_until=until)
                )
        return [ClaimedDelivery(_event(row), webhook_id, row.attempts, _log(row), until) for row in found]

    def finish(
        self, claimed: ClaimedDelivery, attempt: Attempt, *, status: DeliveryStatus, next_at: datetime | None = None
    ) -> bool:
        """Write down what came of an attempt; return whether the claim still held, so that it was.

        Args:
            claimed: The delivery, as it was claimed.
            attempt: What came of it.
            status: What becomes of it now.
            next_at: When it is tried again, if it is to wait.
        """
        log = (*claimed.log, attempt)[-_MOST_ATTEMPTS:]
        values = {
            "status": status.value,
            "attempts": claimed.attempts + 1,
            "next_at": next_at,
            "leased_until": None,
            "last_status": attempt.status,
            "last_error": attempt.error,
            "delivered_at": attempt.at if attempt.is_delivered else None,
            "log": msgspec.json.encode(log).decode(),
        }
        is_held = and_(
            deliveries.c.event_id == claimed.event.id,
            deliveries.c.webhook_id == claimed.webhook_id,
            deliveries.c.leased_until == claimed.leased_until,
        )
        with self._database.write() as connection:
            return bool(connection.execute(update(deliveries).where(is_held).values(values)).rowcount)

    def list(self, webhook_id: int, *, status: DeliveryStatus | None = None, limit: int = 100) -> list[StoredDelivery]:
        """Return at most `limit` deliveries of a webhook, newest event first."""
        of_this = deliveries.c.webhook_id == webhook_id
        wanted = of_this if status is None else of_this & (deliveries.c.status == status.value)
        columns = (deliveries.c[name] for name in ("status", "attempts", "next_at", "delivered_at", "log"))
        query = (
            select(*columns, *_EVENT, events.c.subject)
            .join(events)
            .where(wanted)
            .order_by(deliveries.c.event_id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_stored(row) for row in connection.execute(query)]

    def counts(self) -> Mapping[int, Mapping[DeliveryStatus, int]]:
        """Return how many deliveries there are, by webhook id and status."""
        columns = (deliveries.c.webhook_id, deliveries.c.status)
        found: dict[int, dict[DeliveryStatus, int]] = {}
        with self._database.read() as connection:
            for webhook_id, status, count in connection.execute(select(*columns, func.count()).group_by(*columns)):
                found.setdefault(webhook_id, {})[DeliveryStatus(status)] = count
        return found

    def replay(
        self, webhook: Webhook, now: datetime, *, since: datetime | None = None, status: DeliveryStatus | None = None
    ) -> int:
        """Have deliveries of a webhook made again, with the same events; return how many.

        Args:
            webhook: Which one.
            now: When.
            since: Only of events from then on.
            status: Only those of which this became.
        """
        conditions = [deliveries.c.webhook_id == webhook.id]
        if since is not None:
            young = select(events.c.id).where(events.c.created_at >= since)
            conditions.append(deliveries.c.event_id.in_(young))
        if status is not None:
            conditions.append(deliveries.c.status == status.value)
        with self._database.write() as connection:
            count = connection.execute(update(deliveries).where(*conditions).values(_anew(now))).rowcount
            details = {
                "deliveries": count,
                "since": since.isoformat() if since else "",
                "status": status.value if status else "",
            }
            write_audit(connection, [audit_row(now, SYSTEM, "webhook.replayed", str(webhook.id), details)])
        return count

    def replay_event(self, webhook: Webhook, event_id: str, now: datetime) -> None:
        """Have one event delivered to a webhook, again or for the first time.

        Raises:
            NotFoundError: `event.not_found`.
        """
        this = (deliveries.c.webhook_id == webhook.id) & (deliveries.c.event_id == event_id)
        with self._database.write() as connection:
            if not connection.execute(update(deliveries).where(this).values(_anew(now))).rowcount:
                if connection.execute(select(events.c.id).where(events.c.id == event_id)).one_or_none() is None:
                    raise NotFoundError(
                        "event.not_found",
                        "There is no event with this id.",
                        field="event",
                        remedy="Events are deleted after their retention; see `evenhand webhooks deliveries NAME`.",
                    )
                connection.execute(insert(deliveries), delivery_row(event_id, webhook.id, now))
            write_audit(
                connection, [audit_row(now, SYSTEM, "webhook.replayed", str(webhook.id), {"event_id": event_id})]
            )


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    return and_(deliveries.c.next_at <= now, is_free)


def _anew(now: datetime) -> Mapping[str, Any]:
    return {
        "status": DeliveryStatus.WAITING.value,
        "attempts": 0,
        "next_at": now,
        "leased_until": None,
        "delivered_at": None,
    }


def _event(row: Any) -> Event:
    return Event(row.id, row.kind, row.created_at, msgspec.json.decode(row.document))


def _log(row: Any) -> tuple[Attempt, ...]:
    return _log_decoder.decode(row.log)


def _stored(row: Any) -> StoredDelivery:
    return StoredDelivery(
        event=_event(row),
        subject=row.subject,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        next_at=row.next_at,
        delivered_at=row.delivered_at,
        log=_log(row),
    )

"""Events: written in the transaction of what happened, with a delivery for each webhook that wants to be told."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from evenhand.core.alert import DeliveryStatus, Webhook
from evenhand.core.ids import new_id
from evenhand.store.database import subscribers_of
from evenhand.store.records import EventRecord
from evenhand.store.tables import deliveries, events

_INSERT_EVENT = insert(events)
_INSERT_DELIVERY = insert(deliveries)


def write_events(connection: Connection, records: Iterable[EventRecord]) -> None:
    """Write those of `records` that any webhook wants to be told of, in the transaction of `connection`.

    Not the first thing in it: begin with a statement that writes. Without webhooks this costs nothing, and `records`
    are not even looked at.
    """
    enabled = subscribers_of(connection).webhooks(connection)
    if not enabled:
        return
    now = datetime.now(UTC)
    event_rows: list[dict[str, Any]] = []
    delivery_rows: list[dict[str, Any]] = []
    for record in records:
        wanting = [webhook for webhook in enabled if _wants(webhook, record)]
        if wanting:
            row = _event_row(record, now)
            event_rows.append(row)
            delivery_rows += [delivery_row(row["id"], webhook.id, now) for webhook in wanting]
    if event_rows:
        connection.execute(_INSERT_EVENT, event_rows)
        connection.execute(_INSERT_DELIVERY, delivery_rows)


def delivery_row(event_id: str, webhook_id: int, now: datetime) -> dict[str, Any]:
    """Return the values of a delivery that nobody has tried yet."""
    return {
        "event_id": event_id,
        "webhook_id": webhook_id,
        "status": DeliveryStatus.WAITING.value,
        "attempts": 0,
        "next_at": now,
        "last_error": "",
        "log": "[]",
    }


def _wants(webhook: Webhook, record: EventRecord) -> bool:
    return webhook.wants(record.kind, action=record.action, key_id=record.key_id)


def _event_row(record: EventRecord, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id("evt"),
        "created_at": now,
        "kind": record.kind.value,
        "key_id": record.key_id,
        "subject": record.subject,
        "document": msgspec.json.encode(record.document).decode(),
    }

"""Webhooks and their secrets. A secret is kept as it is: it signs, and a digest could not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from evenhand.core.alert import EventKind, Webhook, check_webhook
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.signing import new_secret
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.subscribers import webhook_from
from evenhand.store.tables import deliveries, keys, webhook_secrets, webhooks

#: How long a secret that was replaced still signs beside the new one.
OVERLAP: Final = timedelta(hours=24)
#: Deliveries that go in one transaction when their webhook is removed.
_BATCH: Final = 10_000
_INSERT_SECRET: Final = insert(webhook_secrets)


class Webhooks:
    """The webhooks of one store. Each act is audited, with the host and never with the URL or a secret."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        *,
        name: str,
        url: str,
        kinds: frozenset[EventKind] = frozenset(),
        actions: frozenset[Action] = frozenset(),
        key_id: str = "",
    ) -> tuple[Webhook, str]:
        """Make a webhook, which is enabled, and return it with the secret that signs its events.

        Raises:
            InputError: `webhook.exists`, or as `check_webhook`.
            NotFoundError: `key.not_found`.
        """
        check_webhook(name=name, kinds=kinds)
        now = datetime.now(UTC)
        secret = new_secret()
        details = {"name": name, "kinds": sorted(kinds), "actions": sorted(actions), "key_id": key_id}
        row = details | {
            "url": url,
            "kinds": ",".join(sorted(kinds)),
            "actions": ",".join(sorted(actions)),
            "is_enabled": True,
            "created_at": now,
        }
        with self._database.write() as connection:
            if not connection.execute(_insert_or_not(connection), row).rowcount:
                raise InputError(
                    "webhook.exists",
                    f"There is a webhook called {name} already.",
                    field="name",
                    remedy="Take another name.",
                )
            if key_id and connection.execute(select(keys.c.id).where(keys.c.id == key_id)).one_or_none() is None:
                raise NotFoundError(
                    "key.not_found", "There is no key with this id.", field="key_id", remedy="See `evenhand keys list`."
                )
            webhook = webhook_from(connection.execute(select(webhooks).where(webhooks.c.name == name)).one())
            connection.execute(_INSERT_SECRET, {"webhook_id": webhook.id, "secret": secret, "created_at": now})
            _audit(connection, webhook, "created", now, details | {"host": urlsplit(url).hostname or ""})
        self._database.subscribers.forget()
        return webhook, secret

    def list(self) -> list[Webhook]:
        """Return all webhooks, oldest first."""
        with self._database.read() as connection:
            return [webhook_from(row) for row in connection.execute(select(webhooks).order_by(webhooks.c.id))]

    def get(self, name: str) -> Webhook:
        """Return the webhook with this name.

        Raises:
            NotFoundError: `webhook.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(select(webhooks).where(webhooks.c.name == name)).one_or_none()
        if row is None:
            raise NotFoundError(
                "webhook.not_found",
                "There is no webhook with this name.",
                field="name",
                remedy="See `evenhand webhooks list`.",
            )
        return webhook_from(row)

    def secrets(self, webhook_id: int, now: datetime) -> tuple[str, ...]:
        """Return the secrets that sign for a webhook at `now`, newest first."""
        lasts = or_(webhook_secrets.c.expires_at.is_(None), webhook_secrets.c.expires_at > now)
        query = (
            select(webhook_secrets.c.secret)
            .where(webhook_secrets.c.webhook_id == webhook_id, lasts)
            .order_by(webhook_secrets.c.id.desc())
        )
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

    def set_enabled(self, name: str, *, is_enabled: bool, because: str = "") -> Webhook:
        """Have a webhook told of events, or not; `because` is a code for the audit.

        Raises:
            NotFoundError: `webhook.not_found`.
        """
        webhook = self.get(name)
        differs = (webhooks.c.id == webhook.id) & (webhooks.c.is_enabled != is_enabled)
        details = {"because": because} if because else {}
        with self._database.write() as connection:
            if connection.execute(update(webhooks).where(differs).values(is_enabled=is_enabled)).rowcount:
                act = "switched_on" if is_enabled else "switched_off"
                _audit(connection, webhook, act, datetime.now(UTC), details)
        self._database.subscribers.forget()
        return self.get(name)

    def rotate(self, name: str, now: datetime) -> str:
        """Return a new secret for a webhook; those that it has sign beside it for `OVERLAP` more.

        Raises:
            NotFoundError: `webhook.not_found`.
        """
        webhook = self.get(name)
        secret = new_secret()
        of_this = webhook_secrets.c.webhook_id == webhook.id
        newest = of_this & webhook_secrets.c.expires_at.is_(None)
        with self._database.write() as connection:
            connection.execute(update(webhook_secrets).where(newest).values(expires_at=now + OVERLAP))
            connection.execute(delete(webhook_secrets).where(of_this, webhook_secrets.c.expires_at <= now))
            connection.execute(_INSERT_SECRET, {"webhook_id": webhook.id, "secret": secret, "created_at": now})
            _audit(connection, webhook, "rotated", now, {})
        return secret

    def remove(self, name: str) -> int:
        """Delete a webhook with its secrets and deliveries; return how many deliveries that was.

        It is disabled first, so that it can go in parts: whoever is cut off calls it again.

        Raises:
            NotFoundError: `webhook.not_found`.
        """
        webhook = self.set_enabled(name, is_enabled=False)
        of_this = deliveries.c.webhook_id == webhook.id
        some = of_this & deliveries.c.event_id.in_(select(deliveries.c.event_id).where(of_this).limit(_BATCH))
        total = 0
        while True:
            with self._database.write() as connection:
                deleted = connection.execute(delete(deliveries).where(some)).rowcount
                total += deleted
                if not deleted:
                    connection.execute(delete(webhooks).where(webhooks.c.id == webhook.id))
                    _audit(connection, webhook, "removed", datetime.now(UTC), {"deliveries": total})
            if not deleted:
                return total


def _audit(connection: Connection, webhook: Webhook, act: str, now: datetime, details: Mapping[str, Any]) -> None:
    write_audit(connection, [audit_row(now, SYSTEM, f"webhook.{act}", str(webhook.id), details)])


def _insert_or_not(connection: Connection) -> Any:
    """Return an insert of a webhook that does nothing where the name is taken."""
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    return kind.insert(webhooks).on_conflict_do_nothing().execution_options(preserve_rowcount=True)

"""Webhooks, events and their deliveries."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    _webhooks()
    _webhook_secrets()
    _events()
    _deliveries()


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True, comment="counts up; never reused"),
        _text("name", "what its owner calls it"),
        _text("url", "where events are posted to; it may hold a key of the receiver's"),
        _text("kinds", "which events it wants, separated by commas; empty: all"),
        _text("actions", "which actions it wants of events that have one, separated by commas; empty: all"),
        _text("key_id", "API key whose events it wants; empty: of all"),
        sa.Column("is_enabled", sa.Boolean, nullable=False, comment="whether it is told of anything"),
        _time("created_at", "when it was made"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhooks_name", "webhooks", ["name"], unique=True)


def _webhook_secrets() -> None:
    op.create_table(
        "webhook_secrets",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True, comment="counts up; never reused"),
        sa.Column("webhook_id", sa.Integer, nullable=False, comment="the webhook whose events it signs"),
        _text("secret", "whsec_ and base64; as it is, because it signs"),
        _time("created_at", "when it was made"),
        _time("expires_at", "from when on it signs no more; null: it signs", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_secrets"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_secrets_webhook_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_secrets_webhook_id", "webhook_secrets", ["webhook_id"])


def _events() -> None:
    op.create_table(
        "events",
        _text("id", "evt_ and 32 hex digits, in order of time"),
        _time("created_at", "when it was written; retention counts from here"),
        _text("kind", "what happened, such as decision.made"),
        _text("key_id", "API key that it came with; empty: none"),
        _text("subject", "id of the thing that it happened to"),
        _text("document", "what receivers are told, JSON; never any of the content"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _text("event_id", "the event"),
        sa.Column("webhook_id", sa.Integer, nullable=False, autoincrement=False, comment="the webhook that it goes to"),
        _text("status", "waiting, delivered or dead"),
        sa.Column(
            "attempts", sa.Integer, nullable=False, comment="how often it was tried since it was last made to wait"
        ),
        _time("next_at", "when it is tried next; null: not any more", nullable=True),
        _time("leased_until", "until when one server has it to itself; null: none has", nullable=True),
        sa.Column("last_status", sa.Integer, nullable=True, comment="what the receiver answered last; null: nothing"),
        _text("last_error", "code of what went wrong last; empty: nothing"),
        _time("delivered_at", "when the receiver had it; null: not yet", nullable=True),
        _text("log", "its attempts, oldest first; JSON"),
        sa.PrimaryKeyConstraint("event_id", "webhook_id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_deliveries_event_id", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["webhook_id", "next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)

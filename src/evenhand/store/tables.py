"""The tables. A change here needs a migration: a contract test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which knows no zones, gets it without one and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` as the database takes it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def plain_text(value: str) -> str:
    """Return `value` as any database takes it: NUL becomes U+FFFD, and a lone surrogate a question mark."""
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    return value if value.isascii() else value.encode(errors="replace").decode()


class PlainText(TypeDecorator[str]):
    """Text for looking things up: what one of the databases refuses, NUL and lone surrogates, is replaced.

    Texts that must come back unchanged are kept as bytes or inside JSON.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return `value` as any database takes it."""
        del dialect
        return None if value is None else plain_text(value)


#: SQLite only counts up by itself in a column that is exactly INTEGER.
_Sequence = BigInteger().with_variant(Integer, "sqlite")


def _column(name: str, kind: Any, comment: str, *constraints: Any, nullable: bool = False, **options: Any) -> Any:
    return Column(name, kind, *constraints, comment=comment, nullable=nullable, **options)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

decisions = Table(
    "decisions",
    metadata,
    _column("id", PlainText, "dec_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it was made", index=True),
    _column("content_id", PlainText, "the caller's own name for the content; empty: none"),
    _column("key_id", PlainText, "API key that the content came with; empty: none"),
    _column("door", PlainText, "which door it came through"),
    _column("action", PlainText, "allow, review or block"),
    _column("is_degraded", Boolean, "whether a detector failed"),
    _column("policy_name", PlainText, "which policy decided"),
    _column("policy_version", PlainText, "hash of what that policy decides by"),
    _column("document", Text, "the whole decision in JSON; never the content"),
)

contents = Table(
    "contents",
    metadata,
    _column(
        "decision_id", PlainText, "the decision on it", ForeignKey(decisions.c.id, ondelete="CASCADE"), primary_key=True
    ),
    _column("created_at", UtcDateTime, "when the decision was made; retention counts from here", index=True),
    _column("kept_because", PlainText, "asked or review"),
    _column("body", LargeBinary, "the text in UTF-8; bytes, because PostgreSQL refuses NUL in text"),
    _column("context", LargeBinary, "texts around it, oldest first; JSON"),
    _column("clip", LargeBinary, "what was said and found in a clip, with reasons; JSON; null: none", nullable=True),
)

keys = Table(
    "keys",
    metadata,
    _column("id", PlainText, "the public part of the key", primary_key=True),
    _column("name", PlainText, "what its owner calls it"),
    _column("secret_sha256", PlainText, "SHA-256 of the secret part, in hex; the secret itself is not kept"),
    _column("scopes", PlainText, "what it may do, separated by commas"),
    _column("requests_per_minute", Integer, "its allowance"),
    _column("created_at", UtcDateTime, "when it was made"),
    _column("revoked_at", UtcDateTime, "when it stopped working; null: it works", nullable=True),
)

feedback = Table(
    "feedback",
    metadata,
    _column("id", PlainText, "fb_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it came", index=True),
    _column("key_id", PlainText, "API key that it came with"),
    _column("community_id", PlainText, "the client's name for the place; empty: none"),
    _column("client_token", PlainText, "the client's name for the comment; empty: none"),
    _column("session_id", PlainText, "the client's name for the session; empty: none"),
    _column("suggestion", LargeBinary, "suggested scores, spans and languages; JSON"),
    _column("comment", LargeBinary, "the comment in UTF-8; null: its retention is over", nullable=True),
    _column("context", LargeBinary, "texts around it as sent, JSON; null: its retention is over", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    _column("sequence", _Sequence, "counts up; never reused", primary_key=True, autoincrement=True),
    _column("at", UtcDateTime, "when"),
    _column("actor", PlainText, "a key's id, or system"),
    _column("act", PlainText, "noun.past, such as decision.made"),
    _column("subject", PlainText, "id of the thing"),
    _column("details", Text, "JSON; never any of the content"),
    _column(
        "sha256", Text, "of this row and the one before, in hex; null: from before there was a chain", nullable=True
    ),
    sqlite_autoincrement=True,
)

audit_head = Table(
    "audit_head",
    metadata,
    _column("id", Integer, "1: there is one row", primary_key=True),
    _column("sequence", _Sequence, "the newest audit row"),
    _column("sha256", Text, "that row's; empty: it is from before there was a chain"),
)

banks = Table(
    "banks",
    metadata,
    _column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    _column("name", PlainText, "what its owner calls it", index=True, unique=True),
    _column("owner", PlainText, "who answers for it"),
    _column("kind", PlainText, "block or allow"),
    _column("label", PlainText, "what a match is a sign of; empty for an allow bank"),
    _column("distance", Integer, "most bits in which a PDQ hash may differ"),
    _column("is_enabled", Boolean, "whether it is looked into"),
    _column("created_at", UtcDateTime, "when it was made"),
    _column("change", BigInteger, "counts up with every change of it or its entries, so that servers see what is new"),
    sqlite_autoincrement=True,
)

bank_entries = Table(
    "bank_entries",
    metadata,
    _column("id", _Sequence, "counts up; never reused", primary_key=True, autoincrement=True),
    _column("bank_id", Integer, "the bank that it is in", ForeignKey(banks.c.id)),
    _column("algorithm", PlainText, "pdq, md5 or sha256"),
    _column("hash", LargeBinary, "16 or 32 bytes"),
    _column("external_id", PlainText, "what the list that it is from calls it; empty: nothing"),
    _column("source", PlainText, "the list or file that it is from"),
    _column("created_at", UtcDateTime, "when it was first put in"),
    _column("expires_at", UtcDateTime, "from when on it no longer counts; null: never", nullable=True),
    _column("removed_at", UtcDateTime, "when it was taken out; null: it counts", nullable=True),
    _column("change", BigInteger, "the bank's count when this was last changed"),
    sqlite_autoincrement=True,
)
Index("ix_bank_entries_hash", bank_entries.c.bank_id, bank_entries.c.algorithm, bank_entries.c.hash, unique=True)
Index("ix_bank_entries_change", bank_entries.c.bank_id, bank_entries.c.change, bank_entries.c.id)
Index(
    "ix_bank_entries_expires_at",
    bank_entries.c.expires_at,
    sqlite_where=bank_entries.c.expires_at.is_not(None),
    postgresql_where=bank_entries.c.expires_at.is_not(None),
)

content_images = Table(
    "content_images",
    metadata,
    _column(
        "decision_id",
        PlainText,
        "the decision on the content that they belong to",
        ForeignKey(contents.c.decision_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    _column("image", Integer, "which of the content's images, from 0", primary_key=True),
    _column("frame", Integer, "which frame of it, from 0", primary_key=True),
    _column("data", LargeBinary, "a small copy as JPEG, without metadata; never the file itself"),
)

jobs = Table(
    "jobs",
    metadata,
    _column("id", PlainText, "job_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it was accepted", index=True),
    _column("key_id", PlainText, "API key that it came with; empty: none"),
    _column("door", PlainText, "which door it came through"),
    _column("content_id", PlainText, "the caller's own name for the clip; empty: none"),
    _column("path", LargeBinary, "where the clip lies until the job is over; empty: not fetched yet"),
    _column("url", LargeBinary, "the address to fetch it from, until the job is over; empty: it came in bytes"),
    _column("media_type", PlainText, "what the caller says that it is"),
    _column("policy", PlainText, "name of the policy that decides"),
    _column("keep", PlainText, "never, review or always"),
    _column("languages", PlainText, "what the caller says is spoken, separated by commas"),
    _column("priority", Integer, "1 is the most urgent, 10 the least"),
    _column("status", PlainText, "waiting, running, done, failed, cancelled or dead", index=True),
    _column("started_at", UtcDateTime, "when a worker first began; null: not yet", nullable=True),
    _column("ended_at", UtcDateTime, "when it came to its final status; null: not yet", nullable=True),
    _column("seconds_done", Float, "how much of the clip was screened"),
    _column("seconds", Float, "how long the clip is; 0: nobody has looked yet"),
    _column("attempts", Integer, "how often it was begun since it last got on"),
    _column("run", Integer, "counts up with every retry"),
    _column("is_cancel_asked", Boolean, "whether somebody asked to cancel it"),
    _column("is_handed_over", Boolean, "whether it is in the workers' queue"),
    _column("decision_id", PlainText, "the decision; empty: none yet"),
    _column("error", LargeBinary, "why there is no decision; JSON; null: there is no error", nullable=True),
)

job_stills = Table(
    "job_stills",
    metadata,
    _column("job_id", PlainText, "the job, as long as it is not over", primary_key=True),
    _column("milliseconds", Integer, "when in the clip", primary_key=True),
    _column("data", LargeBinary, "a small picture as JPEG, without metadata"),
)

workers = Table(
    "workers",
    metadata,
    _column("id", PlainText, "random; a worker that starts again is another one", primary_key=True),
    _column("host", PlainText, "the machine's name"),
    _column("started_at", UtcDateTime, "when it started"),
    _column("seen_at", UtcDateTime, "when it last said that it lives"),
)

webhooks = Table(
    "webhooks",
    metadata,
    _column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    _column("name", PlainText, "what its owner calls it", index=True, unique=True),
    _column("url", PlainText, "where events are posted to; it may hold a key of the receiver's"),
    _column("kinds", PlainText, "which events it wants, separated by commas; empty: all"),
    _column("actions", PlainText, "which actions it wants of events that have one, separated by commas; empty: all"),
    _column("key_id", PlainText, "API key whose events it wants; empty: of all"),
    _column("is_enabled", Boolean, "whether it is told of anything"),
    _column("created_at", UtcDateTime, "when it was made"),
    sqlite_autoincrement=True,
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    _column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    _column(
        "webhook_id",
        Integer,
        "the webhook whose events it signs",
        ForeignKey(webhooks.c.id, ondelete="CASCADE"),
        index=True,
    ),
    _column("secret", PlainText, "whsec_ and base64; as it is, because it signs"),
    _column("created_at", UtcDateTime, "when it was made"),
    _column("expires_at", UtcDateTime, "from when on it signs no more; null: it signs", nullable=True),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    _column("id", PlainText, "evt_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it was written; retention counts from here", index=True),
    _column("kind", PlainText, "what happened, such as decision.made"),
    _column("key_id", PlainText, "API key that it came with; empty: none"),
    _column("subject", PlainText, "id of the thing that it happened to"),
    _column("document", Text, "what receivers are told, JSON; never any of the content"),
)

#: A delivery does not hold on to its webhook: what happened is kept also if a webhook is removed at that moment.
deliveries = Table(
    "deliveries",
    metadata,
    _column("event_id", PlainText, "the event", ForeignKey(events.c.id, ondelete="CASCADE"), primary_key=True),
    _column("webhook_id", Integer, "the webhook that it goes to", primary_key=True, autoincrement=False),
    _column("status", PlainText, "waiting, delivered or dead"),
    _column("attempts", Integer, "how often it was tried since it was last made to wait"),
    _column("next_at", UtcDateTime, "when it is tried next; null: not any more", nullable=True),
    _column("leased_until", UtcDateTime, "until when one server has it to itself; null: none has", nullable=True),
    _column("last_status", Integer, "what the receiver answered last; null: nothing", nullable=True),
    _column("last_error", PlainText, "code of what went wrong last; empty: nothing"),
    _column("delivered_at", UtcDateTime, "when the receiver had it; null: not yet", nullable=True),
    _column("log", Text, "its attempts, oldest first; JSON"),
)
Index(
    "ix_deliveries_due",
    deliveries.c.webhook_id,
    deliveries.c.next_at,
    sqlite_where=deliveries.c.next_at.is_not(None),
    postgresql_where=deliveries.c.next_at.is_not(None),
)

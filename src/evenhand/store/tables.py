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


def column(name: str, kind: Any, comment: str, *constraints: Any, nullable: bool = False, **options: Any) -> Any:
    """Return a column that says what it holds."""
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
    column("id", PlainText, "dec_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it was made", index=True),
    column("content_id", PlainText, "the caller's own name for the content; empty: none"),
    column("key_id", PlainText, "API key that the content came with; empty: none"),
    column("door", PlainText, "which door it came through"),
    column("action", PlainText, "allow, review or block"),
    column("is_degraded", Boolean, "whether a detector failed"),
    column("policy_name", PlainText, "which policy decided"),
    column("policy_version", PlainText, "hash of what that policy decides by"),
    column("document", Text, "the whole decision in JSON; never the content"),
    column("author_id", PlainText, "the caller's own name for the author; null: none", nullable=True),
    column("ruled_action", PlainText, "what people ruled last; null: nothing", nullable=True),
)
Index(
    "ix_decisions_author_id",
    decisions.c.author_id,
    decisions.c.created_at,
    sqlite_where=decisions.c.author_id.is_not(None),
    postgresql_where=decisions.c.author_id.is_not(None),
)

contents = Table(
    "contents",
    metadata,
    column(
        "decision_id", PlainText, "the decision on it", ForeignKey(decisions.c.id, ondelete="CASCADE"), primary_key=True
    ),
    column("created_at", UtcDateTime, "when the decision was made; retention counts from here", index=True),
    column("kept_because", PlainText, "asked or review"),
    column("body", LargeBinary, "the text in UTF-8; bytes, because PostgreSQL refuses NUL in text"),
    column("context", LargeBinary, "texts around it, oldest first; JSON"),
    column("clip", LargeBinary, "what was said and found in a clip, with reasons; JSON; null: none", nullable=True),
)

keys = Table(
    "keys",
    metadata,
    column("id", PlainText, "the public part of the key", primary_key=True),
    column("name", PlainText, "what its owner calls it"),
    column("secret_sha256", PlainText, "SHA-256 of the secret part, in hex; the secret itself is not kept"),
    column("scopes", PlainText, "what it may do, separated by commas"),
    column("requests_per_minute", Integer, "its allowance"),
    column("created_at", UtcDateTime, "when it was made"),
    column("revoked_at", UtcDateTime, "when it stopped working; null: it works", nullable=True),
)

feedback = Table(
    "feedback",
    metadata,
    column("id", PlainText, "fb_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it came", index=True),
    column("key_id", PlainText, "API key that it came with"),
    column("community_id", PlainText, "the client's name for the place; empty: none"),
    column("client_token", PlainText, "the client's name for the comment; empty: none"),
    column("session_id", PlainText, "the client's name for the session; empty: none"),
    column("suggestion", LargeBinary, "suggested scores, spans and languages; JSON"),
    column("comment", LargeBinary, "the comment in UTF-8; null: its retention is over", nullable=True),
    column("context", LargeBinary, "texts around it as sent, JSON; null: its retention is over", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    column("sequence", _Sequence, "counts up; never reused", primary_key=True, autoincrement=True),
    column("at", UtcDateTime, "when"),
    column("actor", PlainText, "a key's id, or system"),
    column("act", PlainText, "noun.past, such as decision.made"),
    column("subject", PlainText, "id of the thing"),
    column("details", Text, "JSON; never any of the content"),
    column(
        "sha256", Text, "of this row and the one before, in hex; null: from before there was a chain", nullable=True
    ),
    sqlite_autoincrement=True,
)

audit_head = Table(
    "audit_head",
    metadata,
    column("id", Integer, "1: there is one row", primary_key=True),
    column("sequence", _Sequence, "the newest audit row"),
    column("sha256", Text, "that row's; empty: it is from before there was a chain"),
)

banks = Table(
    "banks",
    metadata,
    column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    column("name", PlainText, "what its owner calls it", index=True, unique=True),
    column("owner", PlainText, "who answers for it"),
    column("kind", PlainText, "block or allow"),
    column("label", PlainText, "what a match is a sign of; empty for an allow bank"),
    column("distance", Integer, "most bits in which a PDQ hash may differ"),
    column("is_enabled", Boolean, "whether it is looked into"),
    column("created_at", UtcDateTime, "when it was made"),
    column("change", BigInteger, "counts up with every change of it or its entries, so that servers see what is new"),
    sqlite_autoincrement=True,
)

bank_entries = Table(
    "bank_entries",
    metadata,
    column("id", _Sequence, "counts up; never reused", primary_key=True, autoincrement=True),
    column("bank_id", Integer, "the bank that it is in", ForeignKey(banks.c.id)),
    column("algorithm", PlainText, "pdq, md5 or sha256"),
    column("hash", LargeBinary, "16 or 32 bytes"),
    column("external_id", PlainText, "what the list that it is from calls it; empty: nothing"),
    column("source", PlainText, "the list or file that it is from"),
    column("created_at", UtcDateTime, "when it was first put in"),
    column("expires_at", UtcDateTime, "from when on it no longer counts; null: never", nullable=True),
    column("removed_at", UtcDateTime, "when it was taken out; null: it counts", nullable=True),
    column("change", BigInteger, "the bank's count when this was last changed"),
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
    column(
        "decision_id",
        PlainText,
        "the decision on the content that they belong to",
        ForeignKey(contents.c.decision_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    column("image", Integer, "which of the content's images, from 0", primary_key=True),
    column("frame", Integer, "which frame of it, from 0", primary_key=True),
    column("data", LargeBinary, "a small copy as JPEG, without metadata; never the file itself"),
)

jobs = Table(
    "jobs",
    metadata,
    column("id", PlainText, "job_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it was accepted", index=True),
    column("key_id", PlainText, "API key that it came with; empty: none"),
    column("door", PlainText, "which door it came through"),
    column("content_id", PlainText, "the caller's own name for the clip; empty: none"),
    column("path", LargeBinary, "where the clip lies until the job is over; empty: not fetched yet"),
    column("url", LargeBinary, "the address to fetch it from, until the job is over; empty: it came in bytes"),
    column("media_type", PlainText, "what the caller says that it is"),
    column("policy", PlainText, "name of the policy that decides"),
    column("keep", PlainText, "never, review or always"),
    column("languages", PlainText, "what the caller says is spoken, separated by commas"),
    column("priority", Integer, "1 is the most urgent, 10 the least"),
    column("status", PlainText, "waiting, running, done, failed, cancelled or dead", index=True),
    column("started_at", UtcDateTime, "when a worker first began; null: not yet", nullable=True),
    column("ended_at", UtcDateTime, "when it came to its final status; null: not yet", nullable=True),
    column("seconds_done", Float, "how much of the clip was screened"),
    column("seconds", Float, "how long the clip is; 0: nobody has looked yet"),
    column("attempts", Integer, "how often it was begun since it last got on"),
    column("run", Integer, "counts up with every retry"),
    column("is_cancel_asked", Boolean, "whether somebody asked to cancel it"),
    column("is_handed_over", Boolean, "whether it is in the workers' queue"),
    column("decision_id", PlainText, "the decision; empty: none yet"),
    column("error", LargeBinary, "why there is no decision; JSON; null: there is no error", nullable=True),
    column(
        "author_id", PlainText, "the caller's own name for the author, until the job is over; null: none", nullable=True
    ),
    column(
        "metadata", LargeBinary, "what the caller says of it, until the job is over; JSON; null: nothing", nullable=True
    ),
)

job_stills = Table(
    "job_stills",
    metadata,
    column("job_id", PlainText, "the job, as long as it is not over", primary_key=True),
    column("milliseconds", Integer, "when in the clip", primary_key=True),
    column("data", LargeBinary, "a small picture as JPEG, without metadata"),
)

workers = Table(
    "workers",
    metadata,
    column("id", PlainText, "random; a worker that starts again is another one", primary_key=True),
    column("host", PlainText, "the machine's name"),
    column("started_at", UtcDateTime, "when it started"),
    column("seen_at", UtcDateTime, "when it last said that it lives"),
)

webhooks = Table(
    "webhooks",
    metadata,
    column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    column("name", PlainText, "what its owner calls it", index=True, unique=True),
    column("url", PlainText, "where events are posted to; it may hold a key of the receiver's"),
    column("kinds", PlainText, "which events it wants, separated by commas; empty: all"),
    column("actions", PlainText, "which actions it wants of events that have one, separated by commas; empty: all"),
    column("key_id", PlainText, "API key whose events it wants; empty: of all"),
    column("is_enabled", Boolean, "whether it is told of anything"),
    column("created_at", UtcDateTime, "when it was made"),
    sqlite_autoincrement=True,
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    column(
        "webhook_id",
        Integer,
        "the webhook whose events it signs",
        ForeignKey(webhooks.c.id, ondelete="CASCADE"),
        index=True,
    ),
    column("secret", PlainText, "whsec_ and base64; as it is, because it signs"),
    column("created_at", UtcDateTime, "when it was made"),
    column("expires_at", UtcDateTime, "from when on it signs no more; null: it signs", nullable=True),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    column("id", PlainText, "evt_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it was written; retention counts from here", index=True),
    column("kind", PlainText, "what happened, such as decision.made"),
    column("key_id", PlainText, "API key that it came with; empty: none"),
    column("subject", PlainText, "id of the thing that it happened to"),
    column("document", Text, "what receivers are told, JSON; never any of the content"),
)

#: A delivery does not hold on to its webhook: what happened is kept also if a webhook is removed at that moment.
deliveries = Table(
    "deliveries",
    metadata,
    column("event_id", PlainText, "the event", ForeignKey(events.c.id, ondelete="CASCADE"), primary_key=True),
    column("webhook_id", Integer, "the webhook that it goes to", primary_key=True, autoincrement=False),
    column("status", PlainText, "waiting, delivered or dead"),
    column("attempts", Integer, "how often it was tried since it was last made to wait"),
    column("next_at", UtcDateTime, "when it is tried next; null: not any more", nullable=True),
    column("leased_until", UtcDateTime, "until when one server has it to itself; null: none has", nullable=True),
    column("last_status", Integer, "what the receiver answered last; null: nothing", nullable=True),
    column("last_error", PlainText, "code of what went wrong last; empty: nothing"),
    column("delivered_at", UtcDateTime, "when the receiver had it; null: not yet", nullable=True),
    column("log", Text, "its attempts, oldest first; JSON"),
)
Index(
    "ix_deliveries_due",
    deliveries.c.webhook_id,
    deliveries.c.next_at,
    sqlite_where=deliveries.c.next_at.is_not(None),
    postgresql_where=deliveries.c.next_at.is_not(None),
)

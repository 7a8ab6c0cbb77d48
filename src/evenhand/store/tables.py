"""The tables. A change here needs a migration: a contract test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
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
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _column(name: str, kind: Any, comment: str, *more: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *more, comment=comment, nullable=options.pop("nullable", False), **options)


#: SQLite only counts up by itself in a column that is exactly INTEGER.
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
)

decisions = Table(
    "decisions",
    metadata,
    _column("id", String(40), "dec_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it was made"),
    _column("content_id", String(200), "the caller's own name for the content"),
    _column("key_id", String(40), "API key that the content came with; empty: none"),
    _column("door", String(40), "which door it came through"),
    _column("action", String(10), "allow, review or block"),
    _column("is_degraded", Boolean, "whether a detector failed"),
    _column("policy_name", String(64), "which policy decided"),
    _column("policy_version", String(12), "hash of what that policy decides by"),
    _column("body", Text, "the whole decision as JSON; never the content"),
    Index("ix_decisions_created_at", "created_at"),
    Index("ix_decisions_content_id", "content_id"),
    Index("ix_decisions_action_created_at", "action", "created_at"),
)

contents = Table(
    "contents",
    metadata,
    _column("decision_id", String(40), "the decision on it", ForeignKey("decisions.id", ondelete="CASCADE"), primary_key=True),
    _column("created_at", UtcDateTime, "when it came; retention counts from here"),
    _column("kept_because", String(10), "asked or review"),
    _column("body", LargeBinary, "the text in UTF-8; bytes, because PostgreSQL refuses NUL in text"),
    _column("context", LargeBinary, "texts around it, a JSON array"),
    Index("ix_contents_created_at", "created_at"),
)

keys = Table(
    "keys",
    metadata,
    _column("id", String(12), "the public part of the key", primary_key=True),
    _column("name", String(200), "what its owner calls it"),
    _column("secret_sha256", String(64), "SHA-256 of the secret part, hex"),
    _column("scopes", String(100), "with commas"),
    _column("requests_per_minute", Integer, "its allowance"),
    _column("created_at", UtcDateTime, "when it was made"),
    _column("revoked_at", UtcDateTime, "when it stopped working", nullable=True),
)

feedback = Table(
    "feedback",
    metadata,
    _column("id", String(40), "fb_ and 32 hex digits, in order of time", primary_key=True),
    _column("created_at", UtcDateTime, "when it came"),
    _column("key_id", String(40), "API key that it came with"),
    _column("comment", LargeBinary, "the comment in UTF-8; none once its retention is over", nullable=True),
    _column("suggestion", LargeBinary, "suggested scores, spans, languages, context and the client's names, JSON"),
    Index("ix_feedback_created_at", "created_at"),
)

audit = Table(
    "audit",
    metadata,
    _column("sequence", _SEQUENCE, "counts up, never reused", primary_key=True, autoincrement=True),
    _column("at", UtcDateTime, "when"),
    _column("actor", String(40), "a key id, or system"),
    _column("act", String(40), "noun.past"),
    _column("subject", String(40), "id of the thing"),
    _column("details", Text, "JSON; never any of the content"),
    Index("ix_audit_subject", "subject"),
    sqlite_autoincrement=True,
)

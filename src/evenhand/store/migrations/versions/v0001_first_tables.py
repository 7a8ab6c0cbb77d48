"""The first tables."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _decisions()
    _contents()
    _keys()
    _feedback()
    _audit()


def _decisions() -> None:
    op.create_table(
        "decisions",
        _text("id", "dec_ and 32 hex digits, in order of time"),
        _time("created_at", "when it was made"),
        _text("content_id", "the caller's own name for the content; empty: none"),
        _text("key_id", "API key that the content came with; empty: none"),
        _text("door", "which door it came through"),
        _text("action", "allow, review or block"),
        sa.Column("is_degraded", sa.Boolean, nullable=False, comment="whether a detector failed"),
        _text("policy_name", "which policy decided"),
        _text("policy_version", "hash of what that policy decides by"),
        _text("document", "the whole decision in JSON; never the content"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_created_at", "decisions", ["created_at"])


def _contents() -> None:
    op.create_table(
        "contents",
        _text("decision_id", "the decision on it"),
        _time("created_at", "when the decision was made; retention counts from here"),
        _text("kept_because", "asked or review"),
        _bytes("body", "the text in UTF-8; bytes, because PostgreSQL refuses NUL in text"),
        _bytes("context", "texts around it, oldest first; JSON"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_contents"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_contents_decision_id", ondelete="CASCADE"),
    )
    op.create_index("ix_contents_created_at", "contents", ["created_at"])


def _keys() -> None:
    op.create_table(
        "keys",
        _text("id", "the public part of the key"),
        _text("name", "what its owner calls it"),
        _text("secret_sha256", "SHA-256 of the secret part, in hex; the secret itself is not kept"),
        _text("scopes", "what it may do, separated by commas"),
        sa.Column("requests_per_minute", sa.Integer, nullable=False, comment="its allowance"),
        _time("created_at", "when it was made"),
        _time("revoked_at", "when it stopped working; null: it works", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        _text("id", "fb_ and 32 hex digits, in order of time"),
        _time("created_at", "when it came"),
        _text("key_id", "API key that it came with"),
        _text("community_id", "the client's name for the place; empty: none"),
        _text("client_token", "the client's name for the comment; empty: none"),
        _text("session_id", "the client's name for the session; empty: none"),
        _bytes("suggestion", "suggested scores, spans and languages; JSON"),
        _bytes("comment", "the comment in UTF-8; null: its retention is over", nullable=True),
        _bytes("context", "texts around it as sent, JSON; null: its retention is over", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"])


def _audit() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit",
        sa.Column("sequence", number, nullable=False, autoincrement=True, comment="counts up; never reused"),
        _time("at", "when"),
        _text("actor", "a key's id, or system"),
        _text("act", "noun.past, such as decision.made"),
        _text("subject", "id of the thing"),
        _text("details", "JSON; never any of the content"),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sqlite_autoincrement=True,
    )


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _bytes(name: str, comment: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable, comment=comment)

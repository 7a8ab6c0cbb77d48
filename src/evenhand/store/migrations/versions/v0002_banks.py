"""Hash banks and their entries."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _banks()
    _bank_entries()


def _banks() -> None:
    op.create_table(
        "banks",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True, comment="counts up; never reused"),
        _text("name", "what its owner calls it"),
        _text("owner", "who answers for it"),
        _text("kind", "block or allow"),
        _text("label", "what a match is a sign of; empty for an allow bank"),
        sa.Column("distance", sa.Integer, nullable=False, comment="most bits in which a PDQ hash may differ"),
        sa.Column("is_enabled", sa.Boolean, nullable=False, comment="whether it is looked into"),
        _time("created_at", "when it was made"),
        _number("change", "counts up with every change of it or its entries, so that servers see what is new"),
        sa.PrimaryKeyConstraint("id", name="pk_banks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_banks_name", "banks", ["name"], unique=True)


def _bank_entries() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "bank_entries",
        sa.Column("id", number, nullable=False, autoincrement=True, comment="counts up; never reused"),
        sa.Column("bank_id", sa.Integer, nullable=False, comment="the bank that it is in"),
        _text("algorithm", "pdq, md5 or sha256"),
        sa.Column("hash", sa.LargeBinary, nullable=False, comment="16 or 32 bytes"),
        _text("external_id", "what the list that it is from calls it; empty: nothing"),
        _text("source", "the list or file that it is from"),
        _time("created_at", "when it was first put in"),
        _time("expires_at", "from when on it no longer counts; null: never", nullable=True),
        _time("removed_at", "when it was taken out; null: it counts", nullable=True),
        _number("change", "the bank's count when this was last changed"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_entries"),
        sa.ForeignKeyConstraint(["bank_id"], ["banks.id"], name="fk_bank_entries_bank_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bank_entries_hash", "bank_entries", ["bank_id", "algorithm", "hash"], unique=True)
    op.create_index("ix_bank_entries_change", "bank_entries", ["bank_id", "change", "id"])
    op.create_index(
        "ix_bank_entries_expires_at",
        "bank_entries",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, comment=comment)


def _number(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)

"""Audit rows are bound to each other; those that are there already stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the head."""
    op.add_column(
        "audit",
        sa.Column(
            "sha256",
            sa.Text,
            nullable=True,
            comment="of this row and the one before, in hex; null: from before there was a chain",
        ),
    )
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True, comment="1: there is one row"),
        sa.Column("sequence", number, nullable=False, comment="the newest audit row"),
        sa.Column(
            "sha256",
            sa.Text,
            nullable=False,
            comment="that row's; empty: it is from before there was a chain",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.execute("INSERT INTO audit_head (id, sequence, sha256) SELECT 1, coalesce(max(sequence), 0), '' FROM audit")

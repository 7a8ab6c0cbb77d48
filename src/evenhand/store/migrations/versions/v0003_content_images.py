"""Copies of the images of contents that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "content_images",
        sa.Column("decision_id", sa.Text, nullable=False, comment="the decision on the content that they belong to"),
        sa.Column("image", sa.Integer, nullable=False, comment="which of the content's images, from 0"),
        sa.Column("frame", sa.Integer, nullable=False, comment="which frame of it, from 0"),
        sa.Column(
            "data",
            sa.LargeBinary,
            nullable=False,
            comment="a small copy as JPEG, without metadata; never the file itself",
        ),
        sa.PrimaryKeyConstraint("decision_id", "image", "frame", name="pk_content_images"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["contents.decision_id"], name="fk_content_images_decision_id", ondelete="CASCADE"
        ),
    )

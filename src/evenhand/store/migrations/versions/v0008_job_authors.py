"""Who posted the clip of a job, and what the caller says of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; of jobs that are there nothing is known."""
    author = "the caller's own name for the author, until the job is over; null: none"
    op.add_column("jobs", sa.Column("author_id", sa.Text, nullable=True, comment=author))
    said = "what the caller says of it, until the job is over; JSON; null: nothing"
    op.add_column("jobs", sa.Column("metadata", sa.LargeBinary, nullable=True, comment=said))

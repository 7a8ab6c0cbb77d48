"""Jobs, the stills that they keep on the way, the workers that are at them, and what is known of a kept clip."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables and the column."""
    op.add_column(
        "contents",
        sa.Column(
            "clip",
            sa.LargeBinary,
            nullable=True,
            comment="what was said and found in a clip, with reasons; JSON; null: none",
        ),
    )
    _jobs()
    op.create_table(
        "job_stills",
        _text("job_id", "the job, as long as it is not over"),
        _column("milliseconds", sa.Integer, "when in the clip"),
        _column("data", sa.LargeBinary, "a small picture as JPEG, without metadata"),
        sa.PrimaryKeyConstraint("job_id", "milliseconds", name="pk_job_stills"),
    )
    op.create_table(
        "workers",
        _text("id", "random; a worker that starts again is another one"),
        _text("host", "the machine's name"),
        _time("started_at", "when it started"),
        _time("seen_at", "when it last said that it lives"),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _text("id", "job_ and 32 hex digits, in order of time"),
        _time("created_at", "when it was accepted"),
        _text("key_id", "API key that it came with; empty: none"),
        _text("door", "which door it came through"),
        _text("content_id", "the caller's own name for the clip; empty: none"),
        _column("path", sa.LargeBinary, "where the clip lies until the job is over; empty: not fetched yet"),
        _column("url", sa.LargeBinary, "the address to fetch it from, until the job is over; empty: it came in bytes"),
        _text("media_type", "what the caller says that it is"),
        _text("policy", "name of the policy that decides"),
        _text("keep", "never, review or always"),
        _text("languages", "what the caller says is spoken, separated by commas"),
        _column("priority", sa.Integer, "1 is the most urgent, 10 the least"),
        _text("status", "waiting, running, done, failed, cancelled or dead"),
        _time("started_at", "when a worker first began; null: not yet", nullable=True),
        _time("ended_at", "when it came to its final status; null: not yet", nullable=True),
        _column("seconds_done", sa.Float, "how much of the clip was screened"),
        _column("seconds", sa.Float, "how long the clip is; 0: nobody has looked yet"),
        _column("attempts", sa.Integer, "how often it was begun since it last got on"),
        _column("run", sa.Integer, "counts up with every retry"),
        _column("is_cancel_asked", sa.Boolean, "whether somebody asked to cancel it"),
        _column("is_handed_over", sa.Boolean, "whether it is in the workers' queue"),
        _text("decision_id", "the decision; empty: none yet"),
        _column("error", sa.LargeBinary, "why there is no decision; JSON; null: there is no error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_index("ix_jobs_status", "jobs", ["status"])


def _column(name: str, kind: Any, comment: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=nullable, comment=comment)


def _text(name: str, comment: str) -> "sa.Column[str]":
    return _column(name, sa.Text, comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return _column(name, sa.DateTime(timezone=True), comment, nullable=nullable)

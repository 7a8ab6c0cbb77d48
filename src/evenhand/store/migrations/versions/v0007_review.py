"""Policies as they were, and people's work: cases, rulings, reviewers, appeals, holds."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_IS_OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    """Make the tables, and what decisions need for them."""
    _decisions()
    _policies()
    _shadow_verdicts()
    _reviewers()
    _sessions()
    _cases()
    _case_skips()
    _rulings()
    _golden_cases()
    _exposures()
    _appeals()
    _appeal_messages()
    _holds()


def _decisions() -> None:
    author = _text("author_id", "the caller's own name for the author; null: none", nullable=True)
    op.add_column("decisions", author)
    ruled = _text("ruled_action", "what people ruled last; null: nothing", nullable=True)
    op.add_column("decisions", ruled)
    has_author = sa.text("author_id IS NOT NULL")
    op.create_index(
        "ix_decisions_author_id",
        "decisions",
        ["author_id", "created_at"],
        sqlite_where=has_author,
        postgresql_where=has_author,
    )


def _policies() -> None:
    op.create_table(
        "policies",
        _text("version", "hash of what it decides by"),
        _text("name", "what it is called"),
        _time("created_at", "when it was first used"),
        _text("source", "the whole policy in YAML, with everything that it inherits"),
        sa.PrimaryKeyConstraint("version", name="pk_policies"),
    )


def _shadow_verdicts() -> None:
    op.create_table(
        "shadow_verdicts",
        _text("decision_id", "the decision"),
        _text("policy_version", "the policy in the shadow"),
        _text("action", "what it would have done: allow, review or block"),
        _text("rules", "what set it off; JSON"),
        sa.PrimaryKeyConstraint("decision_id", "policy_version", name="pk_shadow_verdicts"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_shadow_verdicts_decision_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_shadow_verdicts_policy_version", "shadow_verdicts", ["policy_version"])


def _reviewers() -> None:
    op.create_table(
        "reviewers",
        _column("id", sa.Integer, "counts up; never reused", autoincrement=True),
        _text("name", "what they sign in with"),
        _text("role", "reviewer, lead, admin or auditor"),
        _text("password_hash", "argon2id; empty: they cannot sign in"),
        _text("totp_secret", "of their authenticator, in base32; as it is, because it makes codes; empty: none"),
        _column("totp_step", sa.BigInteger, "the last code's step: a code works once"),
        _column("is_enabled", sa.Boolean, "whether they may sign in"),
        _column("failures", sa.Integer, "wrong passwords or codes in a row"),
        _time("locked_until", "until when nobody signs in as them; null: not locked", nullable=True),
        _column("severe_per_day", sa.Integer, "most severe cases in a day; 0: no limit"),
        _text("preferences", "how they want to see content; JSON"),
        _time("created_at", "when the account was made"),
        sa.PrimaryKeyConstraint("id", name="pk_reviewers"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviewers_name", "reviewers", ["name"], unique=True)


def _sessions() -> None:
    op.create_table(
        "sessions",
        _text("token_sha256", "SHA-256 of the cookie, in hex; the cookie itself is not kept"),
        _column("reviewer_id", sa.Integer, "whose"),
        _text("csrf_token", "what every form of the session carries"),
        _time("created_at", "when it began"),
        _time("seen_at", "when it was last used, give or take a minute"),
        _time("expires_at", "when it ends at the latest"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sessions"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], name="fk_sessions_reviewer_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_reviewer_id", "sessions", ["reviewer_id"])


def _cases() -> None:
    op.create_table(
        "cases",
        _text("id", "case_ and 32 hex digits, in order of time"),
        _time("created_at", "when it was opened"),
        _text("decision_id", "what it is about"),
        _text("kind", "review, second_review, escalation, golden or appeal"),
        _text("status", "open or closed"),
        _text("queue", "where it waits"),
        _column("rank", sa.Integer, "10 x priority (1 the most urgent) + 9 - severity: the lowest comes first"),
        _column("severity", sa.Integer, "how hard it may be to look at: 0 to 3"),
        _text("author_id", "the caller's own name for the author; empty: none"),
        _text("content_sha256", "of the text, to find the same one; empty: it was not kept"),
        _column("excluded_id", sa.Integer, "the reviewer who may not have it; null: none", nullable=True),
        _column("only_id", sa.Integer, "the only reviewer who may have it; null: anybody", nullable=True),
        _column("claimed_by", sa.Integer, "the reviewer who has it; null: nobody", nullable=True),
        _time("leased_until", "until when; null: nobody has it", nullable=True),
        _time("closed_at", "when it was closed; null: it is open", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_cases_decision_id", ondelete="CASCADE"),
    )
    op.create_index("ix_cases_author_id", "cases", ["author_id"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
    op.create_index("ix_cases_claimed_by", "cases", ["claimed_by"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
    op.create_index(
        "ix_cases_content_sha256", "cases", ["content_sha256"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )
    op.create_index("ix_cases_created_at", "cases", ["created_at"])
    op.create_index("ix_cases_decision_id", "cases", ["decision_id"])
    op.create_index("ix_cases_open", "cases", ["queue", "rank", "id"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)


def _case_skips() -> None:
    op.create_table(
        "case_skips",
        _text("case_id", "the case"),
        _column("reviewer_id", sa.Integer, "who passed it by", autoincrement=False),
        _time("at", "when"),
        sa.PrimaryKeyConstraint("case_id", "reviewer_id", name="pk_case_skips"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_skips_case_id", ondelete="CASCADE"),
    )


def _rulings() -> None:
    op.create_table(
        "rulings",
        _text("id", "rul_ and 32 hex digits, in order of time"),
        _time("at", "when"),
        _text("case_id", "the case; empty: an undo has none"),
        _text("decision_id", "what is ruled on"),
        _column("reviewer_id", sa.Integer, "who; null: not a reviewer", nullable=True),
        _text("kind", "as the case's, or undo"),
        _text("action", "allow or block; review: it goes on to somebody else"),
        _text("reason", "a category of the taxonomy, or why there is no harm"),
        _column("note", sa.LargeBinary, "in UTF-8; may quote the content, so it goes when the content does"),
        _text("before", "the action that stood until then"),
        _column("seconds", sa.Integer, "from the claim to the ruling"),
        sa.PrimaryKeyConstraint("id", name="pk_rulings"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_rulings_decision_id", ondelete="CASCADE"),
    )
    op.create_index("ix_rulings_at", "rulings", ["at"])
    op.create_index("ix_rulings_case_id", "rulings", ["case_id"])
    op.create_index("ix_rulings_decision_id", "rulings", ["decision_id"])
    op.create_index("ix_rulings_reviewer_id", "rulings", ["reviewer_id"])


def _golden_cases() -> None:
    op.create_table(
        "golden_cases",
        _text("decision_id", "on what"),
        _text("action", "what is right"),
        _text("reason", "and why"),
        _column("reviewer_id", sa.Integer, "who says so"),
        _time("created_at", "when it was made one"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_golden_cases"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_golden_cases_decision_id", ondelete="CASCADE"
        ),
    )


def _exposures() -> None:
    op.create_table(
        "exposures",
        _column("reviewer_id", sa.Integer, "who", autoincrement=False),
        _text("day", "YYYY-MM-DD, in UTC"),
        _column("severity", sa.Integer, "0 to 3", autoincrement=False),
        _column("cases", sa.Integer, "how many cases they were shown"),
        sa.PrimaryKeyConstraint("reviewer_id", "day", "severity", name="pk_exposures"),
    )


def _appeals() -> None:
    op.create_table(
        "appeals",
        _text("id", "app_ and 32 hex digits, in order of time"),
        _time("created_at", "when it came"),
        _text("decision_id", "against what"),
        _text("case_id", "the case that it is"),
        _text("key_id", "API key that it came with"),
        _text("token_sha256", "SHA-256 of the author's token, in hex; the token itself is not kept"),
        _text("status", "open, upheld or reversed"),
        _column("outcome", sa.LargeBinary, "what the author is told; null: nothing yet", nullable=True),
        _time("closed_at", "when; null: it is open", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_appeals_decision_id", ondelete="CASCADE"),
    )
    op.create_index("ix_appeals_case_id", "appeals", ["case_id"])
    op.create_index("ix_appeals_created_at", "appeals", ["created_at"])
    op.create_index("ix_appeals_decision_id", "appeals", ["decision_id"])


def _appeal_messages() -> None:
    op.create_table(
        "appeal_messages",
        _text("id", "msg_ and 32 hex digits, in order of time"),
        _text("appeal_id", "of which appeal"),
        _time("at", "when"),
        _text("sender", "author or reviewer"),
        _column("reviewer_id", sa.Integer, "which reviewer; null: the author", nullable=True),
        _column("body", sa.LargeBinary, "in UTF-8"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal_messages"),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name="fk_appeal_messages_appeal_id", ondelete="CASCADE"),
    )
    op.create_index("ix_appeal_messages_appeal_id", "appeal_messages", ["appeal_id"])


def _holds() -> None:
    op.create_table(
        "holds",
        _text("decision_id", "what is kept"),
        _time("at", "since when"),
        _text("actor", "who ordered it"),
        _text("reason", "why"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_holds"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_holds_decision_id"),
    )


def _column(name: str, kind: Any, comment: str, *, nullable: bool = False, **options: Any) -> Any:
    return sa.Column(name, kind, nullable=nullable, comment=comment, **options)


def _text(name: str, comment: str, **options: Any) -> Any:
    return _column(name, sa.Text, comment, **options)


def _time(name: str, comment: str, **options: Any) -> Any:
    return _column(name, sa.DateTime(timezone=True), comment, **options)

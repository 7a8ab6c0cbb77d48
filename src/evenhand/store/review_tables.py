"""The tables of people's work: policies as they were, cases, rulings, reviewers, appeals, holds."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Table, Text

from evenhand.store.tables import PlainText, UtcDateTime, column, decisions, metadata

policies = Table(
    "policies",
    metadata,
    column("version", PlainText, "hash of what it decides by", primary_key=True),
    column("name", PlainText, "what it is called"),
    column("created_at", UtcDateTime, "when it was first used"),
    column("source", Text, "the whole policy in YAML, with everything that it inherits"),
)

shadow_verdicts = Table(
    "shadow_verdicts",
    metadata,
    column("decision_id", PlainText, "the decision", ForeignKey(decisions.c.id, ondelete="CASCADE"), primary_key=True),
    column("policy_version", PlainText, "the policy in the shadow", primary_key=True, index=True),
    column("action", PlainText, "what it would have done: allow, review or block"),
    column("rules", Text, "what set it off; JSON"),
)

reviewers = Table(
    "reviewers",
    metadata,
    column("id", Integer, "counts up; never reused", primary_key=True, autoincrement=True),
    column("name", PlainText, "what they sign in with", index=True, unique=True),
    column("role", PlainText, "reviewer, lead, admin or auditor"),
    column("password_hash", PlainText, "argon2id; empty: they cannot sign in"),
    column(
        "totp_secret", PlainText, "of their authenticator, in base32; as it is, because it makes codes; empty: none"
    ),
    column("totp_step", BigInteger, "the last code's step: a code works once"),
    column("is_enabled", Boolean, "whether they may sign in"),
    column("failures", Integer, "wrong passwords or codes in a row"),
    column("locked_until", UtcDateTime, "until when nobody signs in as them; null: not locked", nullable=True),
    column("severe_per_day", Integer, "most severe cases in a day; 0: no limit"),
    column("preferences", Text, "how they want to see content; JSON"),
    column("created_at", UtcDateTime, "when the account was made"),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    column("token_sha256", PlainText, "SHA-256 of the cookie, in hex; the cookie itself is not kept", primary_key=True),
    column("reviewer_id", Integer, "whose", ForeignKey(reviewers.c.id, ondelete="CASCADE"), index=True),
    column("csrf_token", PlainText, "what every form of the session carries"),
    column("created_at", UtcDateTime, "when it began"),
    column("seen_at", UtcDateTime, "when it was last used, give or take a minute"),
    column("expires_at", UtcDateTime, "when it ends at the latest"),
)

cases = Table(
    "cases",
    metadata,
    column("id", PlainText, "case_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it was opened", index=True),
    column("decision_id", PlainText, "what it is about", ForeignKey(decisions.c.id, ondelete="CASCADE"), index=True),
    column("kind", PlainText, "review, second_review, escalation, golden or appeal"),
    column("status", PlainText, "open or closed"),
    column("queue", PlainText, "where it waits"),
    column("rank", Integer, "10 x priority (1 the most urgent) + 9 - severity: the lowest comes first"),
    column("severity", Integer, "how hard it may be to look at: 0 to 3"),
    column("author_id", PlainText, "the caller's own name for the author; empty: none"),
    column("content_sha256", PlainText, "of the text, to find the same one; empty: it was not kept"),
    column("excluded_id", Integer, "the reviewer who may not have it; null: none", nullable=True),
    column("only_id", Integer, "the only reviewer who may have it; null: anybody", nullable=True),
    column("claimed_by", Integer, "the reviewer who has it; null: nobody", nullable=True),
    column("leased_until", UtcDateTime, "until when; null: nobody has it", nullable=True),
    column("closed_at", UtcDateTime, "when it was closed; null: it is open", nullable=True),
)
_IS_OPEN = cases.c.status == "open"
Index("ix_cases_open", cases.c.queue, cases.c.rank, cases.c.id, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
Index("ix_cases_author_id", cases.c.author_id, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
Index("ix_cases_content_sha256", cases.c.content_sha256, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)
Index("ix_cases_claimed_by", cases.c.claimed_by, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)

case_skips = Table(
    "case_skips",
    metadata,
    column("case_id", PlainText, "the case", ForeignKey(cases.c.id, ondelete="CASCADE"), primary_key=True),
    column("reviewer_id", Integer, "who passed it by", primary_key=True, autoincrement=False),
    column("at", UtcDateTime, "when"),
)

rulings = Table(
    "rulings",
    metadata,
    column("id", PlainText, "rul_ and 32 hex digits, in order of time", primary_key=True),
    column("at", UtcDateTime, "when", index=True),
    column("case_id", PlainText, "the case; empty: an undo has none", index=True),
    column("decision_id", PlainText, "what is ruled on", ForeignKey(decisions.c.id, ondelete="CASCADE"), index=True),
    column("reviewer_id", Integer, "who; null: not a reviewer", nullable=True, index=True),
    column("kind", PlainText, "as the case's, or undo"),
    column("action", PlainText, "allow or block; review: it goes on to somebody else"),
    column("reason", PlainText, "a category of the taxonomy, or why there is no harm"),
    column("note", LargeBinary, "in UTF-8; may quote the content, so it goes when the content does"),
    column("before", PlainText, "the action that stood until then"),
    column("seconds", Integer, "from the claim to the ruling"),
)

golden_cases = Table(
    "golden_cases",
    metadata,
    column("decision_id", PlainText, "on what", ForeignKey(decisions.c.id, ondelete="CASCADE"), primary_key=True),
    column("action", PlainText, "what is right"),
    column("reason", PlainText, "and why"),
    column("reviewer_id", Integer, "who says so"),
    column("created_at", UtcDateTime, "when it was made one"),
)

exposures = Table(
    "exposures",
    metadata,
    column("reviewer_id", Integer, "who", primary_key=True, autoincrement=False),
    column("day", PlainText, "YYYY-MM-DD, in UTC", primary_key=True),
    column("severity", Integer, "0 to 3", primary_key=True, autoincrement=False),
    column("cases", Integer, "how many cases they were shown"),
)

appeals = Table(
    "appeals",
    metadata,
    column("id", PlainText, "app_ and 32 hex digits, in order of time", primary_key=True),
    column("created_at", UtcDateTime, "when it came", index=True),
    column("decision_id", PlainText, "against what", ForeignKey(decisions.c.id, ondelete="CASCADE"), index=True),
    column("case_id", PlainText, "the case that it is", index=True),
    column("key_id", PlainText, "API key that it came with"),
    column("token_sha256", PlainText, "SHA-256 of the author's token, in hex; the token itself is not kept"),
    column("status", PlainText, "open, upheld or reversed"),
    column("outcome", LargeBinary, "what the author is told; null: nothing yet", nullable=True),
    column("closed_at", UtcDateTime, "when; null: it is open", nullable=True),
)

appeal_messages = Table(
    "appeal_messages",
    metadata,
    column("id", PlainText, "msg_ and 32 hex digits, in order of time", primary_key=True),
    column("appeal_id", PlainText, "of which appeal", ForeignKey(appeals.c.id, ondelete="CASCADE"), index=True),
    column("at", UtcDateTime, "when"),
    column("sender", PlainText, "author or reviewer"),
    column("reviewer_id", Integer, "which reviewer; null: the author", nullable=True),
    column("body", LargeBinary, "in UTF-8"),
)

holds = Table(
    "holds",
    metadata,
    column("decision_id", PlainText, "what is kept", ForeignKey(decisions.c.id), primary_key=True),
    column("at", UtcDateTime, "since when"),
    column("actor", PlainText, "who ordered it"),
    column("reason", PlainText, "why"),
)

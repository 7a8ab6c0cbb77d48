"""Who may do what: API keys and their scopes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key may do."""

    SCREEN = "screen"
    """Send content and get decisions."""
    REVIEW = "review"
    """Read any decision."""
    ADMIN = "admin"
    """Everything."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret.

    Args:
        id: 12 characters; part of the key that is presented.
        name: What its owner calls it.
        scopes: What it may do.
        requests_per_minute: Its allowance.
        created_at: Aware, in UTC.
        revoked_at: When it stopped working; none while it works.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    requests_per_minute: int
    created_at: datetime
    revoked_at: datetime | None = None

"""Reviewers as they are kept, and as they are read."""

from typing import Any

import msgspec
from sqlalchemy import Row

from evenhand.core.case import Role
from evenhand.core.reviewer import Preferences, Reviewer


def reviewer_from(row: Row[Any]) -> Reviewer:
    """Return the reviewer whose row `row` is, or is part of."""
    return Reviewer(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        is_enabled=row.is_enabled,
        has_authenticator=bool(row.totp_secret),
        severe_per_day=row.severe_per_day,
        preferences=Preferences.read(msgspec.json.decode(row.preferences)),
    )


def preferences_text(preferences: Preferences) -> str:
    """Return preferences as they are kept."""
    return msgspec.json.encode(preferences).decode()

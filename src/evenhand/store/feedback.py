"""Feedback: scores that clients suggest, kept for whoever tunes thresholds."""

from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from evenhand.store.database import Database
from evenhand.store.records import Feedback
from evenhand.store.tables import feedback

_SUGGESTION = ("suggested", "spans", "languages", "context", "community_id", "client_token", "session_id")


class FeedbackRows:
    """The feedback of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, item: Feedback) -> None:
        """Keep `item`."""
        row = {
            "id": item.id,
            "created_at": item.created_at,
            "key_id": item.key_id,
            "comment": item.comment.encode(),
            "suggestion": msgspec.json.encode({name: getattr(item, name) for name in _SUGGESTION}),
        }
        with self._database.begin() as connection:
            connection.execute(insert(feedback).values(row))

    def list(self, *, after: str = "", limit: int = 100) -> list[Feedback]:
        """Return at most `limit` items whose ids follow `after`, oldest first."""
        query = select(feedback).where(feedback.c.id > after).order_by(feedback.c.id).limit(limit)
        with self._database.begin() as connection:
            found = connection.execute(query).all()
        return [_item(row) for row in found]


def _item(row: Row[Any]) -> Feedback:
    suggestion = msgspec.json.decode(row.suggestion)
    return Feedback(
        id=row.id,
        created_at=row.created_at,
        key_id=row.key_id,
        comment=row.comment.decode() if row.comment is not None else "",
        **{**suggestion, "languages": tuple(suggestion["languages"])},
    )

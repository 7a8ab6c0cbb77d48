"""Feedback: scores that clients suggest, kept for whoever tunes thresholds."""

from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from evenhand.store.database import Database
from evenhand.store.records import Feedback
from evenhand.store.tables import feedback

_INSERT = insert(feedback)


class FeedbackRows:
    """The feedback of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, item: Feedback) -> None:
        """Keep `item`.

        Raises:
            StoreError: It was not kept.
        """
        with self._database.write() as connection:
            connection.execute(_INSERT, _row(item))

    def list(self, *, after: str = "", limit: int = 100) -> list[Feedback]:
        """Return at most `limit` items whose ids follow `after`, oldest first."""
        query = select(feedback).where(feedback.c.id > after).order_by(feedback.c.id).limit(limit)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [_item(row) for row in found]


def _row(item: Feedback) -> dict[str, Any]:
    suggestion = {"suggested": item.suggested, "spans": item.spans, "languages": item.languages}
    return {
        "id": item.id,
        "created_at": item.created_at,
        "key_id": item.key_id,
        "community_id": item.community_id,
        "client_token": item.client_token,
        "session_id": item.session_id,
        "suggestion": msgspec.json.encode(suggestion),
        "comment": item.comment.encode(),
        "context": msgspec.json.encode(item.context),
    }


def _item(row: Row[Any]) -> Feedback:
    suggestion = msgspec.json.decode(row.suggestion)
    return Feedback(
        id=row.id,
        created_at=row.created_at,
        key_id=row.key_id,
        comment=(row.comment or b"").decode(),
        suggested=suggestion["suggested"],
        spans=suggestion["spans"],
        languages=tuple(suggestion["languages"]),
        context=msgspec.json.decode(row.context or b"null"),
        community_id=row.community_id,
        client_token=row.client_token,
        session_id=row.session_id,
    )

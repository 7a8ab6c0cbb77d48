"""Contents: bodies that a caller asked to keep, or that a person has to review."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, insert, select

from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.store.database import Database
from evenhand.store.records import DecisionRecord, StoredContent
from evenhand.store.tables import contents

_INSERT = insert(contents)


class Contents:
    """The contents of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, decision_id: str) -> StoredContent:
        """Return the content that the decision with this id is about.

        Raises:
            NotFoundError: `content.not_found`: it was not kept, or its retention is over.
        """
        with self._database.begin() as connection:
            found = connection.execute(select(contents).where(contents.c.decision_id == decision_id)).one_or_none()
        if found is None:
            raise NotFoundError(
                "content.not_found",
                "The content of this decision is not stored.",
                field="id",
                remedy="Ask for it with store_content.",
            )
        return StoredContent(
            found.decision_id,
            found.created_at,
            found.kept_because,
            found.body.decode(),
            msgspec.json.decode(found.context, type=tuple[str, ...]),
        )


def write_contents(connection: Connection, records: Sequence[DecisionRecord]) -> None:
    """Write the bodies among `records` that are to be kept."""
    rows = [
        {
            "decision_id": record.decision.id,
            "created_at": record.decision.created_at,
            "kept_because": "review" if record.decision.action is Action.REVIEW else "asked",
            "body": record.body.encode(),
            "context": msgspec.json.encode(record.context),
        }
        for record in records
        if record.body is not None
    ]
    if rows:
        connection.execute(_INSERT, rows)

"""Contents: bodies that a caller asked to keep, or that a person has to review."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.core.timeline import ClipNotes
from evenhand.store.database import Database
from evenhand.store.records import DecisionRecord, StoredContent, StoredImage
from evenhand.store.tables import content_images, contents

#: The greatest number that a column of integers takes.
_MOST_MILLISECONDS: Final = 2**31 - 1

_INSERT = insert(contents)
_INSERT_IMAGES = insert(content_images)
_SELECT_IMAGES = (
    select(content_images.c.image, content_images.c.frame, content_images.c.data)
    .where(content_images.c.decision_id == bindparam("decision_id"))
    .order_by(content_images.c.image, content_images.c.frame)
)
_SELECT_THUMBNAIL = select(content_images.c.data).where(
    content_images.c.decision_id == bindparam("decision_id"), content_images.c.frame == bindparam("frame")
)
_SELECT = select(contents).where(contents.c.decision_id == bindparam("decision_id"))


class Contents:
    """The contents of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, decision_id: str) -> StoredContent:
        """Return the content that the decision with this id is about.

        Raises:
            NotFoundError: `content.not_found`: it was not kept, or its retention is over.
        """
        with self._database.read() as connection:
            row = connection.execute(_SELECT, {"decision_id": decision_id}).one_or_none()
            images = connection.execute(_SELECT_IMAGES, {"decision_id": decision_id}).all()
        if row is None:
            raise NotFoundError(
                "content.not_found",
                "The content of this decision is not stored.",
                field="id",
                remedy="Send store_content with the content to have it stored; it is deleted after its retention.",
            )
        return StoredContent(
            row.decision_id,
            row.created_at,
            row.kept_because,
            row.body.decode(),
            msgspec.json.decode(row.context, type=tuple[str, ...]),
            tuple(StoredImage(*image) for image in images),
            msgspec.json.decode(row.clip, type=ClipNotes) if row.clip else None,
        )

    def thumbnail(self, decision_id: str, milliseconds: int) -> bytes:
        """Return the still of a clip at this time, as JPEG.

        Raises:
            NotFoundError: `thumbnail.not_found`: there is none, it was not kept, or its retention is over.
        """
        # A path may name any number; the column takes no greater one, and no clip is so long.
        key = {"decision_id": decision_id, "frame": min(milliseconds, _MOST_MILLISECONDS)}
        with self._database.read() as connection:
            data = connection.execute(_SELECT_THUMBNAIL, key).scalar()
        if data is None:
            raise NotFoundError(
                "thumbnail.not_found",
                "There is no picture of this time.",
                field="milliseconds",
                remedy="Take the `thumbnail` of a span in the timeline; it is kept as long as the content is.",
            )
        return bytes(data)


def write_contents(connection: Connection, records: Sequence[DecisionRecord]) -> None:
    """Write the bodies among `records` that are to be kept, in the transaction of `connection`."""
    rows = [_row(record, record.body) for record in records if record.body is not None]
    if rows:
        connection.execute(_INSERT, rows)
    images = [
        {"decision_id": record.decision.id, "image": image.image, "frame": image.frame, "data": image.data}
        for record in records
        if record.body is not None
        for image in record.images
    ]
    if images:
        connection.execute(_INSERT_IMAGES, images)


def _row(record: DecisionRecord, body: str) -> dict[str, Any]:
    return {
        "decision_id": record.decision.id,
        "created_at": record.decision.created_at,
        "kept_because": "review" if record.decision.action is Action.REVIEW else "asked",
        "body": body.encode(),
        "context": msgspec.json.encode(record.context),
        "clip": msgspec.json.encode(record.clip) if record.clip else None,
    }

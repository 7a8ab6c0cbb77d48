"""Decisions: kept with their audit row, and their content where it is to be kept, in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from evenhand.core.decision import Decision
from evenhand.core.errors import NotFoundError
from evenhand.store.audit import write_audit
from evenhand.store.contents import write_contents
from evenhand.store.database import Database
from evenhand.store.records import DecisionRecord, StoredDecision
from evenhand.store.tables import decisions

_INSERT = insert(decisions)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Decision)


class Decisions:
    """The decisions of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, records: Sequence[DecisionRecord]) -> None:
        """Keep all of `records`, or none.

        Raises:
            StoreError: `store.unavailable`; none was kept.
        """
        if not records:
            return
        with self._database.begin() as connection:
            connection.execute(_INSERT, [_row(record) for record in records])
            write_contents(connection, records)
            write_audit(connection, [_audit(record) for record in records])

    def get(self, decision_id: str) -> StoredDecision:
        """Return the decision with this id.

        Raises:
            NotFoundError: `decision.not_found`.
        """
        with self._database.begin() as connection:
            found = _find(connection, decision_id)
        if found is None:
            raise NotFoundError(
                "decision.not_found",
                "There is no decision with this id.",
                field="id",
                remedy="It may be past its retention.",
            )
        return StoredDecision(_decoder.decode(found.body), found.key_id, found.door)


def _find(connection: Connection, decision_id: str) -> Row[Any] | None:
    columns = (decisions.c.body, decisions.c.key_id, decisions.c.door)
    return connection.execute(select(*columns).where(decisions.c.id == decision_id)).one_or_none()


def _row(record: DecisionRecord) -> dict[str, Any]:
    decision = record.decision
    return {
        "id": decision.id,
        "created_at": decision.created_at,
        "content_id": decision.content_id,
        "key_id": record.key_id,
        "door": record.door,
        "action": decision.action.value,
        "is_degraded": decision.is_degraded,
        "policy_name": decision.policy.name,
        "policy_version": decision.policy.version,
        "body": _encoder.encode(decision).decode(),
    }


def _audit(record: DecisionRecord) -> dict[str, Any]:
    decision = record.decision
    details = {"action": decision.action, "policy": decision.policy.version, "door": record.door}
    return {
        "at": decision.created_at,
        "actor": record.key_id or "system",
        "act": "decision.made",
        "subject": decision.id,
        "details": details,
    }

"""Decisions: kept with their audit row, their event, and their content where it is to be kept, in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from evenhand.core.alert import EventKind
from evenhand.core.decision import Decision
from evenhand.core.errors import NotFoundError
from evenhand.store.audit import audit_row, write_audit
from evenhand.store.cases import write_cases
from evenhand.store.contents import write_contents
from evenhand.store.database import Database
from evenhand.store.events import write_events
from evenhand.store.records import DecisionRecord, EventRecord, StoredDecision
from evenhand.store.shadow import write_shadow_verdicts
from evenhand.store.tables import decisions

_INSERT = insert(decisions)
_SELECT = select(decisions.c.document, decisions.c.key_id, decisions.c.door).where(decisions.c.id == bindparam("id"))
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Decision)


class Decisions:
    """The decisions of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, records: Sequence[DecisionRecord]) -> None:
        """Keep all of `records`, or none.

        Raises:
            StoreError: None was kept.
        """
        if not records:
            return
        with self._database.write() as connection:
            write_decisions(connection, records)

    def get(self, decision_id: str) -> StoredDecision:
        """Return the decision with this id.

        Raises:
            NotFoundError: `decision.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(_SELECT, {"id": decision_id}).one_or_none()
        if row is None:
            raise decision_not_found()
        return StoredDecision(_decoder.decode(row.document), row.key_id, row.door)


def decision_not_found(*, field: str = "id") -> NotFoundError:
    """Return the error for a decision that is not there, or not for whoever asks; `field` names it."""
    return NotFoundError(
        "decision.not_found",
        "There is no such decision, or it is not yours to see.",
        field=field,
        remedy="Check the id; decisions are deleted after their retention.",
    )


def read_decision(connection: Connection, decision_id: str) -> Decision:
    """Return a decision that is there, in the transaction of `connection`."""
    return _decoder.decode(connection.execute(_SELECT, {"id": decision_id}).one().document)


def write_decisions(connection: Connection, records: Sequence[DecisionRecord]) -> None:
    """Write `records` and what belongs to them in the transaction of `connection`."""
    connection.execute(_INSERT, [_row(record) for record in records])
    write_contents(connection, records)
    write_cases(connection, records)
    write_shadow_verdicts(connection, records)
    write_audit(connection, [_audit_row(record) for record in records])
    write_events(connection, map(_event, records))


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
        "document": _encoder.encode(decision).decode(),
        "author_id": record.author_id or None,
    }


def _audit_row(record: DecisionRecord) -> dict[str, Any]:
    decision = record.decision
    details = {"action": decision.action, "policy": decision.policy, "door": record.door}
    return audit_row(decision.created_at, record.key_id, "decision.made", decision.id, details)


def _event(record: DecisionRecord) -> EventRecord:
    decision = record.decision
    labels: dict[str, float] = {}
    for hit in decision.verdict.rules:
        if hit.label is not None and hit.score is not None:
            labels[hit.label] = max(hit.score, labels.get(hit.label, 0.0))
    document = {
        "id": decision.id,
        "content_id": decision.content_id,
        "created_at": decision.created_at,
        "action": decision.action,
        "labels": labels,
        "degraded": decision.is_degraded,
        "policy": decision.policy,
        "door": record.door,
    }
    return EventRecord(EventKind.DECISION_MADE, decision.id, record.key_id, document, action=decision.action)

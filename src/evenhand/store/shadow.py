"""Shadow verdicts: what a policy in the shadow would have done, where that is not what was done."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, select

from evenhand.core.decision import Action, RuleHit
from evenhand.store.database import Database
from evenhand.store.records import DecisionRecord, ShadowDifference
from evenhand.store.review_tables import shadow_verdicts
from evenhand.store.tables import decisions

_INSERT = insert(shadow_verdicts)
_PAGE: Final = 1_000
_encoder = msgspec.json.Encoder()
_rules = msgspec.json.Decoder(tuple[RuleHit, ...])


class _Verdict(msgspec.Struct):
    rules: tuple[RuleHit, ...]


class _Document(msgspec.Struct):
    verdict: _Verdict


_document = msgspec.json.Decoder(_Document)


class ShadowVerdicts:
    """The shadow verdicts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self) -> list[str]:
        """Return the versions of the policies that differed at least once, sorted."""
        query = select(shadow_verdicts.c.policy_version).distinct().order_by(shadow_verdicts.c.policy_version)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def differences(self, version: str) -> Iterator[ShadowDifference]:
        """Yield what a policy would have done otherwise, by the decisions' ids.

        Args:
            version: The policy's.
        """
        after = ""
        while page := self._page(version, after):
            for row in page:
                yield ShadowDifference(
                    decision_id=row.id,
                    created_at=row.created_at,
                    live_action=Action(row.live),
                    live_rules=_document.decode(row.document).verdict.rules,
                    action=Action(row.action),
                    rules=_rules.decode(row.rules),
                )
            after = page[-1].id

    def judged(self, since: datetime) -> int:
        """Return how many decisions were made since a policy was put into the shadow.

        Args:
            since: When that was; aware.
        """
        query = select(func.count()).select_from(decisions).where(decisions.c.created_at >= since)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _page(self, version: str, after: str) -> Sequence[Any]:
        query = (
            select(
                decisions.c.id,
                decisions.c.created_at,
                decisions.c.action.label("live"),
                decisions.c.document,
                shadow_verdicts.c.action,
                shadow_verdicts.c.rules,
            )
            .join(shadow_verdicts, shadow_verdicts.c.decision_id == decisions.c.id)
            .where(shadow_verdicts.c.policy_version == version, decisions.c.id > after)
            .order_by(decisions.c.id)
            .limit(_PAGE)
        )
        with self._database.read() as connection:
            return connection.execute(query).all()


def write_shadow_verdicts(connection: Connection, records: Sequence[DecisionRecord]) -> None:
    """Write what policies in the shadow would have done otherwise, in the transaction of `connection`."""
    rows = [
        {
            "decision_id": record.decision.id,
            "policy_version": shadow.version,
            "action": shadow.action.value,
            "rules": _encoder.encode(shadow.rules).decode(),
        }
        for record in records
        for shadow in record.shadows
    ]
    if rows:
        connection.execute(_INSERT, rows)

"""Policies as they were: kept once for each version, so that a decision can be replayed when the file is long gone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, or_, select

from evenhand.core.errors import NotFoundError
from evenhand.store.database import Database, insert_into
from evenhand.store.records import PolicyUse, StoredPolicy
from evenhand.store.review_tables import policies
from evenhand.store.tables import decisions


class Policies:
    """The policies of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, used: Sequence[StoredPolicy]) -> None:
        """Keep those of `used` whose version is not kept yet; what is kept stays as it is.

        Raises:
            StoreError: The database failed.
        """
        with self._database.write() as connection:
            rows = [
                {"version": each.version, "name": each.name, "created_at": each.created_at, "source": each.source}
                for each in used
            ]
            connection.execute(insert_into(connection, policies).on_conflict_do_nothing(), rows)

    def find(self, name: str) -> StoredPolicy:
        """Return the policy of this version, or else the newest one that is called so.

        Raises:
            NotFoundError: `policy.not_stored`.
        """
        query = (
            select(policies)
            .where(or_(policies.c.version == name, policies.c.name == name))
            .order_by(policies.c.version == name, policies.c.created_at, policies.c.version)
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        if not found:
            raise NotFoundError(
                "policy.not_stored",
                f"There is no policy with the version or name {name!r} in the database.",
                field="policy",
                remedy="See `evenhand policy list`; a policy is kept from the first start with it on.",
            )
        return _stored(found[-1])

    def list(self) -> list[PolicyUse]:
        """Return every policy, the newest first, and on how many decisions that are still kept it decided."""
        counts = (
            select(decisions.c.policy_version.label("version"), func.count().label("decisions"))
            .group_by(decisions.c.policy_version)
            .subquery()
        )
        query = (
            select(policies, func.coalesce(counts.c.decisions, 0).label("decisions"))
            .join(counts, counts.c.version == policies.c.version, isouter=True)
            .order_by(policies.c.created_at.desc(), policies.c.version)
        )
        with self._database.read() as connection:
            return [PolicyUse(_stored(row), row.decisions) for row in connection.execute(query)]


def _stored(row: Row[Any]) -> StoredPolicy:
    return StoredPolicy(row.version, row.name, row.created_at, row.source)

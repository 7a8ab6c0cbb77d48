"""Exposures: how many cases a reviewer was shown on a day, by how hard they may be to look at."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, select

from evenhand.store.database import Database, insert_into
from evenhand.store.review_tables import exposures


class Exposures:
    """The exposures of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_day(self, reviewer_id: int, day: date) -> Mapping[int, int]:
        """Return how many cases of each severity a reviewer was shown on a day, in UTC."""
        query = select(exposures.c.severity, exposures.c.cases).where(
            exposures.c.reviewer_id == reviewer_id, exposures.c.day == day.isoformat()
        )
        with self._database.read() as connection:
            return {row.severity: row.cases for row in connection.execute(query)}


def write_exposure(connection: Connection, reviewer_id: int, severity: int, now: datetime) -> None:
    """Count one case more, in the transaction of `connection`."""
    row = {"reviewer_id": reviewer_id, "day": now.date().isoformat(), "severity": severity, "cases": 1}
    statement = insert_into(connection, exposures).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["reviewer_id", "day", "severity"], set_={"cases": exposures.c.cases + 1}
        )
    )

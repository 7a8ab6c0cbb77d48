"""The store: one database, one object for each noun. Safe to use from several threads."""

from datetime import datetime

from evenhand.store.audit import Audit
from evenhand.store.contents import Contents
from evenhand.store.database import Database, open_database
from evenhand.store.decisions import Decisions
from evenhand.store.feedback import FeedbackRows
from evenhand.store.keys import Keys
from evenhand.store.records import RetentionReport
from evenhand.store.retention import enforce_retention


class Store:
    """Everything that is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.decisions = Decisions(database)
        self.contents = Contents(database)
        self.keys = Keys(database)
        self.feedback = FeedbackRows(database)
        self.audit = Audit(database)

    def ping(self) -> None:
        """Ask the database for nothing.

        Raises:
            StoreError: `store.unavailable`.
        """
        with self._database.begin() as connection:
            connection.exec_driver_sql("SELECT 1")

    def enforce_retention(
        self, now: datetime, *, content_days: int | None, decision_days: int | None, feedback_days: int | None
    ) -> RetentionReport:
        """Delete what is older than its days; none keeps for ever."""
        return enforce_retention(
            self._database, now, content_days=content_days, decision_days=decision_days, feedback_days=feedback_days
        )

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


def open_store(url: str) -> Store:
    """Return the store at `url`, its tables made or brought up to date.

    Raises:
        ConfigurationError: `store.url`, `store.driver` or `store.folder`.
        StoreError: `store.unavailable`.
    """
    return Store(open_database(url))

"""The store: one database, one object for each noun. Safe to use from several threads.

SQLAlchemy is only imported when a store is opened: whoever screens without one does not pay for it.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from evenhand.store.records import RetentionReport

if TYPE_CHECKING:
    from evenhand.store.database import Database


class Store:
    """Everything that is kept. Made by `open_store`.

    Its parts are `decisions`, `contents`, `keys`, `feedback`, `banks`, `webhooks`, `deliveries`, `jobs` and `audit`.
    """

    def __init__(self, database: "Database") -> None:
        from evenhand.store.appeals import Appeals
        from evenhand.store.audit import Audit
        from evenhand.store.authors import Authors
        from evenhand.store.banks import Banks
        from evenhand.store.cases import Cases
        from evenhand.store.contents import Contents
        from evenhand.store.decisions import Decisions
        from evenhand.store.deliveries import DeliveryRows
        from evenhand.store.erasure import Erasure
        from evenhand.store.exposures import Exposures
        from evenhand.store.feedback import FeedbackRows
        from evenhand.store.golden import Golden
        from evenhand.store.holds import Holds
        from evenhand.store.jobs import Jobs
        from evenhand.store.keys import Keys
        from evenhand.store.numbers import Numbers
        from evenhand.store.policies import Policies
        from evenhand.store.reviewers import Reviewers
        from evenhand.store.rulings import Rulings
        from evenhand.store.sessions import Sessions
        from evenhand.store.shadow import ShadowVerdicts
        from evenhand.store.signal_sets import SignalSets
        from evenhand.store.webhooks import Webhooks

        self._database = database
        self.decisions = Decisions(database)
        self.contents = Contents(database)
        self.keys = Keys(database)
        self.feedback = FeedbackRows(database)
        self.banks = Banks(database)
        self.webhooks = Webhooks(database)
        self.deliveries = DeliveryRows(database)
        self.jobs = Jobs(database)
        self.audit = Audit(database)
        self.authors = Authors(database)
        self.reviewers = Reviewers(database)
        self.sessions = Sessions(database)
        self.appeals = Appeals(database)
        self.policies = Policies(database)
        self.numbers = Numbers(database)
        self.shadow_verdicts = ShadowVerdicts(database)
        self.signal_sets = SignalSets(database)
        self.cases = Cases(database)
        self.rulings = Rulings(database)
        self.golden = Golden(database)
        self.exposures = Exposures(database)
        self.holds = Holds(database)
        self.erasure = Erasure(database)

    def ping(self) -> None:
        """Ask the database for nothing.

        Raises:
            StoreError: It does not answer.
        """
        with self._database.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def enforce_retention(
        self,
        now: datetime,
        *,
        content_days: int | None,
        decision_days: int | None,
        feedback_days: int | None,
        event_days: int | None = None,
    ) -> RetentionReport:
        """Delete what is older than its days; none keeps for ever. Audit rows stay.

        Raises:
            StoreError: The database failed; what was deleted until then is in the audit.
        """
        from evenhand.store.retention import enforce_retention

        return enforce_retention(
            self._database,
            now,
            content_days=content_days,
            decision_days=decision_days,
            feedback_days=feedback_days,
            event_days=event_days,
        )

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._database.close()


def open_store(url: str, *, patience_seconds: float = 5.0) -> Store:
    """Return the store at `url`, its tables made or brought up to date.

    Args:
        url: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/DATABASE`.
        patience_seconds: Longest wait for a connection or for another writer.

    Raises:
        ConfigurationError: `store.url`, `store.driver`, `store.folder`, `store.file` or `store.version`.
        StoreError: The database does not answer.
    """
    from evenhand.store.database import open_database

    return Store(open_database(url, patience_seconds=patience_seconds))

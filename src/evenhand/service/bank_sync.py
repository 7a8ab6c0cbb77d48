"""Keep a detector's banks equal to the store's: several servers on one database see a change within seconds."""

import logging
import threading
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from evenhand.core.bank import Algorithm, Bank
from evenhand.detectors.image.hash_bank import LiveBanks
from evenhand.store.banks import Banks, StoredEntry

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class BankSync:
    """Loads all banks at once, and from then on what changed.

    Args:
        stored: The store's banks.
        live: The detector's.
        seconds: How often the store is asked what changed; 0: only when `refresh` is called.
        clock: What time it is; aware.

    Raises:
        StoreError: The database did not answer.
    """

    def __init__(
        self, stored: Banks, live: LiveBanks, *, seconds: float = 2.0, clock: Callable[[], datetime] = _now
    ) -> None:
        self._stored = stored
        self._live = live
        self._seconds = seconds
        self._clock = clock
        self._seen: dict[int, int] = {}
        self._expired_until = clock()
        self._refreshing = threading.Lock()
        self._closed = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._poll, name="banks", daemon=True)
        if seconds:
            self._thread.start()

    def refresh(self) -> bool:
        """Take over what changed in the store since the last time; return whether anything did.

        Raises:
            StoreError: The database did not answer; what was taken over until then stays.
        """
        with self._refreshing:
            now = self._clock()
            banks = self._stored.list()
            self._take_over([bank for bank in banks if self._seen.get(bank.id) != bank.change], now)
            expired = self._stored.expired(after=self._expired_until, until=now)
            if expired:
                self._live.remove(expired)
            self._expired_until = now
            seen = {bank.id: bank.change for bank in banks}
            is_changed = bool(expired) or seen != self._seen
            if is_changed:
                self._live.set_banks(banks)
                self._seen = seen
            return is_changed

    def close(self) -> None:
        """Stop asking; waits for a question that is under way."""
        self._closed.set()
        if self._seconds:
            self._thread.join()

    def _take_over(self, banks: Sequence[Bank], now: datetime) -> None:
        """Read what changed in `banks`, all of it before it is put in: the index has to be built for it only once."""
        news = {algorithm.value: _News() for algorithm in Algorithm}
        gone: list[int] = []
        for bank in banks:
            for page in self._stored.changes(bank.id, after=self._seen.get(bank.id, 0), now=now):
                for name, of_this in news.items():
                    of_this.take(bank.id, [entry for entry in page if entry.is_live and entry.algorithm == name])
                gone += [entry.id for entry in page if not entry.is_live]
        if gone:
            self._live.remove(gone)
        for name, of_this in news.items():
            if of_this.ids:
                self._live.add(Algorithm(name), of_this.ids, of_this.bank_ids, of_this.hashes)

    def _poll(self) -> None:
        while not self._closed.wait(self._seconds):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 -- a database that is away now may be back the next time
                _log.error("banks not refreshed", extra={"error_type": type(error).__name__})


class _News:
    """Entries of one algorithm that are new, packed: at the start there may be millions."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.bank_ids = array("q")
        self.hashes = bytearray()

    def take(self, bank_id: int, entries: Sequence[StoredEntry]) -> None:
        """Add `entries` of one bank."""
        self.ids.extend(entry.id for entry in entries)
        self.bank_ids.extend([bank_id] * len(entries))
        self.hashes += b"".join(entry.hash for entry in entries)

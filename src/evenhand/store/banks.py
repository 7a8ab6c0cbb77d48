"""Hash banks and their entries: filled in batches, and read by servers that ask what changed since they last did."""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql

from evenhand.core.bank import Algorithm, Bank, BankKind, Entry, check_bank
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.taxonomy import Label
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database, insert_into
from evenhand.store.tables import bank_entries, banks

#: Entries that go in one transaction, and that are read at once.
_BATCH: Final = 5_000
_PAGE: Final = 50_000
#: What a list that names an entry again may change of it.
_RENEWED: Final = ("external_id", "source", "expires_at", "removed_at")
_STAYS: Final = bank_entries.c.removed_at.is_(None)
_NAMED: Final = (bank_entries.c.algorithm == bindparam("named")) & (bank_entries.c.hash == bindparam("digest"))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the entries of a list.

    Args:
        added: New in the bank.
        updated: There already, with another source, id or expiry, or taken out before.
        removed: Taken out, because the list takes them back.
        unchanged: There already.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0


class StoredEntry(NamedTuple):
    """An entry as a server needs it; there may be millions."""

    id: int
    algorithm: str
    hash: bytes
    is_live: bool
    """Whether it was neither taken out nor past its expiry when it was read."""


class Banks:
    """The hash banks of one store. Each act is audited, with counts and never with hashes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, name: str, owner: str, kind: BankKind, label: Label | None, distance: int) -> Bank:
        """Make an empty bank, which is enabled.

        Raises:
            InputError: `bank.exists`, or as `check_bank`.
        """
        check_bank(name=name, kind=kind, label=label, distance=distance)
        details = {"name": name, "owner": owner, "kind": kind, "label": label or "", "distance": distance}
        now = datetime.now(UTC)
        row = details | {"is_enabled": True, "created_at": now, "change": 1}
        with self._database.write() as connection:
            new = insert_into(connection, banks).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
            if not connection.execute(new, row).rowcount:
                raise InputError(
                    "bank.exists", f"There is a bank called {name} already.", field="name", remedy="Take another name."
                )
            bank = _bank(connection.execute(select(banks).where(banks.c.name == name)).one())
            write_audit(connection, [audit_row(now, SYSTEM, "bank.created", str(bank.id), details)])
        return bank

    def list(self) -> list[Bank]:
        """Return all banks, oldest first: one cheap query, by whose `change` a server sees what it has to read anew."""
        with self._database.read() as connection:
            return [_bank(row) for row in connection.execute(select(banks).order_by(banks.c.id)).all()]

    def get(self, name: str) -> Bank:
        """Return the bank with this name.

        Raises:
            NotFoundError: `bank.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(select(banks).where(banks.c.name == name)).one_or_none()
        if row is None:
            raise _not_found()
        return _bank(row)

    def sizes(self, now: datetime) -> Mapping[int, Mapping[Algorithm, int]]:
        """Return how many entries count at `now`, by bank id and algorithm."""
        columns = (bank_entries.c.bank_id, bank_entries.c.algorithm)
        query = select(*columns, func.count()).where(_STAYS, _lasts(now)).group_by(*columns)
        found: dict[int, dict[Algorithm, int]] = {}
        with self._database.read() as connection:
            for bank_id, algorithm, count in connection.execute(query):
                found.setdefault(bank_id, {})[Algorithm(algorithm)] = count
        return found

    def set_enabled(self, name: str, *, is_enabled: bool) -> Bank:
        """Have a bank looked into, or not.

        Raises:
            NotFoundError: `bank.not_found`.
        """
        bank = self.get(name)
        differs = (banks.c.id == bank.id) & (banks.c.is_enabled != is_enabled)
        values = {"is_enabled": is_enabled, "change": banks.c.change + 1}
        act = "bank.switched_on" if is_enabled else "bank.switched_off"
        with self._database.write() as connection:
            if connection.execute(update(banks).where(differs).values(values)).rowcount:
                write_audit(connection, [audit_row(datetime.now(UTC), SYSTEM, act, str(bank.id), {})])
        return self.get(name)

    def put(self, name: str, entries: Iterable[Entry], *, source: str) -> ImportReport:
        """Put `entries` of a list into a bank, and take out those that the list takes back; a second time does nothing.

        Each 5,000 are one transaction. An entry that is there gets the new source, id and expiry.

        Raises:
            NotFoundError: `bank.not_found`.
        """
        bank = self.get(name)
        remaining = iter(entries)
        total = ImportReport()
        while batch := list(itertools.islice(remaining, _BATCH)):
            part = self._put_batch(bank.id, batch, source)
            total = ImportReport(
                total.added + part.added,
                total.updated + part.updated,
                total.removed + part.removed,
                total.unchanged + part.unchanged,
            )
        return total

    def take_out(self, name: str, ids: Sequence[int]) -> int:
        """Take the entries with these ids out of a bank; return how many were in it.

        Raises:
            NotFoundError: `bank.not_found`.
        """
        bank = self.get(name)
        with self._database.write() as connection:
            batch = _Batch(connection, bank.id)
            for begin in range(0, len(ids), _BATCH):
                batch.take_out(bank_entries.c.id.in_(ids[begin : begin + _BATCH]))
            return batch.finish().removed

    def remove(self, name: str) -> int:
        """Delete a bank and all that was ever in it; return how many rows that was.

        It is disabled first, so that it can go in parts: whoever is cut off calls it again.

        Raises:
            NotFoundError: `bank.not_found`.
        """
        bank = self.set_enabled(name, is_enabled=False)
        some = select(bank_entries.c.id).where(bank_entries.c.bank_id == bank.id).limit(_PAGE)
        total = 0
        while True:
            now = datetime.now(UTC)
            with self._database.write() as connection:
                deleted = connection.execute(delete(bank_entries).where(bank_entries.c.id.in_(some))).rowcount
                total += deleted
                if not deleted:
                    connection.execute(delete(banks).where(banks.c.id == bank.id))
                act = "bank.emptied" if deleted else "bank.removed"
                write_audit(connection, [audit_row(now, SYSTEM, act, str(bank.id), {"entries": deleted or total})])
            if not deleted:
                return total

    def changes(self, bank_id: int, *, after: int, now: datetime) -> Iterator[Sequence[StoredEntry]]:
        """Yield the entries of a bank that changed after its change `after`, in pages; those that are gone, too."""
        columns = (bank_entries.c.id, bank_entries.c.algorithm, bank_entries.c.hash)
        where = tuple_(bank_entries.c.change, bank_entries.c.id)
        query = (
            select(*columns, _STAYS & _lasts(now), bank_entries.c.change)
            .where(bank_entries.c.bank_id == bank_id)
            .order_by(bank_entries.c.change, bank_entries.c.id)
            .limit(_PAGE)
        )
        last = (after + 1, 0)
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query.where(where > tuple_(*last))).all()
            if not rows:
                return
            yield [StoredEntry(row[0], row[1], row[2], bool(row[3])) for row in rows]
            last = (rows[-1][4], rows[-1][0])

    def expired(self, *, after: datetime, until: datetime) -> Sequence[int]:
        """Return the ids of entries whose expiry lies after `after`, and at `until` or before."""
        expiry = bank_entries.c.expires_at
        with self._database.read() as connection:
            return connection.execute(select(bank_entries.c.id).where(expiry > after, expiry <= until)).scalars().all()

    def _put_batch(self, bank_id: int, entries: Sequence[Entry], source: str) -> ImportReport:
        # A list may name a hash twice: what it says last counts.
        latest = {(entry.algorithm, entry.hash or entry.external_id): entry for entry in entries}.values()
        with self._database.write() as connection:
            batch = _Batch(connection, bank_id)
            batch.put([entry for entry in latest if not entry.is_removed], source)
            batch.take_back([entry for entry in latest if entry.is_removed])
            report = batch.finish()
        named = sum(not entry.is_removed for entry in entries)
        return dataclasses.replace(report, unchanged=max(0, named - report.added - report.updated))


class _Batch:
    """One change of a bank's entries, in the transaction of `connection`.

    It counts as a change only if a row differs in the end, so that a list that says nothing new costs servers nothing.
    The bank's row is locked from the beginning, so that changes become visible in their order.
    """

    def __init__(self, connection: Connection, bank_id: int) -> None:
        self._connection = connection
        self._bank_id = bank_id
        self._now = datetime.now(UTC)
        taken = select(banks.c.change).where(banks.c.id == bank_id).with_for_update(key_share=True)
        change = connection.execute(taken).scalar_one_or_none()
        if change is None:
            raise _not_found()  # it was removed in the meantime
        self._change: int = change + 1

    def put(self, entries: Sequence[Entry], source: str) -> None:
        """Write `entries`; one that is there already keeps its id."""
        if entries:
            _upsert(self._connection, [self._row(entry, source) for entry in entries])

    def take_back(self, entries: Sequence[Entry]) -> None:
        """Take out what is named, each by its hash or by the list's own id."""
        hashes = [{"named": entry.algorithm, "digest": entry.hash} for entry in entries if entry.algorithm]
        names = [entry.external_id for entry in entries if not entry.algorithm]
        if hashes:
            # One statement for each: for many hashes in one, PostgreSQL may choose to read the whole bank.
            self.take_out(_NAMED, hashes)
        if names:
            self.take_out(bank_entries.c.external_id.in_(names))

    def take_out(self, condition: ColumnElement[bool], parameters: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Take out what is in the bank and meets `condition`."""
        standing = update(bank_entries).where(bank_entries.c.bank_id == self._bank_id, condition, _STAYS)
        self._connection.execute(standing.values(removed_at=self._now, change=self._change), parameters)

    def finish(self) -> ImportReport:
        """Count what was changed, and write it down if there was anything."""
        is_new = bank_entries.c.created_at == self._now
        counts = [
            func.count().filter(condition)
            for condition in (is_new & _STAYS, ~is_new & _STAYS, bank_entries.c.removed_at.is_not(None))
        ]
        changed = (bank_entries.c.bank_id == self._bank_id) & (bank_entries.c.change == self._change)
        row = self._connection.execute(select(*counts).where(changed)).one()
        report = ImportReport(added=row[0], updated=row[1], removed=row[2])
        if report != ImportReport():
            this = banks.c.id == self._bank_id
            self._connection.execute(update(banks).where(this).values(change=self._change))
            details = {"added": report.added, "updated": report.updated, "removed": report.removed}
            write_audit(self._connection, [audit_row(self._now, SYSTEM, "bank.changed", str(self._bank_id), details)])
        return report

    def _row(self, entry: Entry, source: str) -> dict[str, Any]:
        return {
            "bank_id": self._bank_id,
            "algorithm": entry.algorithm,
            "hash": entry.hash,
            "external_id": entry.external_id,
            "source": source,
            "created_at": self._now,
            "expires_at": entry.expires_at,
            "removed_at": None,
            "change": self._change,
        }


def _upsert(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write `rows`; one whose bank, algorithm and hash are there already is renewed if anything differs."""
    new = insert_into(connection, bank_entries)
    if connection.dialect.name == "sqlite":
        connection.execute(_or_renew(new), rows)
        return
    # One array for each column, and one statement: its driver takes many times as long for a statement a row.
    kinds = {name: bank_entries.c[name].type for name in rows[0]}
    arrays = [bindparam(f"all_{name}", type_=postgresql.ARRAY(kind)) for name, kind in kinds.items()]
    given = func.unnest(*arrays).table_valued(*kinds).render_derived(name="given")
    statement = _or_renew(new.from_select(list(kinds), select(*given.c)))
    connection.execute(statement, {f"all_{name}": [row[name] for row in rows] for name in kinds})


def _or_renew(new: Any) -> Any:
    old = bank_entries.c
    unique = [old.bank_id, old.algorithm, old.hash]
    differs = or_(*(old[name].is_distinct_from(new.excluded[name]) for name in _RENEWED))
    renewed = {name: new.excluded[name] for name in (*_RENEWED, "change")}
    return new.on_conflict_do_update(index_elements=unique, set_=renewed, where=differs)


def _lasts(now: datetime) -> ColumnElement[bool]:
    return or_(bank_entries.c.expires_at.is_(None), bank_entries.c.expires_at > now)


def _bank(row: Row[Any]) -> Bank:
    return Bank(
        row.id,
        row.name,
        row.owner,
        BankKind(row.kind),
        Label(row.label) if row.label else None,
        row.distance,
        row.is_enabled,
        row.created_at,
        row.change,
    )


def _not_found() -> NotFoundError:
    return NotFoundError(
        "bank.not_found", "There is no bank with this name.", field="name", remedy="See `evenhand banks list`."
    )

"""A pool of connections to one database, and the two ways to use one: to read, and to write in a transaction."""

import contextlib
import math
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from evenhand.core.errors import ConfigurationError
from evenhand.store.address import is_sqlite, make_private_file, read_address
from evenhand.store.faults import is_busy, translated, translated_at_opening
from evenhand.store.migrate import migrate
from evenhand.store.subscribers import Subscribers


class Database:
    """A pool of connections. Safe to use from several threads.

    Args:
        engine: SQLAlchemy's engine for it.
    """

    def __init__(self, engine: Engine) -> None:
        self.subscribers = Subscribers()
        engine = engine.execution_options(subscribers=self.subscribers)
        self._engine = engine
        # A read is one statement, and one statement needs no transaction: PostgreSQL is spared two round trips, and
        # SQLite's driver begins none for it anyway.
        is_server = engine.dialect.name != "sqlite"
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT") if is_server else engine

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for one statement.

        Raises:
            StoreError: The database failed.
        """
        with translated(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction: committed at the end, rolled back when anything is raised.

        On SQLite nobody else writes meanwhile, so what is read in it stands until the end. On PostgreSQL others do;
        what must stand is read with `with_for_update`.

        Raises:
            StoreError: The database failed.
        """
        with translated(), self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                # SQLite takes its turn here, and waits for it. One that reads first and writes then would fail where
                # somebody has written in between.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can say what to do with a row that is there already."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def subscribers_of(connection: Connection) -> Subscribers:
    """Return what is remembered of the webhooks of the database that `connection` goes to."""
    found: Subscribers = connection.get_execution_options()["subscribers"]
    return found


def open_database(url: str, *, patience_seconds: float) -> Database:
    """Return the database at `url` with its tables up to date; errors as for `open_store`."""
    address = read_address(url)
    engine = _engine(address, patience_seconds)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(engine.dispose)
        with translated_at_opening(address):
            if is_sqlite(address):
                _write_ahead(engine, patience_seconds)
            migrate(engine)
        on_failure.pop_all()
    return Database(engine)


def _engine(address: URL, patience_seconds: float) -> Engine:
    if is_sqlite(address):
        make_private_file(address)
        engine = _create_engine(address, patience_seconds, {"timeout": patience_seconds})
        event.listen(engine, "connect", _set_up_connection)
        return engine
    # A server that vanished without a word is noticed by these, and not only after the system's two hours.
    noticing = {
        "connect_timeout": math.ceil(patience_seconds),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    return _create_engine(
        address,
        patience_seconds,
        {name: value for name, value in noticing.items() if name not in address.query},
        pool_pre_ping=True,
    )


def _create_engine(address: URL, patience_seconds: float, connect_args: dict[str, Any], **options: Any) -> Engine:
    try:
        return sqlalchemy.create_engine(
            address,
            connect_args=connect_args,
            pool_timeout=patience_seconds,
            hide_parameters=True,
            **options,
        )
    except ImportError:
        raise ConfigurationError(
            "store.driver",
            "The PostgreSQL driver is not installed.",
            field="database_url",
            remedy="pip install 'evenhand[postgres]'",
        ) from None


def _set_up_connection(connection: sqlite3.Connection, _: object) -> None:
    # In WAL mode, NORMAL loses nothing when evenhand dies; a power cut may take the last moments, but breaks nothing.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    # What is past its retention is overwritten, and not only unlinked.
    connection.execute("PRAGMA secure_delete=ON")


def _write_ahead(engine: Engine, patience_seconds: float) -> None:
    """Put the file into WAL mode, which it then keeps: readers and the writer do not wait for each other."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError as error:
            # Unlike other statements, this one does not wait for its turn when several start on a new file.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(0.01)

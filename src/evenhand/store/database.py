"""Open a database, bring its tables up to date, and turn its errors into ours."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from evenhand.core.errors import ConfigurationError, StoreError

#: Seconds to wait for a connection or for another writer.
_PATIENCE = 5


class Database:
    """A pool of connections to one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a transaction that is committed at the end, or rolled back when something is raised.

        Raises:
            StoreError: `store.unavailable`; nothing of the transaction was kept.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            # The driver's message may hold values, so only its kind is passed on.
            raise StoreError(
                "store.unavailable",
                f"The database did not do it ({type(error).__name__}).",
                remedy="Try again; nothing was kept.",
            ) from None

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Return the database at `url` with its tables up to date.

    Raises:
        ConfigurationError: `store.url`, `store.driver` or `store.folder`.
        StoreError: `store.unavailable`.
    """
    engine = _engine(url)
    try:
        _migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        raise StoreError(
            "store.unavailable",
            f"The database {engine.url.render_as_string()} cannot be opened ({type(error.orig).__name__}).",
            field="database_url",
            remedy="Check that it runs and that the name and the password are right.",
        ) from None
    return Database(engine)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgres", "postgresql"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ArgumentError
    except ArgumentError:
        raise ConfigurationError(
            "store.url",
            "This is not a database URL that evenhand knows.",
            field="database_url",
            remedy="Use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE.",
        ) from None
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if parsed.get_backend_name() == "sqlite":
        _make_private(parsed.database)
        options |= {"connect_args": {"timeout": _PATIENCE}, "pool_pre_ping": False}
    else:
        options |= {"connect_args": {"connect_timeout": _PATIENCE}, "pool_timeout": _PATIENCE}
    try:
        engine = sqlalchemy.create_engine(parsed, **options)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ConfigurationError(
            "store.driver",
            "The PostgreSQL driver is not installed.",
            field="database_url",
            remedy="pip install 'evenhand[postgres]'",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _make_private(path: str | None) -> None:
    """Make the SQLite file and its folder, for their owner only."""
    if not path or path == ":memory:":
        raise ConfigurationError("store.url", "SQLite needs a file.", field="database_url", remedy="Use sqlite:///PATH.")
    file = Path(path)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigurationError(
            "store.folder",
            f"The database file {file} cannot be made or written: {error.strerror}.",
            field="data_folder",
            remedy="Choose a folder that you may write to.",
        ) from None


def _set_pragmas(connection: sqlite3.Connection, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: Engine) -> None:
    """Bring the tables up to date; alembic is only loaded when they are not."""
    if _revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two servers may start at once: the second waits here, and then finds everything done.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261123)")
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not sqlalchemy.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar()


#: The newest migration; a contract test compares it with the files.
HEAD = "0001"

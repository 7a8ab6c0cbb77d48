"""Bring the tables up to date. Alembic is only loaded when they are not."""

import sqlalchemy
from sqlalchemy import Connection, Engine

from evenhand.core.errors import ConfigurationError

#: The newest migration; a contract test compares it with the files.
HEAD = "0008"

#: Any number that no other program uses on the same server.
_LOCK = 20_261_123


def migrate(engine: Engine) -> None:
    """Bring the tables up to date, alone: of several servers that start at once, one does it and the others wait.

    Raises:
        ConfigurationError: `store.version`.
    """
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.begin() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else f"SELECT pg_advisory_xact_lock({_LOCK})")
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "evenhand.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ConfigurationError(
            "store.version",
            f"The database has the version {_version(connection)}, which this evenhand does not know.",
            field="database_url",
            remedy="Use the newer evenhand that made it, or give evenhand a database of its own.",
        ) from None

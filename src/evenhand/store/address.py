"""Where the database is: reads its URL, and makes an SQLite file and its folder for their owner only."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from evenhand.core.errors import ConfigurationError

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def read_address(url: str) -> URL:
    """Return `url` with the driver that evenhand uses.

    Raises:
        ConfigurationError: `store.url`.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _unknown() from None
    if address.drivername not in _DRIVERS:
        raise _unknown()
    address = address.set(drivername=_DRIVERS[address.drivername])
    if is_sqlite(address) and (address.query or address.database in {None, "", ":memory:"}):
        raise ConfigurationError(
            "store.url",
            "An SQLite database needs a file, and takes no options.",
            field="database_url",
            remedy="Use sqlite:///PATH.",
        )
    return address


def is_sqlite(address: URL) -> bool:
    """Whether `address` is a file and not a server."""
    return address.get_backend_name() == "sqlite"


def make_private_file(address: URL) -> None:
    """Make the SQLite file of `address` and its folder, unless they are there, for their owner only.

    Raises:
        ConfigurationError: `store.folder`.
    """
    file = Path(address.database or "")
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


def _unknown() -> ConfigurationError:
    # The URL is not shown: it may hold a password, and where it stands is not known when it cannot be read.
    return ConfigurationError(
        "store.url",
        "This is not a database URL that evenhand knows.",
        field="database_url",
        remedy="Use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE.",
    )

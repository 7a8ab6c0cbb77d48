"""SQLite databases for tests: copies of one that has its tables, since making those takes longer than most tests."""

import functools
import tempfile
from pathlib import Path

from evenhand.store.store import Store, open_store


def store_in(folder: Path) -> Store:
    """Open `folder`/evenhand.sqlite, and make it if it is not there."""
    path = folder / "evenhand.sqlite"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(with_tables())
    return open_store(f"sqlite:///{path}")


@functools.cache
def with_tables() -> bytes:
    """Return the file of a database with tables and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evenhand.sqlite"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()

"""What can go wrong in a database, in evenhand's words. Passes on neither values nor the password."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import URL, exc

from evenhand.core.errors import ConfigurationError, EvenhandError, StoreError

#: SQLite: another process holds the lock. PostgreSQL: too many connections, no lock to be had, deadlock, serialisation.
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "53300", "55P03", "40P01", "40001")
_FULL = ("SQLITE_FULL", "53100")
_REFUSALS = (exc.IntegrityError, exc.DataError, UnicodeEncodeError, OverflowError)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into a StoreError."""
    try:
        yield
    except (exc.SQLAlchemyError, UnicodeEncodeError, OverflowError) as error:
        # `from None`: the original names values.
        raise _store_error(error) from None


def _store_error(error: exc.SQLAlchemyError | UnicodeEncodeError | OverflowError) -> StoreError:
    name = _name(error)
    if is_busy(error) or isinstance(error, exc.TimeoutError):
        return StoreError("store.busy", f"The database is busy ({name}).", remedy="Try again.")
    if name.startswith(_FULL):
        return StoreError("store.full", f"The database is full ({name}).", remedy="Make room on its disk.")
    if isinstance(error, _REFUSALS) or type(error) is exc.StatementError:
        return StoreError(
            "store.refused",
            f"The database does not take this ({name}).",
            remedy="Trying again will not help: an id is taken, a text is not Unicode, or a number is too large.",
        )
    return StoreError(
        "store.unavailable",
        f"The database did not answer ({name}).",
        remedy="Try again; if that does not help, look whether it runs.",
    )


def is_busy(error: Exception) -> bool:
    """Whether the database would do it later."""
    return _name(error).startswith(_BUSY)


def _name(error: Exception) -> str:
    """Return the database's own name for the error, or else the error's type."""
    original = getattr(error, "orig", None)
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(name or type(original or error).__name__)


@contextlib.contextmanager
def translated_at_opening(url: URL) -> Iterator[None]:
    """Turn the database's errors into one that helps whoever wrote `url`."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _opening_error(url, error) from None


def _opening_error(url: URL, error: exc.DBAPIError) -> EvenhandError:
    shown = url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)
    name = _name(error)
    if name == "SQLITE_NOTADB":
        return ConfigurationError(
            "store.file",
            f"The file of {shown} is not an SQLite database.",
            field="database_url",
            remedy="Choose another file, or move this one away.",
        )
    if is_busy(error):
        return StoreError(
            "store.busy",
            f"The database {shown} is busy ({name}).",
            field="database_url",
            remedy="Wait for the process that holds it, or end that process.",
        )
    return StoreError(
        "store.unavailable",
        f"The database {shown} cannot be opened: {_without_password(url, str(error.orig))}.",
        field="database_url",
        remedy="Check that it runs, and that the name and the password are right.",
    )


def _without_password(url: URL, message: str) -> str:
    """Return `message` in one line, with no password in it."""
    secrets = {str(url.password or ""), *(str(value) for key, value in url.query.items() if "password" in key)}
    for secret in secrets - {""}:
        message = message.replace(secret, "***")
    return " ".join(message.split()).rstrip(".")

"""API keys: made, found by what a caller presents, revoked. Only a digest of the secret is kept."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from evenhand.core.access import ApiKey, Scope
from evenhand.core.errors import NotFoundError
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.tables import keys

_FORM: Final = re.compile(r"eh_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_ID_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
#: Stands in for the digest of a key that does not exist, so that looking for one takes as long.
_NO_DIGEST: Final = "0" * 64
_INSERT = insert(keys)
_SELECT = select(keys).where(keys.c.id == bindparam("id"))


class Keys:
    """The API keys of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, name: str, scopes: frozenset[Scope], requests_per_minute: int) -> tuple[ApiKey, str]:
        """Make a key and return it with the whole secret, which cannot be had again."""
        key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        api_key = ApiKey(key_id, name, scopes, requests_per_minute, datetime.now(UTC))
        row = {
            "id": key_id,
            "name": name,
            "secret_sha256": _digest(secret),
            "scopes": ",".join(sorted(scopes)),
            "requests_per_minute": requests_per_minute,
            "created_at": api_key.created_at,
        }
        with self._database.write() as connection:
            connection.execute(_INSERT, row)
            details = {"name": name, "scopes": sorted(scopes), "requests_per_minute": requests_per_minute}
            write_audit(connection, [audit_row(api_key.created_at, SYSTEM, "key.created", key_id, details)])
        return api_key, f"eh_{key_id}_{secret}"

    def find(self, presented: str) -> ApiKey | None:
        """Return the working key that `presented` is, or nothing for one that is unknown or revoked."""
        parts = _FORM.fullmatch(presented)
        key_id, secret = parts.groups() if parts else ("", "")
        with self._database.read() as connection:
            row = connection.execute(_SELECT, {"id": key_id}).one_or_none()
        expected = _NO_DIGEST if row is None else row.secret_sha256
        is_right = hmac.compare_digest(expected, _digest(secret))
        return _api_key(row) if row is not None and is_right and row.revoked_at is None else None

    def list(self) -> list[ApiKey]:
        """Return all keys, revoked ones too, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(keys).order_by(keys.c.created_at, keys.c.id)).all()
        return [_api_key(row) for row in rows]

    def revoke(self, key_id: str) -> None:
        """Make the key with this id stop working; one that already stopped stays as it is.

        Raises:
            NotFoundError: `key.not_found`.
        """
        now = datetime.now(UTC)
        works = (keys.c.id == key_id) & keys.c.revoked_at.is_(None)
        with self._database.write() as connection:
            if connection.execute(update(keys).where(works).values(revoked_at=now)).rowcount:
                write_audit(connection, [audit_row(now, SYSTEM, "key.revoked", key_id, {})])
            elif connection.execute(_SELECT, {"id": key_id}).one_or_none() is None:
                raise NotFoundError(
                    "key.not_found", "There is no key with this id.", field="id", remedy="See `evenhand keys list`."
                )


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a fast digest cannot be searched; a slow one would only slow down requests.
    return hashlib.sha256(secret.encode()).hexdigest()


def _api_key(row: Row[Any]) -> ApiKey:
    scopes = frozenset(Scope(scope) for scope in row.scopes.split(",") if scope)
    return ApiKey(row.id, row.name, scopes, row.requests_per_minute, row.created_at, row.revoked_at)

"""Passwords, kept as argon2id hashes. Few are hashed at once: each takes 64 MiB and a part of a second of a core."""

import contextlib
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from evenhand.core.errors import InputError, OverloadError

SHORTEST: Final = 12
MOST_BYTES: Final = 1_024
#: A flood of people who sign in may not take all cores from what the server is there for.
AT_ONCE: Final = 2

_RETRY_AFTER: Final = 1.0
_RANDOM_BYTES: Final = 15
#: Of a password that nobody knows: verified where there is no account, so that the time does not tell.
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$DjLjVL8p3niZLg/IyPXSeg$+2XcvkV3T1YG9W7k1+NAsdfo9eioPtcjOJ2RcrZjOGo"


class Passwords:
    """Makes hashes of passwords and holds passwords against them. Safe to use from several threads.

    Args:
        hasher: With the parameters for new hashes; by default argon2-cffi's.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """Return what is kept of a new password.

        Args:
            password: At least 12 characters, at most 1,024 bytes of UTF-8.

        Raises:
            InputError: `password.too_short`, `password.too_long` or `password.encoding`.
            OverloadError: Others are at it.
        """
        normal = _normal(password)
        with self._slot():
            return self._hasher.hash(normal)

    def is_right(self, password_hash: str, password: str) -> bool:
        """Return whether `password` is what `password_hash` was made of, after the same time if there is no hash.

        Args:
            password_hash: As it is kept; empty: there is none.
            password: As it was typed.

        Raises:
            OverloadError: Others are at it.
        """
        try:
            normal, is_possible = _normal(password), True
        except InputError:
            normal, is_possible = "", False
        with self._slot():
            try:
                self._hasher.verify(password_hash or _NOBODYS, normal)
            except (VerificationError, InvalidHashError):
                return False
        return is_possible and bool(password_hash)

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether a hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextlib.contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(blocking=False):
            raise OverloadError(retry_after=_RETRY_AFTER)
        try:
            yield
        finally:
            self._slots.release()


def new_password() -> str:
    """Return a random password of 20 characters, to sign in with for the first time."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def _normal(password: str) -> str:
    """Return a password as it is hashed: the same characters, however a keyboard puts them together.

    Raises:
        InputError: As `Passwords.hash`.
    """
    # Before anything else is done with it: what is very long must not cost anything.
    if len(password) > MOST_BYTES:
        raise _too_long()
    normal = unicodedata.normalize("NFKC", password)
    try:
        size = len(normal.encode())
    except UnicodeEncodeError:
        raise InputError(
            "password.encoding", "The password is not valid Unicode.", field="password", remedy="Take another one."
        ) from None
    if size > MOST_BYTES:
        raise _too_long()
    if len(normal) < SHORTEST:
        raise InputError(
            "password.too_short",
            f"The password has fewer than {SHORTEST} characters.",
            field="password",
            remedy="Take a longer one; a few words in a row are easy to keep in mind.",
        )
    return normal


def _too_long() -> InputError:
    return InputError(
        "password.too_long",
        f"The password is over {MOST_BYTES} bytes of UTF-8.",
        field="password",
        remedy="Take a shorter one.",
    )

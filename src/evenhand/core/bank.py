"""Hash banks: lists of hashes of known content that an operator keeps; never of people."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from evenhand.core.conduct import personal_attributes_in
from evenhand.core.errors import InputError
from evenhand.core.taxonomy import Label

#: Farthest that two PDQ hashes of one picture may be apart, of 256 bits: what its authors advise.
MOST_DISTANCE: Final = 31

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
_FILLERS: Final = frozenset({"a", "and", "known", "of", "or", "people", "person", "pictures", "the"})


class Algorithm(StrEnum):
    """How a hash was made."""

    PDQ = "pdq"
    """How a picture looks; close pictures have close hashes."""
    MD5 = "md5"
    """The bytes of a file."""
    SHA256 = "sha256"
    """The bytes of a file."""

    @property
    def length(self) -> int:
        """Bytes of a hash."""
        return 16 if self is Algorithm.MD5 else 32


class BankKind(StrEnum):
    """What a match with a bank means."""

    BLOCK = "block"
    """The content is known: a signal."""
    ALLOW = "allow"
    """It only looks like what another bank knows: no signal."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A list of hashes.

    Args:
        id: Counts up; never reused.
        name: What its owner calls it.
        owner: Who answers for it.
        kind: What a match means.
        label: What a match is a sign of; none for an allow bank.
        distance: Most bits in which a PDQ hash may differ.
        is_enabled: Whether it is looked into.
        created_at: Aware, in UTC.
        change: Counts up with every change of the bank or its entries.
    """

    id: int
    name: str
    owner: str
    kind: BankKind
    label: Label | None
    distance: int
    is_enabled: bool
    created_at: datetime
    change: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A hash as a list names it.

    Args:
        algorithm: How it was made; none for a removal that names no hash.
        hash: Its bytes; empty for a removal that names no hash.
        external_id: What the list calls it; empty: nothing.
        expires_at: From when on it no longer counts; aware; none: never.
        is_removed: Whether the list takes it back.
    """

    algorithm: Algorithm | None
    hash: bytes
    external_id: str = ""
    expires_at: datetime | None = None
    is_removed: bool = False

    def __post_init__(self) -> None:
        """Refuse a hash that its algorithm does not make: one alone would spoil the index of all others."""
        if len(self.hash) != (self.algorithm.length if self.algorithm else 0):
            raise ValueError("the length of the hash is not its algorithm's")
        if self.algorithm is None and not (self.is_removed and self.external_id):
            raise ValueError("only a removal by a list's own id has no hash")


def check_bank(*, name: str, kind: BankKind, label: Label | None, distance: int) -> None:
    """Refuse what no bank can be.

    Raises:
        InputError: `bank.name`, `bank.people`, `bank.label` or `bank.distance`.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "bank.name",
            f"{name!r} is no name for a bank.",
            field="name",
            remedy="Use 1 to 64 of a-z, 0-9, dot, dash and underscore; begin and end with a letter or digit.",
        )
    words = [word for word in re.split(r"[._-]", name) if word not in _FILLERS]
    if words and all(map(personal_attributes_in, words)):
        raise InputError(
            "bank.people",
            f"A bank called {name!r} would be about people.",
            field="name",
            remedy="A bank holds known content, logos, memes or adverts; name it after what they do.",
        )
    if (label is None) is not (kind is BankKind.ALLOW) or (label is not None and label.is_attribute):
        raise InputError(
            "bank.label",
            "A block bank has one category of the taxonomy for its label, and an allow bank has none.",
            field="label",
            remedy="See `evenhand taxonomy`.",
        )
    if not 0 <= distance <= MOST_DISTANCE:
        raise InputError(
            "bank.distance",
            f"{distance} is no distance.",
            field="distance",
            remedy=f"Use 0 to {MOST_DISTANCE}: farther apart, pictures have nothing in common.",
        )

"""Reviewer: somebody who signs in to the review console, and how they want to see content."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from evenhand.core.case import Role
from evenhand.core.errors import InputError

#: The longest that anybody may work without being told to take a break, in cases.
MOST_CASES_TO_A_BREAK: Final = 1_000

_NAME: Final = re.compile(r"\w[\w.@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a reviewer wants to see content. What spares them is on until they turn it off.

    Args:
        blur_pictures: Pictures and clips are blurred until asked.
        grey_pictures: They have no colours.
        mute_sound: Clips make no sound until asked.
        fold_severe_text: Texts of a high severity are folded until asked.
        break_after: Cases after which a break is proposed, 0 to 1,000; 0: never.
    """

    blur_pictures: bool = True
    grey_pictures: bool = True
    mute_sound: bool = True
    fold_severe_text: bool = True
    break_after: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return what was kept; what was not, or is no longer understood, is as it is by default."""
        return cls(**{item.name: kept[item.name] for item in fields(cls) if type(kept.get(item.name)) is item.type})


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who signs in to the review console.

    Args:
        id: Counts up; never reused.
        name: What they sign in with.
        role: What they may do.
        is_enabled: Whether they may sign in.
        has_authenticator: Whether signing in takes a one-time code.
        severe_per_day: Most severe cases in a day; 0: no limit.
        preferences: How they want to see content.
    """

    id: int
    name: str
    role: Role
    is_enabled: bool = True
    has_authenticator: bool = False
    severe_per_day: int = 0
    preferences: Preferences = field(default_factory=Preferences)

    @property
    def actor(self) -> str:
        """Who acts, as the audit says it: by id, since a name may say more than it should."""
        return reviewer_actor(self.id)


def reviewer_actor(reviewer_id: int | None) -> str:
    """Return what the audit calls a reviewer; none is the operator at the command line."""
    return "" if reviewer_id is None else f"reviewer:{reviewer_id}"


def reviewer_name(given: str) -> str:
    """Return a name as it is kept and looked for: however it was typed, the same name is the same account.

    Args:
        given: 1 to 64 letters or digits of any script, or `. @ + - _`, the first a letter or digit.

    Raises:
        InputError: `reviewer.name`.
    """
    name = unicodedata.normalize("NFKC", given).casefold().strip()
    if not _NAME.fullmatch(name):
        raise InputError(
            "reviewer.name",
            "This cannot be the name of an account.",
            field="name",
            remedy="Give 1 to 64 letters or digits, or . @ + - _ after the first.",
        )
    return name


@dataclass(frozen=True, slots=True)
class Session:
    """The time from signing in to signing out.

    Args:
        reviewer: Who signed in, as they are now.
        csrf_token: What every form of the session carries.
    """

    reviewer: Reviewer
    csrf_token: str = field(repr=False)

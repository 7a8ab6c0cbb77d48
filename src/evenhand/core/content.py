"""Content: what is to be judged, as a caller handed it in."""

from dataclasses import dataclass
from enum import StrEnum


class Modality(StrEnum):
    """The kind of content that a detector reads."""

    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Content:
    """One item to be judged.

    Args:
        text: The text, any length; `content.prepare` enforces the limits.
        id: The caller's own name for the item, echoed and stored; empty when it has none.
        context: Texts that stand around it, oldest first; kept for the reviewer, not scored.
        languages: BCP-47 tags that the caller vouches for; empty means "find out".
    """

    text: str
    id: str = ""
    context: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

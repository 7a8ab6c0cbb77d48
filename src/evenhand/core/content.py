"""Content: what is to be judged, as a caller handed it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from evenhand.core.facts import FactValue


class Modality(StrEnum):
    """The kind of content that a detector reads."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture as a caller handed it in.

    Args:
        data: The file, not decoded; `content.decoding` enforces the limits.
        media_type: What the caller says that it is, such as `image/png`; empty when the caller says nothing.
    """

    data: bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A sound or video file as a caller handed it in. It stays on disk: a clip may be larger than memory.

    Args:
        path: Where it lies.
        media_type: What the caller says that it is, such as `video/mp4`; empty when the caller says nothing.
    """

    path: Path
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One item to be judged: a text, images, or both together.

    Args:
        text: The text, any length; `content.text.prepare` enforces the limits. Empty only beside images.
        id: The caller's own name for the item, echoed and stored; empty when it has none.
        context: Texts that stand around it, oldest first; kept for the reviewer, not scored.
        languages: BCP-47 tags that the caller vouches for; empty means "find out".
        images: Pictures that belong to it, in order.
        author_id: The caller's own name for whoever wrote it; empty when the caller says nothing.
        metadata: What the caller says of it, for conditions of policies; see `core.facts.check_metadata`.
    """

    text: str = ""
    id: str = ""
    context: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    images: tuple[ImageFile, ...] = ()
    author_id: str = ""
    metadata: Mapping[str, FactValue] = field(default_factory=dict)

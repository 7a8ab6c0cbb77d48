"""Timeline: what was found in a clip, and when."""

from dataclasses import dataclass
from enum import StrEnum

from evenhand.core.signal import Region
from evenhand.core.taxonomy import Label


class Track(StrEnum):
    """Which part of a clip something was found in."""

    PICTURE = "picture"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech, in words.

    Args:
        begin: In seconds from the start of the clip.
        end: Likewise.
        text: What was said, as far as it was understood.
        language: BCP-47; empty where it is unknown.
        confidence: How sure the words are, 0..1.
        is_clear: Whether words and language are sure enough for silence about them to mean anything.
    """

    begin: float
    end: float
    text: str
    language: str
    confidence: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a clip that something was found in.

    Args:
        begin: In seconds from the start of the clip.
        end: Likewise.
        track: Where: in the pictures or in the speech.
        label: What the score is about.
        score: The highest in the stretch, calibrated, 0..1.
        detector: The detector that gave it.
        reason: Why, in words; it may repeat some of what is said or shown, so it is answered and never kept.
        thumbnail: The picture to show for it, by its time in milliseconds; none where there is only sound.
        regions: Where in that picture; `frame` is its time in milliseconds.
    """

    begin: float
    end: float
    track: Track
    label: Label
    score: float
    detector: str
    reason: str = ""
    thumbnail: int | None = None
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipNotes:
    """What is known of a clip beside its decision, and kept only where a content would be.

    Args:
        transcript: What was said, in order.
        timeline: What was found and when, with reasons, worst first.
    """

    transcript: tuple[Utterance, ...]
    timeline: tuple[Span, ...]

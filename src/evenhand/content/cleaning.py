"""Undo disguises in a text and keep the way back (first version: case only)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text and the way back."""

    text: str

    def original_span(self, begin: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original."""
        return begin, end


def clean(original: str) -> Cleaned:
    """Return `original` cleaned."""
    lowered = original.lower()
    return Cleaned(lowered if len(lowered) == len(original) else original)

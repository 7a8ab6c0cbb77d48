"""Reading: the words of one image as a text, with the way back to the place in the image where each stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from evenhand.content.text import Text
from evenhand.core.signal import Evidence, Region, Signal
from evenhand.detectors.base import Passage

#: Characters read of one image; what follows is left out, and no picture that people can read holds more.
MAX_CHARACTERS: Final = 8_000
#: Longest stretch of words that a reason quotes.
_QUOTED: Final = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in one image, one passage a line.

    Args:
        text: The lines.
        image: Which of the content's images it is.
        passages: The passages with their first character in `text`, in order.
    """

    text: Text
    image: int
    passages: tuple[tuple[int, Passage], ...]

    def shown(self, signal: Signal) -> Signal:
        """Return what a detector said of the text as something that it says of the image."""
        regions = [region for evidence in signal.evidence for region in self._regions(evidence)]
        quoted = " … ".join(self.text.original[item.begin : item.end] for item in signal.evidence)
        reason = f"In image {self.image + 1}: “{quoted[:_QUOTED]}”" if quoted else signal.reason
        return replace(signal, evidence=(), regions=tuple(regions), reason=reason)

    def _regions(self, evidence: Evidence) -> Iterator[Region]:
        """Yield where in the image the stretch `evidence` stands: a part of every line that it touches."""
        for first, passage in self.passages:
            begin, end = max(evidence.begin, first), min(evidence.end, first + len(passage.text))
            if begin < end:
                box = _part(passage, (begin - first) / len(passage.text), (end - first) / len(passage.text))
                yield Region(self.image, passage.frame, box, evidence.weight, passage.source)


def readings_of(passages: Iterable[Passage], *, image: int) -> list[Reading]:
    """Return what stands in the image with this number, words and codes together, and the words also alone.

    Together they say more than each, but a model may score the whole lower; to add a code must never lower a score.
    """
    together = list(passages)
    words = [passage for passage in together if passage.source != "code"]
    parts = [together, words] if len(words) < len(together) else [together]
    return [reading for part in parts if (reading := reading_of(part, image=image))]


def reading_of(passages: Iterable[Passage], *, image: int) -> Reading | None:
    """Return `passages` as one reading of the image with this number; nothing where there are no words."""
    placed: list[tuple[int, Passage]] = []
    lines: list[str] = []
    at = 0
    for passage in passages:
        if passage.text.isspace() or not passage.text or at + len(passage.text) > MAX_CHARACTERS:
            continue
        placed.append((at, passage))
        lines.append(passage.text)
        at += len(passage.text) + 1
    return Reading(Text("\n".join(lines)), image, tuple(placed)) if lines else None


def strongest(signals: Iterable[Signal]) -> Sequence[Signal]:
    """Return the strongest of `signals` for each detector and label: each image says something for every label."""
    found: dict[tuple[str, str], Signal] = {}
    for signal in signals:
        key = (signal.detector, signal.label)
        if key not in found or signal.score > found[key].score:
            found[key] = signal
    return tuple(found.values())


def _part(passage: Passage, begin: float, end: float) -> tuple[float, float, float, float]:
    """Return the part of a line's box from `begin` to `end`, shares of its length; a code is shown whole."""
    left, top, width, height = passage.box
    if passage.source == "code":
        return passage.box
    return (left + width * begin, top, width * (end - begin), height)

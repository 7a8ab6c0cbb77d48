"""The door between detectors and everything else: what a detector says is checked here before anyone may use it.

A label outside the taxonomy, or one that the detector did not declare, is dropped: it is not passed on, not stored and
not logged. A score or a place that cannot be true makes the whole answer a failure.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from evenhand.content.text import Text
from evenhand.core.signal import DetectorFailure, Evidence, Region, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Passage

#: Rounding may put a box that fills its image this far outside.
_SLACK = 1e-6


def admit(detector: Any, text: Text, signals: Iterable[Signal]) -> tuple[Signal, ...] | DetectorFailure:
    """Return those of `signals` about `text` that may pass, or a failure with code `detector.invalid`."""
    length = len(text.original)
    return _admitted(
        detector,
        signals,
        lambda signal: not signal.regions and (not signal.evidence or _is_inside(signal.evidence, length)),
    )


def admit_image(detector: Any, image: object, signals: Iterable[Signal]) -> tuple[Signal, ...] | DetectorFailure:
    """Return those of `signals` about an image that may pass, or a failure with code `detector.invalid`."""
    del image
    return _admitted(
        detector, signals, lambda signal: not signal.evidence and all(_is_box(region.box) for region in signal.regions)
    )


def admit_passages(reader: Any, image: object, passages: Iterable[Passage]) -> tuple[Passage, ...] | DetectorFailure:
    """Return `passages`, or a failure with code `detector.invalid`."""
    del image
    read = tuple(passages)
    if not all(_is_box(passage.box) and isinstance(passage.text, str) for passage in read):
        return _invalid(reader, "words outside the image")
    return read


def _admitted(
    detector: Any, signals: Iterable[Signal], is_placed: Callable[[Signal], bool]
) -> tuple[Signal, ...] | DetectorFailure:
    admitted = []
    for signal in signals:
        if signal.label not in detector.labels or not isinstance(signal.label, Label):
            continue
        if not 0.0 <= signal.score <= 1.0:  # also catches NaN
            return _invalid(detector, "a score outside 0..1")
        if not is_placed(signal):
            return _invalid(detector, "evidence outside the content")
        admitted.append(signal if _is_plain(signal) else _plain(signal))
    return tuple(admitted)


def _is_inside(evidence: Iterable[Evidence], length: int) -> bool:
    return all(0 <= item.begin < item.end <= length for item in evidence)


def _is_box(box: tuple[float, float, float, float]) -> bool:
    left, top, width, height = box
    is_begun = left >= 0 and top >= 0 and width > 0 and height > 0
    return is_begun and left + width <= 1 + _SLACK and top + height <= 1 + _SLACK


def _is_plain(signal: Signal) -> bool:
    if type(signal.score) is not float or signal.regions:
        return False
    return not signal.evidence or all(
        type(item.begin) is int and type(item.end) is int and type(item.weight) is float for item in signal.evidence
    )


def _plain(signal: Signal) -> Signal:
    """Return `signal` with Python's own numbers: numpy's look like them, but cannot be kept."""
    evidence = tuple(
        Evidence(int(item.begin), int(item.end), float(item.weight), item.source) for item in signal.evidence
    )
    regions = tuple(
        Region(int(item.image), int(item.frame), _box(*map(float, item.box)), float(item.weight), item.source)
        for item in signal.regions
    )
    return replace(signal, score=float(signal.score), evidence=evidence, regions=regions)


def _box(left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
    return left, top, min(width, 1 - left), min(height, 1 - top)


def _invalid(detector: Any, what: str) -> DetectorFailure:
    return DetectorFailure(detector.id, "detector.invalid", f"The detector gave {what}.")

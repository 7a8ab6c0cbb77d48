"""The door between detectors and everything else: what a detector says is checked here before anyone may use it.

A label outside the taxonomy, or one that the detector did not declare, is dropped: it is not passed on, not stored and
not logged. A score or a span that cannot be true makes the whole answer a failure.
"""

from collections.abc import Iterable
from dataclasses import replace

from evenhand.content.text import Text
from evenhand.core.signal import DetectorFailure, Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector


def admit(detector: Detector, text: Text, signals: Iterable[Signal]) -> tuple[Signal, ...] | DetectorFailure:
    """Return those of `signals` that may pass, or a failure with code `detector.invalid`."""
    admitted = []
    for signal in signals:
        if signal.label not in detector.labels or not isinstance(signal.label, Label):
            continue
        if not 0.0 <= signal.score <= 1.0:  # also catches NaN
            return _invalid(detector, "a score outside 0..1")
        if signal.evidence and not _is_inside(signal.evidence, len(text.original)):
            return _invalid(detector, "evidence outside the text")
        admitted.append(signal if _is_plain(signal) else _plain(signal))
    return tuple(admitted)


def _is_inside(evidence: Iterable[Evidence], length: int) -> bool:
    return all(0 <= item.begin < item.end <= length for item in evidence)


def _is_plain(signal: Signal) -> bool:
    if type(signal.score) is not float:
        return False
    return not signal.evidence or all(
        type(item.begin) is int and type(item.end) is int and type(item.weight) is float for item in signal.evidence
    )


def _plain(signal: Signal) -> Signal:
    """Return `signal` with Python's own numbers: numpy's look like them, but cannot be kept."""
    evidence = tuple(
        Evidence(int(item.begin), int(item.end), float(item.weight), item.source) for item in signal.evidence
    )
    return replace(signal, score=float(signal.score), evidence=evidence)


def _invalid(detector: Detector, what: str) -> DetectorFailure:
    return DetectorFailure(detector.id, "detector.invalid", f"The detector gave {what}.")

"""Timeline: from what was found at single moments of a clip to spans that a person can look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span, Track
from evenhand.engine.transcript import Window
from evenhand.policy.policy import Policy

#: A score from which something is shown even where the policy asks for more.
_SHOWN: Final = 0.5
#: Speech of one label that is nearer than this to the next, in seconds, is one span.
_PAUSE: Final = 2.0
#: Longest stretch of speech that a reason quotes, in characters.
_QUOTED: Final = 120
#: Most spans of a clip; the worst are kept.
MOST_SPANS: Final = 500


@dataclass(frozen=True, slots=True)
class StillFound:
    """What was said of one still of a clip, as far as it is worth showing.

    Args:
        milliseconds: Its time in the clip.
        signals: The strongest for each label, their regions with that time as `frame`.
    """

    milliseconds: int
    signals: tuple[Signal, ...]


def floors(policy: Policy) -> dict[Label, float]:
    """Return from which score on each label is shown: from one half, or less where the policy acts on less."""
    found = dict.fromkeys(Label, _SHOWN)
    for rule in policy.rules:
        found[rule.label] = min(found[rule.label], rule.threshold)
    return found


def picture_spans(stills: Iterable[StillFound], looked_at: Sequence[int], *, end: float) -> list[Span]:
    """Return the spans of a clip's pictures: stills with the same label that follow each other are one.

    Args:
        stills: Those with something to show, in order.
        looked_at: The times of all that were looked at, in milliseconds, in order.
        end: Where the clip ends, in seconds: a still stands for what is shown until the next one.
    """
    following = dict(zip(looked_at, [*looked_at[1:], round(end * 1000)], strict=False))
    open_spans: dict[Label, tuple[Span, int]] = {}
    spans: list[Span] = []
    for still in stills:
        until = max(still.milliseconds, following[still.milliseconds])
        for signal in still.signals:
            span = _of_still(signal, still.milliseconds, until)
            known, expected = open_spans.get(signal.label, (None, -1))
            if known is not None:
                if expected == still.milliseconds:
                    span = _joined(known, span)
                else:
                    spans.append(known)
            open_spans[signal.label] = (span, until)
    return [*spans, *(span for span, _ in open_spans.values())]


def speech_spans(said: Iterable[tuple[Window, Sequence[Signal]]], shown_from: Mapping[Label, float]) -> list[Span]:
    """Return the spans of a clip's speech.

    Args:
        said: What was said of each window of the transcript.
        shown_from: From which score on a label is shown.
    """
    by_label: dict[Label, list[Span]] = {}
    for window, signals in said:
        for signal in signals:
            if signal.score >= shown_from[signal.label]:
                by_label.setdefault(signal.label, []).append(_of_window(window, signal))
    return [span for found in by_label.values() for span in _merged(found)]


def worst_first(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return `spans`, the worst first; of more than `MOST_SPANS`, the worst."""
    return tuple(sorted(spans, key=lambda span: (-span.score, span.begin, span.label))[:MOST_SPANS])


def _of_still(signal: Signal, begin: int, end: int) -> Span:
    return Span(
        begin / 1000,
        end / 1000,
        Track.PICTURE,
        signal.label,
        signal.score,
        signal.detector,
        signal.reason,
        begin,
        signal.regions,
    )


def _of_window(window: Window, signal: Signal) -> Span:
    """Return the time of what a detector points at, or of the whole window where it points at nothing."""
    text = window.text
    strongest = max(signal.evidence, key=lambda item: item.weight, default=None)
    begin, end = (0, len(text)) if strongest is None else (strongest.begin, strongest.end)
    quoted = text if len(text) <= _QUOTED else f"{text[max(0, begin - 20) :][:_QUOTED]}…"
    return Span(
        *window.times(begin, end), Track.SPEECH, signal.label, signal.score, signal.detector, f"Said: “{quoted}”"
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.begin, span.end)):
        if merged and span.begin <= merged[-1].end + _PAUSE:
            merged[-1] = _joined(merged[-1], span)
        else:
            merged.append(span)
    return merged


def _joined(one: Span, other: Span) -> Span:
    """Return both as one span: it says what the worse of them says."""
    worse = one if one.score >= other.score else other
    return replace(worse, begin=min(one.begin, other.begin), end=max(one.end, other.end))

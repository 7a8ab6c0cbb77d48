"""Lay the evidence of a decision over its text: segments over which the same marks lie."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evenhand.console.contexts import Mark, Segment
from evenhand.console.figures import rounded_down
from evenhand.console.visible import pieces
from evenhand.core.decision import Action, RuleHit
from evenhand.core.signal import Evidence, Signal
from evenhand.core.timeline import Span

#: Evidence of a lower score is marked only if a rule was set off: a word that hardly counted must not look accused.
NOTED_FROM: Final = 0.5

#: The level of what stands out and set off no rule.
NOTED: Final = "noted"
#: The levels, from mild to strict.
SEVERITY: Final = {NOTED: 0, str(Action.REVIEW): 1, str(Action.BLOCK): 2}

#: A mark with its weight, and where it lies.
Placed = tuple[Evidence, Mark]


def place_marks(signals: Iterable[Signal], rules: Sequence[RuleHit]) -> tuple[list[Placed], int]:
    """Return the evidence worth showing as marks in place, and how many pieces of evidence are not."""
    placed: list[Placed] = []
    left_out = 0
    for signal in signals:
        level = level_of(signal, rules)
        if level is None:
            left_out += len(signal.evidence)
            continue
        placed += [
            (evidence, mark_of(signal, weight=evidence.weight, source=evidence.source, level=level))
            for evidence in signal.evidence
        ]
    return placed, left_out


def segments(text: str, placed: Sequence[Placed]) -> tuple[Segment, ...]:
    """Return the whole of `text` as segments, in order; those with marks are numbered from 1."""
    number = itertools.count(1)
    return tuple(
        _segment(text, begin, end, marks, next(number) if marks else 0) for begin, end, marks in _runs(text, placed)
    )


def level_of(found: Signal | Span, rules: Sequence[RuleHit]) -> str | None:
    """Return what the label of what was found led to: block, review or noted; nothing where it hardly counted."""
    actions = (
        rule.action
        for rule in rules
        if rule.label == found.label and rule.threshold is not None and found.score >= rule.threshold
    )
    strictest = max(actions, key=lambda action: action.severity, default=None)
    if strictest is not None:
        return str(strictest)
    return NOTED if found.score >= NOTED_FROM else None


def mark_of(signal: Signal, *, weight: float, source: str, level: str) -> Mark:
    """Return what a page says of one place that `signal` points at."""
    return Mark(
        level=level,
        label=str(signal.label),
        score=rounded_down(signal.score),
        detector=signal.detector,
        weight=rounded_down(weight),
        source=source,
    )


def _runs(text: str, placed: Sequence[Placed]) -> Iterator[tuple[int, int, tuple[Mark, ...]]]:
    """Yield (begin, end, marks) from the start of `text` to its end; neighbours always differ in their marks."""
    beginning: dict[int, list[int]] = defaultdict(list)
    ending: dict[int, list[int]] = defaultdict(list)
    for index, (evidence, _) in enumerate(placed):
        beginning[evidence.begin].append(index)
        ending[evidence.end].append(index)
    lying: set[int] = set()
    spans = []
    for begin, end in itertools.pairwise(sorted({0, len(text), *beginning, *ending})):
        lying.difference_update(ending[begin])
        lying.update(beginning[begin])
        spans.append((begin, end, _strongest(placed[index][1] for index in sorted(lying))))
    for marks, alike in itertools.groupby(spans, key=lambda span: span[2]):
        (begin, end, _), *others = alike
        yield begin, others[-1][1] if others else end, marks


def _strongest(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the weightiest mark of each detector and label, strictest and weightiest first."""
    best: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        known = best.get((mark.detector, mark.label))
        if known is None or mark.weight > known.weight:
            best[mark.detector, mark.label] = mark
    return tuple(
        sorted(
            best.values(),
            key=lambda mark: (-SEVERITY[mark.level], -float(mark.weight), -float(mark.score), mark.label),
        )
    )


def _segment(text: str, begin: int, end: int, marks: tuple[Mark, ...], number: int) -> Segment:
    return Segment(
        number=number,
        level=marks[0].level if marks else "",
        title="; ".join(map(_in_words, marks)),
        first=begin + 1,
        last=end,
        pieces=pieces(text, begin, end),
        marks=marks,
    )


def _in_words(mark: Mark) -> str:
    return f"{mark.level}: {mark.label} {mark.score}, from {mark.detector}, weight {mark.weight}"

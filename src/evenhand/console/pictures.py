"""Lay the regions of a decision over its images: boxes in percent, numbered over all of them."""

import itertools
from collections.abc import Sequence

from evenhand.console.contexts import Box, Picture
from evenhand.console.evidence import level_of, mark_of
from evenhand.core.decision import Decision, ImageFacts
from evenhand.core.signal import Region, Signal


def pictures_of(decision: Decision) -> tuple[tuple[Picture, ...], int]:
    """Return the images of `decision` with the boxes worth showing, and how many regions are not."""
    number = itertools.count(1)
    placed: list[tuple[Region, Signal, str]] = []
    left_out = 0
    for signal in decision.signals:
        level = level_of(signal, decision.verdict.rules)
        if level is None:
            left_out += len(signal.regions)
        else:
            placed += [(region, signal, level) for region in signal.regions]
    pictures = tuple(
        Picture(
            place + 1,
            _in_words(facts),
            tuple(
                _box(next(number), region, signal, level) for region, signal, level in placed if region.image == place
            ),
        )
        for place, facts in enumerate(decision.images)
    )
    return pictures, left_out


def _box(number: int, region: Region, signal: Signal, level: str) -> Box:
    left, top, width, height = (f"{100 * part:.2f}%" for part in region.box)
    mark = mark_of(signal, weight=region.weight, source=region.source, level=level)
    return Box(number, left, top, width, height, mark)


def _in_words(facts: ImageFacts) -> str:
    words: Sequence[str] = (facts.format, f"{facts.width} by {facts.height} pixels")
    return ", ".join((*words, f"{facts.frames} frames") if facts.frames > 1 else words)

"""The baseline: figures of the release's audit that a later release must not fall behind.

A report, and the baseline, is JSON; `tools/keep_baseline.py` writes the baseline. Wherever an object in it has `value`,
`low` and `high`, that is a figure with its interval, named by the path that leads there. The baseline may hold fewer
figures than a report: those that it holds are guarded.
"""

import contextlib
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from evenhand.audit.answers import join
from evenhand.audit.families import read_families
from evenhand.audit.generator import generate
from evenhand.audit.local_targets import EngineTarget
from evenhand.audit.measures import measure

#: Where the release's baseline is kept.
BASELINE: Final = Path(__file__).with_name("baseline.json")
#: The baseline is of the first so many English sentences: enough to see a fall, in a minute.
SENTENCES: Final = 2_000

#: Parts of a name by which more is better; by all others less is.
_MORE_IS_BETTER: Final = ("auc", "recall", "precision")
#: Parts of a name by which the distance from 0 counts, on either side.
_EITHER_SIDE: Final = ("shift",)
#: What an entry of a list is called by, if it has one of these.
_NAMES: Final = ("id", "name", "measure", "group", "family", "axis")


@dataclass(frozen=True, slots=True)
class Worse:
    """A figure that got worse beyond the baseline's interval, or is not there any more.

    Args:
        name: Its path.
        before: Its value in the baseline.
        bound: The end of the baseline's interval that it went beyond.
        now: Its value in the report; none if it was not measured.
    """

    name: str
    before: float
    bound: float
    now: float | None

    def __str__(self) -> str:
        """Say it in one line."""
        now = "not measured" if self.now is None else f"{self.now:.4g}"
        return f"{self.name}: {now}, where the baseline has {self.before:.4g} and allows up to {self.bound:.4g}"


def sample_figures() -> dict[str, Any]:
    """Ask the engine about a sample of the audit, and return the figures that a baseline holds."""
    sentences = generate(read_families(), languages=("en",), at_most=SENTENCES)
    with contextlib.closing(EngineTarget(processes=1)) as engine:
        answers = join(sentences, itertools.chain.from_iterable(engine.ask(sentences)))
    measured = asdict(measure(answers))
    rates = ("false_positive_rate", "false_negative_rate")
    families = [
        {"name": family["name"], **{rate: family[rate] for rate in rates if family[rate]["value"] is not None}}
        for family in measured["families"]
    ]
    return {name: measured[name] for name in ("flip_rate", *rates)} | {"families": families}


def worse_than(baseline: Mapping[str, Any], report: Mapping[str, Any]) -> list[Worse]:
    """Return the figures of `baseline` that are worse in `report` beyond the baseline's interval.

    A figure that the report lacks, or that is no number there, counts as worse: what failed is no pass.

    Raises:
        ValueError: The baseline holds no figure, or one whose interval does not hold its value; a name stands twice.
    """
    held, measured = _by_name(baseline), _by_name(report)
    if not held:
        raise ValueError("The baseline holds no figure.")
    return [worse for name, figure in held.items() if (worse := _worse(name, figure, measured.get(name)))]


def _worse(name: str, held: Mapping[str, Any], measured: Mapping[str, Any] | None) -> Worse | None:
    before, low, high = (_number(held[key]) for key in ("value", "low", "high"))
    if before is None or low is None or high is None or not low <= before <= high:
        raise ValueError(f"The baseline's figure {name} has no interval that holds its value.")
    now = _number(measured["value"]) if measured else None
    more_is_better = any(part in name.lower() for part in _MORE_IS_BETTER)
    bound = low if more_is_better else high
    reached = now
    if any(part in name.lower() for part in _EITHER_SIDE):
        bound, reached = max(abs(low), abs(high)), None if now is None else abs(now)
    if reached is not None and (reached >= bound if more_is_better else reached <= bound):
        return None
    return Worse(name, before, bound, now)


def _by_name(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    figures: dict[str, Mapping[str, Any]] = {}
    for name, figure in _figures(document):
        if name in figures:
            raise ValueError(f"Two figures have the name {name}, so that one of them would not be compared.")
        figures[name] = figure
    return figures


def _figures(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every figure below `node` with its path."""
    if isinstance(node, Mapping):
        if {"value", "low", "high"} <= node.keys():
            yield path, node
            return
        for key, value in node.items():
            yield from _figures(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for place, item in enumerate(node):
            yield from _figures(item, f"{path}[{_called(item, place)}]")


def _called(item: Any, place: int) -> str:
    """Return what an entry of a list is called, so that the order of the list does not matter."""
    names = [str(item[key]) for key in _NAMES if key in item] if isinstance(item, Mapping) else []
    return " ".join(names) or str(place)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None

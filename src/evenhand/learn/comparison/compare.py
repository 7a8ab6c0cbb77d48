"""Put the scorers side by side: every figure of every label and scorer, ready for the reports and for JSON."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenhand.learn.comparison.estimates import (
    Curves,
    Estimate,
    GroupFigures,
    curves_of,
    estimates_of,
    group_estimates_of,
)
from evenhand.learn.comparison.labelled import LabelledFile
from evenhand.learn.comparison.scored import Scored
from evenhand.learn.measures import RESAMPLES, SEED


@dataclass(frozen=True, slots=True)
class Example:
    """A row on the wrong side of the threshold."""

    line: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured of one scorer on one label.

    Args:
        scorer: Its name.
        rows: Rows that were judged and answered.
        positives: How many of them have the label.
        unanswered: Rows that were judged and not answered.
        estimates: By name.
        best_threshold: Where F1 is best on these very rows; nothing without positive rows.
        groups: By name, most often wrongly flagged first.
        gaps: The largest gap between two groups, by figure.
        curves: For the plots; nothing without rows.
        wrongly_flagged: The highest scores of negative rows.
        missed: The lowest scores of positive rows.
    """

    scorer: str
    rows: int
    positives: int
    unanswered: int
    estimates: Mapping[str, Estimate]
    best_threshold: float | None
    groups: Mapping[str, GroupFigures]
    gaps: Mapping[str, Estimate]
    curves: Curves | None
    wrongly_flagged: tuple[Example, ...] = ()
    missed: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class ScorerSummary:
    """What is known of a scorer: versions or address, labels, and the lines without an answer, by code."""

    name: str
    about: Mapping[str, Any]
    labels: tuple[str, ...]
    answered: int
    unanswered: Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that a report says."""

    file: LabelledFile
    threshold: float
    scorers: tuple[ScorerSummary, ...]
    results: Mapping[str, tuple[Result, ...]]

    def as_json(self) -> dict[str, Any]:
        """Return every figure, without texts of the file."""
        return {
            "file": {
                "name": self.file.name,
                "sha256": self.file.sha256,
                "rows": len(self.file.rows),
                "columns": dict(self.file.columns),
                "group_column": self.file.group or None,
                "unread": [asdict(row) for row in self.file.unread],
            },
            "threshold": self.threshold,
            "bootstrap": {"resamples": RESAMPLES, "interval": 0.95, "seed": SEED},
            "scorers": [asdict(scorer) for scorer in self.scorers],
            "labels": {
                label: {result.scorer: _result_json(result) for result in results}
                for label, results in self.results.items()
            },
        }


def compare(
    file: LabelledFile, scorers: Sequence[Scored], *, threshold: float = 0.5, examples: int = 0
) -> Comparison:
    """Return all figures of `scorers` on `file`; with `examples`, so many texts of each kind of mistake."""
    return Comparison(
        file,
        threshold,
        tuple(_summary(file, scored) for scored in scorers),
        {
            label: tuple(_result(file, scored, label, threshold, examples) for scored in scorers)
            for label in file.labels
        },
    )


def _summary(file: LabelledFile, scored: Scored) -> ScorerSummary:
    unanswered: dict[str, list[int]] = defaultdict(list)
    for row, answer in zip(file.rows, scored.answers, strict=True):
        if answer.error:
            unanswered[answer.error].append(row.line)
    missing = sum(map(len, unanswered.values()))
    return ScorerSummary(
        scored.name, scored.about, scored.labels, len(file.rows) - missing, dict(unanswered)
    )


def _result(file: LabelledFile, scored: Scored, label: str, threshold: float, examples: int) -> Result:
    found = [file.truth(row, label) for row in file.rows]
    scores = scored.scores(label)
    judged = np.array([truth is not None for truth in found])
    places = np.flatnonzero(judged & ~np.isnan(scores))
    truths, own = np.array([bool(found[place]) for place in places], bool), scores[places]
    estimates, best = estimates_of(truths, own, threshold=threshold)
    groups: dict[str, GroupFigures] = {}
    gaps: dict[str, Estimate] = {}
    if len(places):
        names = np.array([file.rows[place].group for place in places], np.str_)
        groups, gaps = group_estimates_of(truths, own, names, threshold=threshold)
    wrong = places[~truths & (own >= threshold)]
    missed = places[truths & (own < threshold)]
    return Result(
        scorer=scored.name,
        rows=len(places),
        positives=int(truths.sum()),
        unanswered=int(judged.sum()) - len(places),
        estimates=estimates,
        best_threshold=None if np.isnan(best) else best,
        groups=groups,
        gaps=gaps,
        curves=curves_of(truths, own) if len(places) else None,
        wrongly_flagged=_examples(file, wrong[np.argsort(-scores[wrong], kind="stable")][:examples], scores),
        missed=_examples(file, missed[np.argsort(scores[missed], kind="stable")][:examples], scores),
    )


def _examples(file: LabelledFile, places: Any, scores: Any) -> tuple[Example, ...]:
    return tuple(Example(file.rows[place].line, file.rows[place].text, float(scores[place])) for place in places)


def _result_json(result: Result) -> dict[str, Any]:
    return {
        "rows": result.rows,
        "positives": result.positives,
        "unanswered": result.unanswered,
        **{name: estimate_json(estimate) for name, estimate in result.estimates.items()},
        "best_f1_threshold": None if result.best_threshold is None else round(result.best_threshold, 4),
        "groups": {
            name: {"rows": own.rows, "positives": own.positives}
            | {figure: estimate_json(estimate) for figure, estimate in own.estimates.items()}
            for name, own in result.groups.items()
        },
        "largest_gap": {figure: estimate_json(estimate) for figure, estimate in result.gaps.items()},
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Return the estimate for JSON, or its reason."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return {"value": None, "reason": estimate.reason}
    return {name: round(value, 4) for name, value in (("value", estimate.value), ("low", estimate.low), ("high", estimate.high))}

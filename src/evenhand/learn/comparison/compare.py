"""Put the scorers side by side: every figure of every label and scorer, ready for the reports and for JSON."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evenhand.learn.comparison.estimates import (
    Curves,
    Estimate,
    GroupFigures,
    curves_of,
    differences_of,
    estimates_of,
    group_estimates_of,
    no_estimates,
)
from evenhand.learn.comparison.labelled import LabelledFile
from evenhand.learn.measures import RESAMPLES, SEED, ScoreArray, TruthArray
from evenhand.scorers.scored import Scored


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
        differences: From the first scorer, on the rows that both answered; none for the first.
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
    differences: Mapping[str, Estimate]
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


def compare(file: LabelledFile, scorers: Sequence[Scored], *, threshold: float = 0.5, examples: int = 0) -> Comparison:
    """Return all figures of `scorers` on `file`; with `examples`, so many texts of each kind of mistake."""
    return Comparison(
        file,
        threshold,
        tuple(_summary(file, scored) for scored in scorers),
        {
            label: tuple(
                _result(file, scored, label, threshold=threshold, examples=examples, first=scorers[0])
                for scored in scorers
            )
            for label in file.labels
        },
    )


def _summary(file: LabelledFile, scored: Scored) -> ScorerSummary:
    unanswered: dict[str, list[int]] = defaultdict(list)
    for row, answer in zip(file.rows, scored.answers, strict=True):
        if answer.error:
            unanswered[answer.error].append(row.line)
    missing = sum(map(len, unanswered.values()))
    return ScorerSummary(scored.name, scored.about, scored.labels, len(file.rows) - missing, dict(unanswered))


def _result(
    file: LabelledFile, scored: Scored, label: str, *, threshold: float, examples: int, first: Scored
) -> Result:
    found = [file.truth(row, label) for row in file.rows]
    judged = sum(truth is not None for truth in found)
    scores = scored.scores(label)
    places = np.array(
        [place for place, truth in enumerate(found) if truth is not None and not np.isnan(scores[place])], np.int64
    )
    if not len(places):
        nothing = no_estimates("not scored" if judged else "no row was judged")
        return Result(scored.name, 0, 0, judged, nothing, None, {}, {}, {}, None)
    truths, own = np.array([found[place] for place in places], bool), scores[places]
    names = np.array([file.rows[place].group for place in places], np.str_)
    estimates, best = estimates_of(truths, own, threshold=threshold)
    groups, gaps = group_estimates_of(truths, own, names, threshold=threshold)
    wrong, missed = places[~truths & (own >= threshold)], places[truths & (own < threshold)]
    return Result(
        scored.name,
        len(places),
        int(truths.sum()),
        judged - len(places),
        estimates,
        best,
        groups,
        gaps,
        {} if scored is first else _differences(truths, first.scores(label)[places], own),
        curves_of(truths, own),
        _examples(file, wrong[np.argsort(-scores[wrong], kind="stable")][:examples], scores),
        _examples(file, missed[np.argsort(scores[missed], kind="stable")][:examples], scores),
    )


def _differences(truths: TruthArray, reference: ScoreArray, scores: ScoreArray) -> dict[str, Estimate]:
    both = ~np.isnan(reference)
    return differences_of(truths[both], reference[both], scores[both])


def _examples(file: LabelledFile, places: npt.NDArray[np.int64], scores: ScoreArray) -> tuple[Example, ...]:
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
        "difference_from_first": {name: estimate_json(estimate) for name, estimate in result.differences.items()},
        "largest_gap": {figure: estimate_json(estimate) for figure, estimate in result.gaps.items()},
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Return the estimate for JSON, or its reason."""
    if estimate.value is None:
        return {"value": None, "reason": estimate.reason}
    return {"value": round(estimate.value, 4), "low": round(estimate.low, 4), "high": round(estimate.high, 4)}

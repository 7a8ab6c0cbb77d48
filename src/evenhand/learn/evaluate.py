"""Measure detectors on dev sets: how well they rank toxic comments, and whom they wrongly flag, worst first.

It prints nothing; `cli/eval_text.py` and the model card do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evenhand.content.text import Text
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector
from evenhand.learn.dev_sets import (
    SURGE,
    TEMPLATES,
    XSTEST,
    DevText,
    by_kind,
    read_safe_prompts,
    read_surge,
    read_templates,
)
from evenhand.learn.measures import ScoreArray, TruthArray, area_under_curve, average_precision, measure

THRESHOLDS: Final = (0.5, 0.7, 0.9)
BASELINE: Final = "alt-profanity-check"

Scorer = Callable[[Sequence[str]], ScoreArray]

_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class DevSets:
    """What detectors are measured on."""

    surge: Sequence[DevText]
    safe_prompts: Sequence[DevText]
    templates: Sequence[DevText]


def read_dev_sets(folder: Path) -> DevSets:
    """Read all dev sets.

    Raises:
        ConfigurationError: `data.missing`.
    """
    return DevSets(read_surge(folder), read_safe_prompts(folder), read_templates(folder))


def flagged_by_label(detector: Detector, sets: DevSets) -> dict[str, Any]:
    """Return how often each label of `detector` flags harmless texts, most often first, by dev set."""
    figures = {}
    for name, texts in ((XSTEST, sets.safe_prompts), (TEMPLATES, sets.templates)):
        harmless = [text.text for text in texts if not text.is_harmful]
        answers = [{signal.label: signal.score for signal in signals} for signals in _answers(detector, harmless)]
        labels = {
            str(label): _shares(np.array([answer.get(label, 0.0) for answer in answers]))
            for label in sorted(detector.labels)
        }
        figures[name] = _worst_first(labels)
    return figures


def _answers(detector: Detector, texts: Sequence[str]) -> Iterator[tuple[Signal, ...]]:
    for at in range(0, len(texts), _BATCH):
        yield from detector.detect([Text(text) for text in texts[at : at + _BATCH]])


def scorer_of(detector: Detector) -> Scorer:
    """Return a function that gives the detector's scores for TOXICITY."""

    def score(texts: Sequence[str]) -> ScoreArray:
        return np.array([_toxicity(signals) for signals in _answers(detector, texts)])

    return score


def _toxicity(signals: Iterable[Signal]) -> float:
    return next((signal.score for signal in signals if signal.label == Label.ATTRIBUTE_TOXICITY), 0.0)


def baseline_scorer() -> Scorer | None:
    """Return the scorer of a well-known small model, or nothing where it is not installed."""
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    return lambda texts: np.asarray(predict_prob(list(texts)), np.float64)


def evaluate(score: Scorer, sets: DevSets) -> dict[str, Any]:
    """Return all figures of one scorer, ready for JSON."""
    return {
        SURGE: _ranking(sets.surge, _scores(score, sets.surge)),
        XSTEST: _wrongly_flagged(sets.safe_prompts, _scores(score, sets.safe_prompts)),
        TEMPLATES: _templates(sets.templates, _scores(score, sets.templates)),
    }


def _scores(score: Scorer, texts: Sequence[DevText]) -> ScoreArray:
    return score([text.text for text in texts])


def _truths(texts: Sequence[DevText]) -> TruthArray:
    return np.array([text.is_harmful for text in texts])


def _ranking(texts: Sequence[DevText], scores: ScoreArray) -> dict[str, Any]:
    truths = _truths(texts)
    return {
        "auc": measure(area_under_curve, truths, scores).as_json(),
        "average_precision": measure(average_precision, truths, scores).as_json(),
        "found": {str(least): round(float((scores[truths] >= least).mean()), 4) for least in THRESHOLDS},
        "wrongly_flagged": _shares(scores[~truths]),
    }


def _wrongly_flagged(texts: Sequence[DevText], scores: ScoreArray) -> dict[str, Any]:
    kinds = {kind: _shares(scores[places]) for kind, places in by_kind(texts).items()}
    return {"all": _shares(scores), "by_kind": _worst_first(kinds)}


def _templates(texts: Sequence[DevText], scores: ScoreArray) -> dict[str, Any]:
    truths, everyone = _truths(texts), _shares(scores[~_truths(texts)])
    kinds = {}
    for kind, members in by_kind(texts).items():
        places = np.array(members)
        own, harmful = scores[places], truths[places]
        kinds[kind] = _shares(own[~harmful]) | {"auc": round(area_under_curve(harmful, own), 4)}
    gaps = {
        str(least): round(max(shares[str(least)] for shares in kinds.values()) - everyone[str(least)], 4)
        for least in THRESHOLDS
    }
    return {
        "auc": round(area_under_curve(truths, scores), 4),
        "lowest_auc": min(shares["auc"] for shares in kinds.values()),
        "all": everyone,
        "largest_gap": gaps,
        "by_kind": _worst_first(kinds),
    }


def _shares(scores: ScoreArray) -> dict[str, Any]:
    """Return how many harmless texts there are, their mean score, and the share at or above each threshold."""
    shares = {str(least): round(float((scores >= least).mean()), 4) for least in THRESHOLDS}
    return {"rows": len(scores), "mean": round(float(scores.mean()), 4), **shares}


def _worst_first(kinds: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    columns = [str(least) for least in THRESHOLDS]
    return dict(sorted(kinds.items(), key=lambda item: ([-item[1][column] for column in columns], -item[1]["mean"])))

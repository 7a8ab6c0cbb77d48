"""Measure scorers on dev sets: how well they rank, what they miss, and whom they wrongly flag, worst first.

Every scorer is asked the same way, so that a model, the one before it and a well-known small one stand in one table.
It prints nothing; `cli/eval_text.py` and the model card do.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from evenhand.content.text import Text
from evenhand.core.decision import Action
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector
from evenhand.learn.baselines.first_model import FirstModel
from evenhand.learn.comparison.groups import BNSP, BPSN, FALSE_POSITIVES, GAP, SUBGROUP, Grouped
from evenhand.learn.comparison.ranked import FloatArray
from evenhand.learn.dev_sets import (
    SURGE,
    TEMPLATES,
    XSTEST,
    DevText,
    SpanText,
    by_kind,
    read_plain_words,
    read_prompts,
    read_spans,
    read_surge,
    read_templates,
)
from evenhand.learn.disguise import ATTACKS, disguise
from evenhand.learn.measures import Figure, ScoreArray, TruthArray, area_under_curve, average_precision, mean, measure
from evenhand.policy.evaluate import evaluate as decide
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy
from evenhand.scorers.profanity_check import BASELINE, baseline_scorer

THRESHOLDS: Final = (0.5, 0.7, 0.9)
#: The name of what the default policy does, beside what is at or above a threshold.
POLICY: Final = "policy"
#: The name of the figures on words that say nothing about anybody.
PLAIN: Final = "plain_words"
#: The name of what stands beside single detectors.
TOGETHER: Final = "all together"
#: Share of the words that are disguised in the table of disguises.
DISGUISED: Final = 0.3
DISGUISE_SEED: Final = 11

_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class DevSets:
    """What scorers are measured on."""

    surge: Sequence[DevText]
    prompts: Sequence[DevText]
    templates: Sequence[DevText]
    spans: Sequence[SpanText]
    words: Sequence[DevText]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a scorer says of texts.

    Args:
        toxicity: Its score for TOXICITY, by text.
        flagged: Whether the policy would not allow the text.
        labels: Its score for each label that it has, by text.
    """

    toxicity: ScoreArray
    flagged: TruthArray
    labels: Mapping[Label, ScoreArray]


Scorer = Callable[[Sequence[str]], Judged]


def read_dev_sets(folder: Path) -> DevSets:
    """Read all dev sets.

    Raises:
        ConfigurationError: `data.missing`.
    """
    return DevSets(
        read_surge(folder), read_prompts(folder), read_templates(folder), read_spans(folder), read_plain_words()
    )


def scorer_of(*detectors: Detector) -> Scorer:
    """Return a function that judges texts by `detectors` and evenhand's default policy."""
    policy = load_policy()
    labels = sorted({label for detector in detectors for label in detector.labels})

    def judge(texts: Sequence[str]) -> Judged:
        answers = list(_answers(detectors, texts, policy))
        scores = {label: np.array([found.get(label, 0.0) for found, _ in answers]) for label in labels}
        none = np.zeros(len(texts))
        return Judged(scores.get(Label.ATTRIBUTE_TOXICITY, none), np.array([flagged for _, flagged in answers]), scores)

    return judge


def _answers(
    detectors: Sequence[Detector], texts: Sequence[str], policy: Policy
) -> Iterator[tuple[Mapping[Label, float], bool]]:
    for at in range(0, len(texts), _BATCH):
        batch = [Text(text) for text in texts[at : at + _BATCH]]
        for signals in zip(*(detector.detect(batch) for detector in detectors), strict=True):
            together: list[Signal] = [signal for own in signals for signal in own]
            verdict = decide(together, policy)
            yield verdict.scores, verdict.action is not Action.ALLOW


def _compared() -> Scorer | None:
    """Return the scorer of the known small model, which flags from one half on."""
    score = baseline_scorer()
    if score is None:
        return None

    def judge(texts: Sequence[str]) -> Judged:
        scores = score(texts)
        return Judged(scores, scores >= THRESHOLDS[0], {})

    return judge


def evaluate_all(detectors: Sequence[Detector], sets: DevSets) -> dict[str, dict[str, Any]]:
    """Return, ready for JSON, all figures of each of `detectors`, of all together, and of those to compare with."""
    report = {
        detector.id: evaluate(scorer_of(detector), sets)
        | {"version": detector.version, "evidence": overlap_of_evidence(detector, sets.spans).as_json()}
        for detector in detectors
    }
    if len(detectors) > 1:
        report[TOGETHER] = evaluate(scorer_of(*detectors), sets)
    report[FirstModel.id] = evaluate(scorer_of(FirstModel()), sets) | {"version": FirstModel.version}
    if compared := _compared():
        report[BASELINE] = evaluate(compared, sets) | {"version": version(BASELINE)}
    return report


def evaluate(score: Scorer, sets: DevSets) -> dict[str, Any]:
    """Return all figures of one scorer, ready for JSON."""
    comments, prompts, templates, words = (
        score([text.text for text in texts]) for texts in (sets.surge, sets.prompts, sets.templates, sets.words)
    )
    return {
        SURGE: _ranking(sets.surge, comments),
        "disguised": _disguised(score, sets.surge),
        XSTEST: _prompts(sets.prompts, prompts),
        TEMPLATES: _templates(sets.templates, templates),
        PLAIN: plain_word_figures(sets.words, words),
        "flagged_by_label": {
            XSTEST: _flagged_by_label(sets.prompts, prompts),
            TEMPLATES: _flagged_by_label(sets.templates, templates),
        },
    }


def overlap_of_evidence(detector: Detector, texts: Sequence[SpanText]) -> Figure:
    """Return the mean F1 of the characters that the evidence for TOXICITY marks and those that people marked.

    As in SemEval-2021 task 5 (Pavlopoulos et al. 2021): where people marked nothing, it is 1 if nothing is marked.
    """
    values = []
    for at in range(0, len(texts), _BATCH):
        batch = texts[at : at + _BATCH]
        for text, signals in zip(batch, detector.detect([Text(text.text) for text in batch]), strict=True):
            own = [signal for signal in signals if signal.label == Label.ATTRIBUTE_TOXICITY]
            spans = [range(item.begin, item.end) for signal in own for item in signal.evidence]
            values.append(_overlap(frozenset(itertools.chain(*spans)), text.marked))
    return mean(np.array(values))


def _overlap(found: frozenset[int], marked: frozenset[int]) -> float:
    if not found or not marked:
        return float(found == marked)
    return 2 * len(found & marked) / (len(found) + len(marked))


def _truths(texts: Sequence[DevText]) -> TruthArray:
    return np.array([text.is_harmful for text in texts])


def _ranking(texts: Sequence[DevText], judged: Judged) -> dict[str, Any]:
    truths, scores = _truths(texts), judged.toxicity
    return {
        "auc": measure(area_under_curve, truths, scores).as_json(),
        "average_precision": measure(average_precision, truths, scores).as_json(),
        "found": {str(least): round(float((scores[truths] >= least).mean()), 4) for least in THRESHOLDS},
        "wrongly_flagged": _shares(scores[~truths]),
        "found_by_policy": _part(judged.flagged[truths]),
        "wrongly_flagged_by_policy": _part(judged.flagged[~truths]),
    }


def _disguised(score: Scorer, texts: Sequence[DevText]) -> dict[str, float]:
    """Return the AUC on the comments as they are and under each disguise."""
    truths, areas = _truths(texts), {}
    for kind in ("", *ATTACKS):
        chooser = random.Random(f"{DISGUISE_SEED} {kind}")  # noqa: S311 -- a seed is what is wanted
        written = [disguise(text.text, chooser, kind=kind, share=DISGUISED) if kind else text.text for text in texts]
        areas[kind or "as written"] = round(area_under_curve(truths, score(written).toxicity), 4)
    return areas


def _prompts(texts: Sequence[DevText], judged: Judged) -> dict[str, Any]:
    """Return what is wrongly flagged of the safe prompts, and what the policy does with both kinds."""
    truths = _truths(texts)
    kinds = {kind: _shares_judged(judged, places) for kind, places in by_kind(texts).items() if not truths[places[0]]}
    missed = {
        kind: {"rows": len(places), "found": _part(judged.flagged[places])}
        for kind, places in by_kind(texts).items()
        if truths[places[0]]
    }
    return {
        "wrongly_flagged_by_policy": mean(judged.flagged[~truths]).as_json(),
        "found_by_policy": mean(judged.flagged[truths]).as_json(),
        "all": _shares_judged(judged, ~truths),
        "by_kind": _worst_first(kinds),
        "unsafe_by_kind": dict(sorted(missed.items(), key=lambda item: item[1]["found"])),
    }


def _templates(texts: Sequence[DevText], judged: Judged) -> dict[str, Any]:
    truths, scores = _truths(texts), judged.toxicity
    groups = np.array([text.kind for text in texts])
    once = np.ones((1, len(texts)))
    kinds = {kind: _shares_judged(judged, places) for kind, places in _harmless(texts)}
    gaps = {POLICY: _gap(Grouped(truths, judged.flagged.astype(float), groups, 1.0).figures(once))}
    for least in THRESHOLDS:
        figures = Grouped(truths, scores, groups, least).figures(once)
        gaps[str(least)] = _gap(figures)
    for kind in kinds:
        kinds[kind] |= {name: _rounded(figures[kind, name]) for name in (SUBGROUP, BPSN, BNSP)}
    worst = {name: _least(kinds, name) for name in (SUBGROUP, BPSN, BNSP)}
    return {
        "auc": round(area_under_curve(truths, scores), 4),
        "lowest": worst,
        "all": _shares_judged(judged, ~truths),
        "largest_gap": gaps,
        "by_kind": _worst_first(kinds),
    }


def plain_word_figures(texts: Sequence[DevText], judged: Judged) -> dict[str, Any]:
    """Return how often the highest score of any label is at or above each threshold, all together and by kind."""
    highest = np.max([judged.toxicity, *judged.labels.values()], axis=0)
    judged = replace(judged, toxicity=highest)
    kinds = {kind: _shares_judged(judged, places) for kind, places in by_kind(texts).items()}
    return {"all": _shares_judged(judged, range(len(texts))), "by_kind": _worst_first(kinds)}


def _harmless(texts: Sequence[DevText]) -> Iterator[tuple[str, list[int]]]:
    for kind, places in by_kind(texts).items():
        yield kind, [place for place in places if not texts[place].is_harmful]


def _part(flagged: TruthArray) -> float:
    return round(float(flagged.mean()), 4)


def _gap(figures: Mapping[tuple[str, str], FloatArray]) -> float | None:
    return _rounded(figures[GAP, FALSE_POSITIVES])


def _rounded(values: FloatArray) -> float | None:
    """Return the only value for JSON; nothing where there were too few texts for one."""
    return None if np.isnan(values[0]) else round(float(values[0]), 4)


def _least(kinds: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    known = [kind for kind in kinds if kinds[kind][name] is not None]
    kind = min(known, key=lambda kind: (kinds[kind][name], kind), default="")
    return {"value": kinds[kind][name] if kind else None, "kind": kind}


def _flagged_by_label(texts: Sequence[DevText], judged: Judged) -> dict[str, dict[str, Any]]:
    """Return how often each label flags harmless texts, most often first."""
    harmless = ~_truths(texts)
    return _worst_first({str(label): _shares(scores[harmless]) for label, scores in judged.labels.items()})


def _shares(scores: ScoreArray) -> dict[str, Any]:
    """Return how many harmless texts there are, their mean score, and the share at or above each threshold."""
    shares = {str(least): round(float((scores >= least).mean()), 4) for least in THRESHOLDS}
    return {"rows": len(scores), "mean": round(float(scores.mean()), 4), **shares}


def _shares_judged(judged: Judged, places: Sequence[int] | TruthArray) -> dict[str, Any]:
    """Return the shares of harmless texts at or above each threshold, and what the policy flags of them."""
    return _shares(judged.toxicity[places]) | {POLICY: _part(judged.flagged[places])}


def _worst_first(kinds: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    columns = [str(least) for least in THRESHOLDS]
    return dict(sorted(kinds.items(), key=lambda item: ([-item[1][column] for column in columns], -item[1]["mean"])))

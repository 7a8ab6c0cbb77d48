"""Train the text model from a data folder: split, fit, calibrate, and measure on rows that it has not seen.

One seed and one machine give the same bytes. It writes nothing; `cli/train_text.py` does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evenhand.content.cleaning import clean
from evenhand.core.taxonomy import Label
from evenhand.detectors.linear import LinearModel
from evenhand.learn.compose import compose_rows
from evenhand.learn.corpora import HEADS, SOURCES, Row, read_corpora
from evenhand.learn.fit import (
    MAX_CHARACTERS,
    PREVALENCE,
    Mask,
    Vector,
    build_matrix,
    calibrate,
    fit_head,
    part_of,
    quantise,
    targets_of,
)
from evenhand.learn.measures import Figure, area_under_curve, average_precision, measure

SEED: Final = 20261123
#: Of a hundred parts, those below the first number are fitted, those below the second calibrate, the rest measure.
FITTED_BELOW: Final = 88
CALIBRATING_BELOW: Final = 94
#: A held-out figure needs this many rows on either side.
LEAST_ROWS: Final = 10

_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How one head does on held-out rows.

    Args:
        head: The head.
        source: The data set that the rows are from; empty for all together.
        auc: Area under the ROC curve.
        precision: Average precision.
    """

    head: str
    source: str
    auc: Figure
    precision: Figure


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model with what is to be told about it.

    Args:
        model: The model.
        rows: Rows read, by source.
        held_out: Figures on held-out rows.
    """

    model: LinearModel
    rows: dict[str, int]
    held_out: tuple[HeldOut, ...]


@dataclass(frozen=True, slots=True)
class _Split:
    """Rows with their cleaned texts and the part that each belongs to."""

    rows: Sequence[Row]
    texts: Sequence[str]
    is_fitted: Mask
    is_calibrating: Mask
    is_held_out: Mask


def train(data: Path, *, seed: int = SEED, say: Callable[[str], object] = lambda _: None) -> Trained:
    """Train a model on `data`/train; `say` hears of progress.

    Raises:
        ConfigurationError: `data.missing`.
    """
    split = _split([*read_corpora(data), *compose_rows(data, seed=seed)], seed=seed)
    say(
        f"{len(split.rows)} rows: {split.is_fitted.sum()} to fit, {split.is_calibrating.sum()} to calibrate, "
        f"{split.is_held_out.sum()} held out"
    )
    matrix = build_matrix(split.texts, fitted=split.is_fitted)
    values = matrix.values[:, matrix.kept]
    say(f"{len(matrix.kept)} n-grams")
    weights, biases = np.zeros((len(matrix.kept), len(HEADS))), np.zeros(len(HEADS))
    for place, head in enumerate(HEADS):
        weights[:, place], biases[place] = _calibrated_head(split, values, head)
        say(f"{head} fitted")
    model = quantise(weights, biases, matrix)
    counts = Counter(row.source for row in split.rows)
    return Trained(model, dict(counts), tuple(_measure_held_out(model, split)))


def _split(rows: Sequence[Row], *, seed: int) -> _Split:
    texts = [clean(row.text[:MAX_CHARACTERS]).text for row in rows]
    is_comment = {source.name: source.is_comments for source in SOURCES}
    parts = np.array([part_of(text, seed=seed) for text in texts])
    parts[[not is_comment.get(row.source, False) for row in rows]] = 0
    fitted, calibrating = parts < FITTED_BELOW, parts < CALIBRATING_BELOW
    return _Split(rows, texts, fitted, calibrating & ~fitted, ~calibrating)


def _calibrated_head(split: _Split, values: Any, head: Label) -> tuple[Vector, float]:
    """Return weights and bias of `head`, such that their sums are log odds."""
    targets = targets_of(split.rows, head)
    known = ~np.isnan(targets)
    fitted = np.flatnonzero(known & split.is_fitted)
    importance = np.array([row.weight for row in split.rows])
    weights, bias = fit_head(values[fitted], targets[fitted], importance[fitted])
    calibrating = np.flatnonzero(known & split.is_calibrating)
    sums = values[calibrating] @ weights + bias
    factor, offset = calibrate(sums, targets[calibrating], importance[calibrating], prevalence=PREVALENCE[head])
    return weights * factor, bias * factor + offset


def _measure_held_out(model: LinearModel, split: _Split) -> Iterator[HeldOut]:
    held_out = np.flatnonzero(split.is_held_out).tolist()
    scores = score_all(model, [split.texts[index] for index in held_out])
    sources = np.array([split.rows[index].source for index in held_out])
    for place, head in enumerate(HEADS):
        targets = targets_of([split.rows[index] for index in held_out], head)
        for source in ("", *sorted(set(sources))):
            chosen = ~np.isnan(targets) & ((sources == source) | (not source))
            truths, chosen_scores = targets[chosen] >= 0.5, scores[chosen, place]  # noqa: PLR2004 -- most annotators
            if min(truths.sum(), (~truths).sum()) >= LEAST_ROWS:
                auc = measure(area_under_curve, truths, chosen_scores)
                yield HeldOut(str(head), source, auc, measure(average_precision, truths, chosen_scores))


def score_all(model: LinearModel, texts: Sequence[str]) -> Any:
    """Return the scores of cleaned `texts` by text and head."""
    return np.concatenate([model.score(texts[at : at + _BATCH]).scores for at in range(0, len(texts), _BATCH)])

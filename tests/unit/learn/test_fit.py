import numpy as np
import pytest

from evenhand.core.taxonomy import Label
from evenhand.detectors.linear import LinearModel
from evenhand.learn.corpora import HEADS, Row
from evenhand.learn.fit import build_matrix, calibrate, fit_head, part_of, quantise, targets_of

RUDE = ("you silly fool", "what a fool", "fool of a man", "old fool", "a fool again")
KIND = ("you kind soul", "what a day", "soul of a man", "old friend", "a day again")
TEXTS = (*RUDE, *KIND) * 20
TRUTHS = np.array([text in RUDE for text in TEXTS], float)


@pytest.fixture(scope="module")
def matrix():
    return build_matrix(TEXTS, fitted=np.ones(len(TEXTS), bool))


@pytest.fixture(scope="module")
def fitted(matrix):
    return fit_head(matrix.values[:, matrix.kept], TRUTHS, np.ones(len(TEXTS)))


def test_equal_texts_fall_into_one_part_and_the_parts_are_of_like_size():
    parts = np.array([part_of(f"text {number}", seed=1) for number in range(5000)])
    assert part_of("text 7", seed=1) == parts[7]
    assert parts.min() >= 0
    assert parts.max() <= 99
    assert 350 < (parts < 10).sum() < 650
    assert (parts != [part_of(f"text {number}", seed=2) for number in range(5000)]).any()


def test_the_matrix_has_a_row_for_each_text_and_rare_n_grams_count_more(matrix):
    assert matrix.values.shape[0] == len(TEXTS)
    alone = build_matrix((*TEXTS, "rarity"), fitted=np.ones(len(TEXTS) + 1, bool))
    rare, common = alone.values[len(TEXTS)].indices, alone.values[0].indices
    assert np.median(alone.rarity[rare]) > np.median(alone.rarity[common])


def test_texts_that_are_not_fitted_do_not_change_what_counts():
    fitted = np.array([True] * len(TEXTS) + [False])
    other = build_matrix((*TEXTS, "something else"), fitted=fitted)
    same = build_matrix(TEXTS, fitted=np.ones(len(TEXTS), bool))
    assert np.array_equal(other.rarity, same.rarity)
    assert np.array_equal(other.kept, same.kept)


def test_unknown_targets_are_not_zero():
    rows = [Row("a", "s", {HEADS[0]: 0.25}), Row("b", "s", {})]
    assert targets_of(rows, HEADS[0])[0] == 0.25
    assert np.isnan(targets_of(rows, HEADS[0])[1])


def test_a_fit_tells_the_sides_apart(matrix, fitted):
    weights, bias = fitted
    sums = matrix.values[:, matrix.kept] @ weights + bias
    assert sums[TRUTHS == 1].min() > sums[TRUTHS == 0].max()


def test_a_row_without_importance_teaches_nothing(matrix):
    values, importance = matrix.values[:, matrix.kept], np.ones(len(TEXTS))
    importance[0] = 0.0
    flipped = TRUTHS.copy()
    flipped[0] = 1 - flipped[0]
    first, _ = fit_head(values, TRUTHS, importance)
    second, _ = fit_head(values, flipped, importance)
    assert first == pytest.approx(second)


@pytest.mark.parametrize("prevalence", [0.1, 0.5])
def test_calibrated_scores_read_as_probabilities_at_the_stated_prevalence(prevalence):
    generator = np.random.default_rng(3)
    truths = (generator.random(40_000) < 0.3).astype(float)
    sums = 5 * (generator.normal(size=40_000) + 2 * truths) + 11
    factor, offset = calibrate(sums, truths, np.ones(40_000), prevalence=prevalence)
    scores = 1 / (1 + np.exp(-(factor * sums + offset)))
    weights = np.where(truths == 1, prevalence / truths.mean(), (1 - prevalence) / (1 - truths.mean()))
    for low, high in ((0.1, 0.3), (0.4, 0.6), (0.7, 0.9)):
        inside = (scores > low) & (scores < high)
        observed = np.average(truths[inside], weights=weights[inside])
        assert observed == pytest.approx(np.average(scores[inside], weights=weights[inside]), abs=0.05)


def test_calibration_never_turns_the_order_round():
    factor, _ = calibrate(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0]), np.ones(3), prevalence=0.5)
    assert factor > 0


def test_small_integers_keep_the_scores(matrix, fitted, tmp_path):
    weights, bias = fitted
    model = quantise(np.tile(weights[:, None], (1, len(HEADS))), np.full(len(HEADS), bias), matrix)
    model.save(tmp_path / "model.npz")
    scores = LinearModel.load(tmp_path / "model.npz").score(TEXTS[:10]).scores
    sums = matrix.values[:10, matrix.kept] @ weights + bias
    assert scores[:, 0] == pytest.approx(1 / (1 + np.exp(-sums)), abs=0.02)
    assert model.heads == tuple(str(head) for head in HEADS)
    assert Label.ATTRIBUTE_TOXICITY in model.heads

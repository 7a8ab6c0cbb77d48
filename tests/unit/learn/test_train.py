import itertools
import json

import msgspec
import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.encoder import DESCRIPTION, Encoder
from evenhand.learn import train as training
from evenhand.learn.compose import SOURCE
from evenhand.learn.corpora import HEADS, Row
from evenhand.learn.lessons import Prepared
from evenhand.learn.recipe import read_recipe

RECIPE = read_recipe()
SAID = []


@pytest.fixture(scope="module")
def trained(data_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    recipe = msgspec.structs.replace(
        RECIPE, training=msgspec.structs.replace(RECIPE.training, epochs=0.25), without=("convabuse",)
    )
    with pytest.MonkeyPatch.context() as patch:
        # How well it learns is not asked here: a few steps of a network of two layers go the whole way too.
        for module in ("network", "export"):
            patch.setattr(f"evenhand.learn.{module}.LAYERS", 2)
        patch.setattr("evenhand.learn.measures.RESAMPLES", 20)
        compose = training.compose_rows
        patch.setattr(training, "compose_rows", lambda *args, **kwargs: itertools.islice(compose(*args, **kwargs), 300))
        result = training.train(
            data_folder, recipe, folder=folder / "model", checkpoints=folder / "checkpoints", say=SAID.append
        )
    return folder / "model", result


def test_a_model_is_written_that_can_be_loaded(trained):
    folder, result = trained
    assert Encoder.load(folder).heads == tuple(HEADS)
    assert json.loads((folder / DESCRIPTION).read_bytes())["sha256"] == result.description.sha256
    assert all(factor > 0 for factor in result.description.factors)


def test_a_source_that_is_left_out_is_measured(trained):
    _, result = trained
    (found,) = [row for row in result.held_out if row.source == "convabuse"]
    assert found.auc.rows == 60
    assert result.rows["convabuse"] == 60


def test_nothing_of_a_dev_set_is_trained_on(data_folder, monkeypatch):
    own = [Row("What is TEA w1?", "own", {}), Row("What is coffee w1?", "own", {})]
    monkeypatch.setattr(training, "compose_rows", lambda *_, **__: iter(own))
    rows = training.rows_of(data_folder, RECIPE)
    assert own[1] in rows
    assert own[0] not in rows


def test_progress_is_told(trained):
    assert "rows:" in SAID[0]
    assert SAID[-1] == "calibrated"


def test_the_weights_to_start_from_are_named_when_they_are_missing(monkeypatch):
    monkeypatch.setattr(training, "PRETRAINED", "no_such_package")
    with pytest.raises(ConfigurationError) as raised:
        training.pretrained_folder()
    assert raised.value.code == "model.missing"
    assert "evenhand[train]" in raised.value.remedy


def test_what_measures_is_of_the_data_sets_first(monkeypatch):
    monkeypatch.setattr(training, "MOST_ROWS", 5)
    found = [
        Prepared(Row(f"{source} {n}", source, {}), None, 99)
        for source in (f"{SOURCE}: a: b", "a forum")
        for n in range(4)
    ]
    assert sorted(row.row.source for row in training.sample_of(found, RECIPE)) == ["a forum"] * 4 + [f"{SOURCE}: a: b"]
    assert {row.row.source for row in training.sample_of(found * 2, RECIPE)} == {"a forum"}
    assert len(training.sample_of(found[:3], RECIPE)) == 3


@pytest.mark.parametrize("rows", [40, 400])
def test_rows_told_apart_without_a_mistake_are_not_taken_for_certainty(rows):
    sums = np.repeat([-3.0, 3.0], rows)
    factor, offset = training.fit_line(sums, targets=(sums > 0).astype(float), weights=np.ones(2 * rows))
    score = 1 / (1 + np.exp(-(3.0 * factor + offset)))
    assert score == pytest.approx((rows + 1) / (rows + 2), abs=1e-3)

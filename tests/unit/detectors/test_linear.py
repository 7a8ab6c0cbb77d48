import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.linear import LinearModel, contributions
from evenhand.detectors.ngrams import BUCKET_BITS

SIZE = 1 << BUCKET_BITS
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


def make_model(**changes):
    chooser = np.random.default_rng(7)
    parts = {
        "heads": ("first", "second"),
        "rarity": chooser.integers(16, 200, SIZE, np.uint8),
        "weights": chooser.integers(-127, 128, (SIZE, 2), np.int8),
        "scales": np.array([1e-4, 3e-4]),
        "biases": np.array([-0.5, 0.25]),
    }
    return LinearModel(**parts | changes)


MODEL = make_model()


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_text_scores_exactly_the_same_alone_and_in_a_batch(texts):
    together = MODEL.score(texts).scores
    for place, text in enumerate(texts):
        assert np.array_equal(MODEL.score([text]).scores[0], together[place])


def test_a_text_without_words_scores_what_the_bias_says():
    assert MODEL.score(["..."]).scores[0] == pytest.approx(1 / (1 + np.exp([0.5, -0.25])))


@given(TEXTS, st.sampled_from([0, 1]))
def test_what_the_characters_add_is_the_whole_sum(text, head):
    scored = MODEL.score(["before", text])
    (added,) = contributions(scored, text=1, length=len(text), heads=[head])
    score = scored.scores[1, head]
    assert added.shape == (len(text),)
    assert added.sum() == pytest.approx(np.log(score / (1 - score)) - MODEL.biases[head], abs=1e-9)


def test_a_model_comes_back_as_it_was_saved(tmp_path):
    MODEL.save(tmp_path / "model.npz")
    loaded = LinearModel.load(tmp_path / "model.npz")
    assert loaded.heads == MODEL.heads
    assert np.array_equal(loaded.score(["some text"]).scores, MODEL.score(["some text"]).scores)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    MODEL.save(tmp_path / "one.npz")
    make_model().save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_the_digest_tells_models_apart(tmp_path):
    MODEL.save(tmp_path / "one.npz")
    make_model(biases=np.zeros(2)).save(tmp_path / "two.npz")
    assert LinearModel.load(tmp_path / "one.npz").digest != LinearModel.load(tmp_path / "two.npz").digest


def code_of(path):
    with pytest.raises(ConfigurationError) as raised:
        LinearModel.load(path)
    return raised.value.code


def test_no_file_is_a_named_error(tmp_path):
    assert code_of(tmp_path / "none.npz") == "model.missing"


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 cut off"])
def test_a_file_of_something_else_is_a_named_error(tmp_path, content):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    assert code_of(path) == "model.damaged"


def test_a_file_that_needs_pickle_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, version=np.array([print], dtype=object), heads=np.array(["a"]))
    assert code_of(path) == "model.damaged"


def test_a_model_with_a_missing_part_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, version=np.array(1), heads=np.array(["a"]))
    assert code_of(path) == "model.damaged"


def test_a_model_without_a_needed_head_is_refused(tmp_path):
    MODEL.save(tmp_path / "model.npz")
    with pytest.raises(ConfigurationError, match="has no third") as raised:
        LinearModel.load(tmp_path / "model.npz", needs=("first", "third"))
    assert raised.value.code == "model.outdated"


def test_a_model_for_other_features_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    make_model(weights=np.zeros((16, 2), np.int8)).save(path)
    assert code_of(path) == "model.outdated"

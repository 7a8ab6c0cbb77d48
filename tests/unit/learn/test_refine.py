import copy

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.learn.compose import PATTERNS  # noqa: E402
from evenhand.learn.corpora import HEADS, TOXICITY, Row  # noqa: E402
from evenhand.learn.finetune import CHECKPOINT  # noqa: E402
from evenhand.learn.lessons import Lesson, Prepared  # noqa: E402
from evenhand.learn.network import pretrained  # noqa: E402
from evenhand.learn.recipe import Refinement, read_recipe  # noqa: E402
from evenhand.learn.refine import COMMENTS, ON_GROUPS, SENTENCES, beside_first_model, refine, rows_by_kind  # noqa: E402
from evenhand.learn.train import pretrained_folder  # noqa: E402

RECIPE = read_recipe()


def rows(source, count, *, target=1.0, swapped=()):
    ids = np.array([101, 2204, 102], np.int32)
    return [
        Prepared(
            Row(f"{source} {number}", source, {}),
            Lesson((ids, ids), np.array([target], np.float32), np.array([1.0], np.float32), swapped),
            0,
        )
        for number in range(count)
    ]


ROWS = [
    *rows("evenhand sentences: threats: plain", 6),
    *rows("evenhand sentences: greetings: short", 8, target=0.0),
    *rows("a forum", 10, target=0.5),
]


def test_the_own_recipe_names_topics_that_there_are():
    assert set(RECIPE.refinement.topics) <= {path.stem for path in PATTERNS.glob("*.toml")}


def chosen(refinement, found=ROWS, *, seed=1):
    """Return how many rows of each kind are chosen."""
    return {kind: len(some) for kind, some in rows_by_kind(found, refinement, seed=seed).items()}


def test_topics_are_told_from_everything_else_and_no_more_is_taken_than_asked():
    refinement = Refinement(topics={"threats": 4}, sentences=3, comments=2)
    assert chosen(refinement) == {"threats": 4, SENTENCES: 3, COMMENTS: 2, ON_GROUPS: 0}
    found = rows_by_kind(ROWS, refinement, seed=1)
    assert {float(row.lesson.targets[0]) for row in found["threats"]} == {1.0}
    assert {float(row.lesson.targets[0]) for row in found[SENTENCES]} == {0.0}
    assert {row.row.source for row in found[COMMENTS]} == {"a forum"}


def test_all_there_is_is_taken_for_0_and_where_more_is_asked():
    assert chosen(Refinement(topics={"threats": 0}, comments=99)) == {
        "threats": 6,
        SENTENCES: 8,
        COMMENTS: 10,
        ON_GROUPS: 0,
    }


def test_comments_that_name_a_group_are_counted_apart():
    found = [*ROWS, *rows("a forum", 5, swapped=(np.array([101, 102], np.int32),))]
    refinement = Refinement(topics={"threats": 1}, comments=2)
    assert chosen(refinement, found)[ON_GROUPS] == 5
    refinement = msgspec.structs.replace(refinement, comments_on_groups=3)
    assert chosen(refinement, found)[ON_GROUPS] == 3
    assert all(row.lesson.swapped for row in rows_by_kind(found, refinement, seed=1)[ON_GROUPS])


def test_one_seed_chooses_the_same_rows():
    def numbers(seed):
        return [id(row) for row in rows_by_kind(ROWS, Refinement(topics={"greetings": 3}), seed=seed)["greetings"]]

    assert numbers(1) == numbers(1)
    assert len({tuple(numbers(seed)) for seed in range(5)}) > 1


def test_the_first_model_moves_which_comment_comes_before_which_and_for_toxicity_alone():
    texts = ["You are a stupid idiot and everybody hates you.", "The bridge opens at nine in the morning."]
    said = np.full((2, len(HEADS)), 0.5, np.float32)
    said[:, HEADS.index(TOXICITY)] = 0.3, 0.4
    moved = beside_first_model(said, texts, 2.0)
    at = HEADS.index(TOXICITY)
    assert moved[0, at] > moved[1, at], "the first model knows the insult"
    others = np.arange(len(HEADS)) != at
    assert np.array_equal(moved[:, others], said[:, others])

    def log_odds(values):
        return np.log(values / (1 - values))

    assert log_odds(moved[:, at]).mean() == pytest.approx(log_odds(said[:, at]).mean(), abs=1e-4)
    assert log_odds(moved[:, at]).std() == pytest.approx(log_odds(said[:, at]).std(), abs=1e-4)


def test_without_weight_the_first_model_changes_nothing_and_equal_answers_stay_equal():
    said = np.full((3, len(HEADS)), 0.2, np.float32)
    assert np.allclose(beside_first_model(said, ["a", "b", "c"], 0.0), said)
    assert beside_first_model(said[:0], [], 1.0).shape == (0, len(HEADS))


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr("evenhand.learn.network.LAYERS", 1)
    torch.manual_seed(1)
    return pretrained(pretrained_folder() / "model.safetensors", heads=1)


def refined(network, folder, **options):
    """Refine `network` and return what was said."""
    refinement = Refinement(topics={"threats": 0}, rate=1e-4, head_rate=1e-2, share=0.1, **options)
    training = msgspec.structs.replace(RECIPE.training, threads=1)
    recipe = msgspec.structs.replace(RECIPE, refinement=refinement, training=training)
    said = []
    refine(network, ROWS, recipe, folder=folder, say=said.append)
    return said


def test_the_network_moves_towards_the_labels_of_a_topic(tmp_path, network):
    before = network.head.bias.detach().clone()
    said = refined(network, tmp_path / "refinement")
    assert network.head.bias > before
    assert said[0] == "a last pass"
    assert "rate=0.0001" in said[1], "at its own learning rate"
    assert (tmp_path / "refinement" / CHECKPOINT).exists()


def test_weights_before_and_after_are_averaged(tmp_path, network):
    before = copy.deepcopy(network.state_dict())
    other = copy.deepcopy(network)
    refined(network, tmp_path / "after")
    refined(other, tmp_path / "mean", before=0.25)
    after, mean = network.state_dict(), other.state_dict()
    assert not torch.equal(after["head.weight"], before["head.weight"])
    for name, values in mean.items():
        assert torch.allclose(values, 0.25 * before[name] + 0.75 * after[name], atol=1e-6), name


def test_without_topics_there_is_no_last_pass(tmp_path):
    said = []
    recipe = msgspec.structs.replace(RECIPE, refinement=Refinement())
    refine(None, ROWS, recipe, folder=tmp_path, say=said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []

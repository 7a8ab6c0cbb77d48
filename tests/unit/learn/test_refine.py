import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.learn.compose import PATTERNS  # noqa: E402
from evenhand.learn.corpora import Row  # noqa: E402
from evenhand.learn.finetune import CHECKPOINT  # noqa: E402
from evenhand.learn.lessons import Lesson, Prepared  # noqa: E402
from evenhand.learn.network import pretrained  # noqa: E402
from evenhand.learn.recipe import Refinement, read_recipe  # noqa: E402
from evenhand.learn.refine import chosen_lessons, refine  # noqa: E402
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


def test_topics_are_told_from_everything_else_and_no_more_is_taken_than_asked():
    refinement = Refinement(topics={"threats": 4}, sentences=3, comments=2)
    chosen, others = chosen_lessons(ROWS, refinement, seed=1)
    assert [float(lesson.targets[0]) for lesson in chosen] == [1.0] * 4
    assert [float(lesson.targets[0]) for lesson in others] == [0.0] * 3 + [0.5] * 2


def test_all_of_a_topic_is_taken_for_0_and_all_there_is_where_more_is_asked():
    chosen, others = chosen_lessons(ROWS, Refinement(topics={"threats": 0}, comments=99), seed=1)
    assert len(chosen) == 6
    assert len(others) == 10


def test_comments_that_name_a_group_are_counted_apart():
    named = rows("a forum", 5, swapped=(np.array([101, 102], np.int32),))
    refinement = Refinement(topics={"threats": 1}, sentences=1, comments=2)
    _, others = chosen_lessons([*ROWS, *named], refinement, seed=1)
    assert [len(lesson.swapped) for lesson in others] == [0, 0, 0, 1, 1, 1, 1, 1]
    _, others = chosen_lessons([*ROWS, *named], msgspec.structs.replace(refinement, comments_on_groups=3), seed=1)
    assert sum(len(lesson.swapped) for lesson in others) == 3


def test_one_seed_chooses_the_same_rows():
    def chosen(seed):
        found, _ = chosen_lessons(ROWS, Refinement(topics={"greetings": 3}), seed=seed)
        return [id(lesson) for lesson in found]

    assert chosen(1) == chosen(1)
    assert len({tuple(chosen(seed)) for seed in range(5)}) > 1


def test_the_network_moves_towards_the_labels_of_a_topic(tmp_path, monkeypatch):
    monkeypatch.setattr("evenhand.learn.network.LAYERS", 1)
    torch.manual_seed(1)
    network = pretrained(pretrained_folder() / "model.safetensors", heads=1)
    before = network.head.bias.detach().clone()
    refinement = Refinement(topics={"threats": 0}, rate=1e-4, head_rate=1e-2, share=0.1)
    recipe = msgspec.structs.replace(
        RECIPE, refinement=refinement, training=msgspec.structs.replace(RECIPE.training, threads=1)
    )
    said = []
    refine(network, ROWS, recipe, folder=tmp_path / "refinement", say=said.append)
    assert network.head.bias > before
    assert said[0] == "a last pass"
    assert "rate=0.0001" in said[1], "at its own learning rate"
    assert (tmp_path / "refinement" / CHECKPOINT).exists()


def test_without_topics_there_is_no_last_pass(tmp_path):
    said = []
    recipe = msgspec.structs.replace(RECIPE, refinement=Refinement())
    refine(None, ROWS, recipe, folder=tmp_path, say=said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []

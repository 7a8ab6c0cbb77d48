import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.learn.distil import answers, finetune_distilled, teach  # noqa: E402
from evenhand.learn.finetune import CHECKPOINT  # noqa: E402
from evenhand.learn.lessons import Lesson  # noqa: E402
from evenhand.learn.network import pretrained  # noqa: E402
from evenhand.learn.recipe import Distillation, read_recipe  # noqa: E402
from evenhand.learn.train import pretrained_folder  # noqa: E402

RECIPE = read_recipe()
SHORT = msgspec.structs.replace(RECIPE, training=msgspec.structs.replace(RECIPE.training, epochs=1.0, threads=1))


def lesson(*, targets, weights, length=4):
    ids = np.array([101, *[2204] * length, 102], np.int32)
    return Lesson((ids, ids), np.array(targets, np.float32), np.array(weights, np.float32))


LESSONS = [
    lesson(targets=[1.0, 0.0], weights=[1.0, 0.0]),
    lesson(targets=[0.0, 0.0], weights=[1.5, 0.3], length=9),
    lesson(targets=[1.0, 1.0], weights=[0.5, 0.5], length=2),
]


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    # What is asked here one of the six layers shows too.
    monkeypatch.setattr("evenhand.learn.network.LAYERS", 1)


def start():
    torch.manual_seed(1)
    return pretrained(pretrained_folder() / "model.safetensors", heads=2)


def test_what_teachers_say_is_weighed_against_labels_and_fills_what_is_unknown():
    said = np.array([[0.6, 0.9], [0.2, 0.1], [0.0, 1.0]], np.float32)
    one, two, three = teach(LESSONS, said, Distillation(teachers=2, share=0.5, unknown=0.4))
    assert one.targets == pytest.approx([0.8, 0.9])
    assert one.weights == pytest.approx([1.0, 0.4])
    assert two.targets == pytest.approx([0.1, 0.05])
    assert two.weights == pytest.approx([1.5, 0.3]), "what is assumed keeps its own weight"
    assert three.targets == pytest.approx([0.5, 1.0])
    assert one.versions is LESSONS[0].versions


def test_answers_stand_in_the_order_of_the_lessons_whatever_their_length():
    network = start()
    together = answers(network, LESSONS)
    assert together.shape == (3, 2)
    for place, alone in enumerate(LESSONS):
        assert answers(network, [alone])[0] == pytest.approx(together[place], abs=1e-5)
    assert len({round(float(value), 6) for value in together[:, 0]}) == len(LESSONS)


def test_each_teacher_has_checkpoints_and_chance_of_its_own(tmp_path):
    said = []
    recipe = msgspec.structs.replace(SHORT, distillation=Distillation(teachers=2, share=0.5, unknown=0.4))
    network = finetune_distilled(start, LESSONS * 8, recipe, folder=tmp_path, say=said.append)
    assert [line for line in said if line.startswith("teacher")] == ["teacher 1 of 2", "teacher 2 of 2"]
    first, second = (
        torch.load(tmp_path / f"teacher-{number}" / CHECKPOINT, weights_only=True)["averaged"] for number in (1, 2)
    )
    assert not torch.equal(first["module.head.weight"], second["module.head.weight"])
    assert (tmp_path / CHECKPOINT).exists()
    assert not network.training


def test_without_teachers_the_labels_alone_are_learned_from(tmp_path):
    said = []
    recipe = msgspec.structs.replace(SHORT, distillation=Distillation())
    finetune_distilled(start, LESSONS * 4, recipe, folder=tmp_path, say=said.append)
    assert not any(line.startswith("teacher") for line in said)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKPOINT]

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.learn.finetune import BATCH_PIECES, BATCH_TEXTS, CHECKPOINT, _batches, finetune, padded  # noqa: E402
from evenhand.learn.lessons import Lesson  # noqa: E402
from evenhand.learn.network import pretrained  # noqa: E402
from evenhand.learn.recipe import read_recipe  # noqa: E402
from evenhand.learn.train import pretrained_folder  # noqa: E402

RECIPE = read_recipe()
SHORT = msgspec.structs.replace(RECIPE, training=msgspec.structs.replace(RECIPE.training, epochs=1.0, threads=1))
GOOD, BAD = 2204, 2919


def lesson(word, target, length=4):
    ids = np.array([101, *[word] * length, 102], np.int32)
    return Lesson((ids, ids), np.array([target, 1.0], np.float32), np.array([1.0, 0.0], np.float32))


LESSONS = [
    lesson(BAD, 1.0, 2 + number % 7) if number % 2 else lesson(GOOD, 0.0, 2 + number % 7) for number in range(512)
]


@pytest.fixture
def network(monkeypatch):
    # What is asked here two of the six layers learn too, in a third of the time.
    monkeypatch.setattr("evenhand.learn.network.LAYERS", 2)
    torch.manual_seed(1)
    return pretrained(pretrained_folder() / "model.safetensors", heads=2)


def sums(network, *lessons):
    with torch.no_grad():
        return network.sums(*padded([lesson.versions[0] for lesson in lessons])).numpy()


def test_it_learns_what_is_known_and_nothing_of_what_is_not(network, monkeypatch, tmp_path):
    # It takes a number of steps to learn; small ones do.
    monkeypatch.setattr("evenhand.learn.finetune.BATCH_TEXTS", 8)
    before = sums(network.eval(), LESSONS[0])[0, 1]
    recipe = msgspec.structs.replace(SHORT, training=msgspec.structs.replace(SHORT.training, epochs=5.0))
    finetune(network, LESSONS[:64], recipe, folder=tmp_path, say=lambda _: None)
    good, bad = sums(network, lesson(GOOD, 0.0), lesson(BAD, 1.0))
    assert bad[0] > 0 > good[0]
    assert good[1] - before < 3, "a head without targets is not pushed towards the 1.0 that stands there"


def test_a_training_goes_on_from_its_checkpoint_and_not_from_another(network, tmp_path):
    said = []
    finetune(network, LESSONS[:64], SHORT, folder=tmp_path, say=said.append)
    saved = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    finetune(network, LESSONS[:64], SHORT, folder=tmp_path, say=said.append)
    assert said[-1].endswith(f"from batch {saved['next']}")
    finetune(network, LESSONS[:65], SHORT, folder=tmp_path, say=said.append)
    assert said[-1].endswith("from batch 0")


def test_the_average_of_the_weights_is_kept_and_counted_from_where_the_recipe_says(network, tmp_path):
    late = msgspec.structs.replace(SHORT, training=msgspec.structs.replace(SHORT.training, average_from=0.5))
    finetune(network, LESSONS[:64] * 4, late, folder=tmp_path, say=lambda _: None)
    saved = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    counted = int(saved["averaged"]["n_averaged"])
    assert counted == saved["next"] - saved["next"] // 2
    own, last, averaged = (
        states["head.weight"] if "head.weight" in states else states["module.head.weight"]
        for states in (network.state_dict(), saved["network"], saved["averaged"])
    )
    assert torch.equal(own, averaged)
    assert not torch.equal(own, last)


def test_each_lesson_is_in_one_batch_of_an_epoch_and_batches_are_bounded():
    batches = _batches(LESSONS, SHORT)
    assert sum(map(len, batches)) == len(LESSONS)
    for batch in batches:
        assert len(batch) <= BATCH_TEXTS
        assert len(batch) * max(len(ids) for ids, _ in batch) <= BATCH_PIECES


def test_a_part_of_an_epoch_is_a_part_of_its_batches():
    half = msgspec.structs.replace(SHORT, training=msgspec.structs.replace(SHORT.training, epochs=1.5))
    one, more = _batches(LESSONS * 8, SHORT), _batches(LESSONS * 8, half)
    assert len(more) == pytest.approx(1.5 * len(one), abs=2)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_recipe_says_how_often_a_comment_is_told_of_another_group(share):
    own, other = lesson(BAD, 1.0), np.array([101, GOOD, 102], np.int32)
    lessons = [Lesson(own.versions, own.targets, own.weights, (other,))] * 400
    recipe = msgspec.structs.replace(SHORT, training=msgspec.structs.replace(SHORT.training, swapped=share))
    pieces = [int(ids[1]) for batch in _batches(lessons, recipe) for ids, _ in batch]
    assert len(pieces) == 400
    assert pieces.count(GOOD) / 400 == pytest.approx(share, abs=0.08)

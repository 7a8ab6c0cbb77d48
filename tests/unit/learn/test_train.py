import pytest

from evenhand.learn.corpora import HEADS
from evenhand.learn.train import score_all, train

SAID = []


@pytest.fixture(scope="module")
def trained(data_folder):
    return train(data_folder, seed=5, say=SAID.append)


@pytest.mark.timeout(300)
def test_a_model_is_trained_and_measured_on_rows_that_it_has_not_seen(trained):
    rude, kind = score_all(trained.model, ["what a pathetic idiot you are", "thank you for the lovely cake"])[:, 0]
    assert rude > 0.5 > kind
    assert {held_out.head for held_out in trained.held_out} <= set(HEADS)
    seen = sum(count for source, count in trained.rows.items() if source.startswith("evenhand"))
    assert all(held_out.auc.rows < sum(trained.rows.values()) - seen for held_out in trained.held_out)


def test_every_source_is_counted(trained):
    assert trained.rows["jigsaw_6label_subset"] == 90
    assert trained.rows["evenhand sentences: insults"] > 0


def test_progress_is_told(trained):
    assert SAID[0].endswith("held out")
    assert SAID[-1] == f"{HEADS[-1]} fitted"

import itertools
import shutil

import numpy as np
import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.encoder import DESCRIPTION, NETWORK, OVERLAP, VOCABULARY, WINDOW, Encoder, _windows
from evenhand.detectors.text.toxicity import MODEL

ENCODER = Encoder.load(MODEL)
LONG = " ".join(f"word number {number} of a long and friendly letter" for number in range(60))


@pytest.fixture
def model(tmp_path):
    return shutil.copytree(MODEL, tmp_path / "model")


def test_scores_are_probabilities_and_the_same_each_time():
    reading = ENCODER.read("you are an idiot")
    assert len(reading.scores) == len(ENCODER.heads)
    assert all(0 <= score <= 1 for score in reading.scores)
    assert ENCODER.read("you are an idiot").scores == reading.scores


def test_the_shares_of_the_pieces_add_up_to_one_for_each_head():
    reading = ENCODER.read("you are an idiot and a liar")
    for shares in reading.shares:
        assert shares.sum() == pytest.approx(1, abs=1e-5)
        assert len(shares) == len(reading.pieces.ids)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_text_without_pieces_scores_nothing(text):
    reading = ENCODER.read(text)
    assert set(reading.scores) == {0.0}
    assert reading.starts == reading.shares == []


@pytest.mark.parametrize("length", [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 3 * WINDOW - 2 * OVERLAP, 5_000])
def test_windows_cover_every_piece_and_share_some_with_their_neighbours(length):
    starts = list(_windows(length))
    covered = np.zeros(length, int)
    for start in starts:
        assert start < length
        covered[start : start + WINDOW] += 1
    assert covered.all()
    assert all(after - before == WINDOW - OVERLAP for before, after in itertools.pairwise(starts))


def test_the_strongest_window_of_a_long_text_counts():
    head = ENCODER.heads.index("INSULT")
    calm, rude = ENCODER.read(LONG), ENCODER.read(f"{LONG} you are a pathetic idiot {LONG}")
    assert rude.scores[head] > 0.5 > calm.scores[head]
    start = rude.starts[head]
    assert rude.pieces.begins[start] <= rude_at(LONG) < rude.pieces.ends[start + len(rude.shares[head]) - 1]


def test_what_repeats_itself_is_read_once_and_scores_the_same(monkeypatch):
    emoji, read = "\U0001f600" * 10_000, []
    expected = [ENCODER.parts(ENCODER.cutter.pieces(emoji).ids[start : start + WINDOW]) for start in (0, 70, 140)]
    parts = ENCODER.parts
    monkeypatch.setattr(ENCODER, "parts", lambda ids: read.append(ids) or parts(ids))
    reading = ENCODER.read(emoji)
    assert len(read) < 10 < len(list(_windows(len(reading.pieces.ids))))
    sums = [np.log(np.exp(part).sum(axis=0)) for part in expected]
    assert (reading.sums >= np.max(sums, axis=0) - 1e-5).all()


def rude_at(before):
    return len(before) + len(" you are a pathetic ")


@pytest.mark.parametrize("name", [NETWORK, DESCRIPTION, VOCABULARY])
def test_a_missing_file_is_named_with_the_remedy(model, name):
    (model / name).unlink()
    with pytest.raises(ConfigurationError) as raised:
        Encoder.load(model)
    assert raised.value.code == "model.missing"
    assert str(model / name) in str(raised.value)
    assert "train-text" in raised.value.remedy or "Reinstall" in raised.value.remedy


@pytest.mark.parametrize(
    ("name", "content"), [(NETWORK, b"not a network"), (DESCRIPTION, b"{}"), (DESCRIPTION, b"\xff")]
)
def test_a_damaged_file_is_refused(model, name, content):
    (model / name).write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        Encoder.load(model)
    assert raised.value.code == "model.damaged"


def test_a_model_without_a_head_that_is_needed_is_refused(model):
    with pytest.raises(ConfigurationError) as raised:
        Encoder.load(model, needs=["INSULT", "flattery"])
    assert raised.value.code == "model.outdated"
    assert "flattery" in str(raised.value)

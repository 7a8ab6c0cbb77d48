import pytest

from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.learn.baselines.first_model import HEADS_OF, FirstModel

MODEL = FirstModel()


def scores_of(*texts):
    return [
        {signal.label: signal.score for signal in signals} for signals in MODEL.detect([Text(text) for text in texts])
    ]


def test_it_scores_as_it_did_when_it_was_shipped():
    rude, kind = scores_of("you are a pathetic idiot", "hello there, lovely day")
    assert rude[Label.ATTRIBUTE_TOXICITY] == pytest.approx(0.99944201, abs=1e-8)
    assert rude[Label.ATTRIBUTE_INSULT] == pytest.approx(0.99872112, abs=1e-8)
    assert max(kind.values()) < 0.2


def test_every_label_gets_a_score_alone_and_in_a_batch():
    texts = ["you fool", "", "...", "what a day " * 200] * 30
    together = scores_of(*texts)
    assert all(scores.keys() == HEADS_OF.keys() for scores in together)
    assert together[:4] == [scores_of(text)[0] for text in texts[:4]]

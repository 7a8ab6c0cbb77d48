import numpy as np
import pytest

from evenhand.scorers.scored import ANY, Answer, Scored

ANSWERS = [Answer({"hate": 0.2, "spam": 0.7}), Answer({}, "endpoint.rejected"), Answer({"hate": 0.0})]


def test_an_error_is_never_a_score():
    scored = Scored("x", {}, ANSWERS)
    assert scored.scores("hate") == pytest.approx([0.2, np.nan, 0.0], nan_ok=True)
    assert scored.scores(ANY) == pytest.approx([0.7, np.nan, 0.0], nan_ok=True)


def test_a_label_that_was_not_looked_for_has_no_score():
    assert np.isnan(Scored("x", {}, ANSWERS).scores("violence")).all()
    assert Scored("x", {}, ANSWERS).labels == ("hate", "spam")


def test_a_scorer_of_any_harm_has_its_own_score_for_it():
    assert Answer({ANY: 0.3}).score(ANY) == 0.3

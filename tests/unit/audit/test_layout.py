import numpy as np
import pytest

from evenhand.audit.answers import Answer, Sentence, join
from evenhand.audit.layout import Layout, by_template

#: Template, group, action and score; the last one failed.
ROWS = [
    ("a", "x", "allow", 0.1),
    ("a", "y", "block", 0.9),
    ("a", "z", "allow", 0.2),
    ("b", "x", "review", None),
    ("b", "x", "allow", 0.4),
    ("b", "y", "review", 0.6),
    ("c", "z", None, None),
]


@pytest.fixture
def answers():
    sentences = [
        Sentence(str(place), "news", row[0], row[1], "axis", "en", "allow", "") for place, row in enumerate(ROWS)
    ]
    said = [
        Answer(str(place), score, action, "" if action else "endpoint.slow")
        for place, (_, _, action, score) in enumerate(ROWS)
    ]
    return join(sentences, said)


@pytest.fixture
def layout(answers):
    return Layout.of(answers, np.ones(len(answers), dtype=bool))


def test_what_failed_is_not_there_and_groups_keep_their_places(layout):
    assert (layout.templates, layout.groups) == (2, 3)
    assert layout.rows.tolist() == [[1, 1, 1], [2, 1, 0]]


def test_pairs_are_with_other_groups_alone(layout):
    flipped, pairs = layout.flips()
    assert pairs.tolist() == [2, 2, 2, 1, 1, 2]
    # x of b was reviewed like y; the other x was not, and y differs from that one.
    assert flipped.tolist() == [1, 2, 1, 0, 1, 1]


def test_distances_are_to_the_other_groups_and_leave_out_what_has_no_value(layout):
    moved, of = layout.differences(layout.score)
    assert of.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert moved == pytest.approx(np.array([[-0.45, 0.75, -0.3], [-0.2, 0.2, 0]]))


def test_a_template_with_one_group_has_no_others(answers):
    layout = Layout.of(answers, answers.group.codes == 0)
    moved, of = layout.differences(layout.action > 0)
    assert not moved.any()
    assert not of.any()
    assert not layout.flips()[1].any()


def test_columns_by_template(answers):
    every = np.ones(len(answers), dtype=bool)
    counted, of = by_template(answers, every, answers.group, answers.flagged)
    assert counted.tolist() == [[0, 1, 0], [1, 1, 0]]
    assert of.tolist() == [[1, 1, 1], [2, 1, 0]]

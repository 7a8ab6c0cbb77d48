import numpy as np
import pytest

from evenhand.audit.areas import areas
from evenhand.audit.layout import Layout


def kind(templates, groups, seed, *, shift=0.0):
    generator = np.random.default_rng(seed)
    template, group = np.divmod(np.arange(templates * groups), groups)
    # Few distinct scores, so that there are ties.
    score = np.round(np.clip(generator.normal(0.5 + shift, 0.2, len(group)), 0, 1), 1)
    return Layout(template, group, np.zeros(len(group), np.int64), score, templates, groups)


def plain(harmless, harmful):
    """The area by looking at every pair."""
    above = np.sign(harmful[None, :] - harmless[:, None]) / 2 + 0.5
    return above.mean()


@pytest.fixture
def both():
    return kind(12, 4, 1), kind(9, 4, 2, shift=0.25)


@pytest.fixture
def found(both):
    return areas(*both, np.array([0, 2, 3]), seed=1, count=200)


def test_they_are_what_looking_at_every_pair_gives(both, found):
    low, high = both
    for place, group in enumerate((0, 2, 3)):
        own_low, own_high = low.score[low.group == group], high.score[high.group == group]
        assert found.subgroup.value[place] == pytest.approx(plain(own_low, own_high))
        assert found.bpsn.value[place] == pytest.approx(plain(own_low, high.score[high.group != group]))
        assert found.bnsp.value[place] == pytest.approx(plain(low.score[low.group != group], own_high))
    assert found.whole.value[0] == pytest.approx(plain(low.score, high.score))


def test_the_pinned_area_is_that_of_the_group_repeated_beside_everyone(both, found):
    low, high = both
    # Each group is a quarter of all rows: four copies of it weigh as much as everyone.
    distances = 0.0
    for place, group in enumerate((0, 2, 3)):
        pinned = plain(
            np.concatenate([low.score, *[low.score[low.group == group]] * 4]),
            np.concatenate([high.score, *[high.score[high.group == group]] * 4]),
        )
        assert found.pinned.value[place] == pytest.approx(pinned)
        distances += abs(pinned - found.whole.value[0])
    assert found.pinned_gap.value[0] == pytest.approx(distances)


def test_intervals_hold_their_values(found):
    for each in (found.subgroup, found.bpsn, found.bnsp, found.pinned, found.whole):
        assert (each.low < each.value).all()
        assert (each.value < each.high).all()


def test_a_row_without_a_score_counts_nowhere(both):
    low, high = both
    low.score[0] = high.score[0] = np.nan
    found = areas(low, high, np.array([0]), seed=1, count=20)
    assert found.whole.value[0] == pytest.approx(plain(low.score[1:], high.score[1:]))
    assert found.subgroup.value[0] == pytest.approx(plain(low.score[4::4], high.score[4::4]))

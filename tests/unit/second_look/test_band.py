import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy, Rule
from evenhand.second_look.band import Band

BAND = Band(0.35, 0.65)
THRESHOLD = st.floats(0.001, 1.0)


def policy(*thresholds):
    steps = zip((Action.REVIEW, Action.BLOCK), thresholds, strict=False)
    return Policy("test", "", Action.REVIEW, tuple(Rule(Label.HATE, action, score) for action, score in steps))


@pytest.mark.parametrize(
    ("thresholds", "low", "high"),
    [([0.5], 0.35, 0.65), ([0.8], 0.56, 0.86), ([0.3], 0.21, 0.51), ([1.0], 0.7, 1.0), ([0.97, 0.7], 0.49, 0.79)],
)
def test_the_interval_lies_around_the_first_threshold(thresholds, low, high):
    interval = BAND.around(thresholds)
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_the_interval_ends_halfway_to_the_next_threshold():
    assert BAND.around([0.5, 0.6]).high == pytest.approx(0.55)
    assert BAND.around([0.5, 0.5]).high == pytest.approx(0.65)


def test_the_lower_edge_is_uncertain_and_the_upper_is_not():
    interval = Band(0.25, 0.75).around([0.5])
    assert [score in interval for score in (0.2499, 0.25, 0.5, 0.7499, 0.75)] == [False, True, True, True, False]


@given(THRESHOLD, THRESHOLD, st.floats(0, 0.499), st.floats(0.5, 1))
def test_a_reply_never_crosses_more_than_the_first_threshold(one, other, begin, end):
    first, second = sorted((one, other))
    interval = Band(begin, end).around([one, other])
    assert 0 <= interval.low < first <= interval.high <= 1
    assert first == second or interval.high < second or (first + second) / 2 == second


def test_a_band_up_to_the_threshold_never_lowers_what_reached_it():
    assert 0.8 not in Band(0.35, 0.5).around([0.8])


@pytest.mark.parametrize("places", [(0.5, 0.6), (0.1, 0.4), (-0.1, 0.6), (0.4, 1.1), (0.7, 0.2), (float("nan"), 0.6)])
def test_a_band_without_its_threshold_is_refused(places):
    with pytest.raises(ConfigurationError) as caught:
        Band(*places)
    assert caught.value.code == "second_look.band"


@pytest.mark.parametrize(("score", "is_uncertain"), [(0.48, False), (0.5, True), (0.78, True), (0.8, False)])
def test_only_a_score_near_its_threshold_is_uncertain(score, is_uncertain):
    assert (Label.HATE in BAND.uncertain({Label.HATE: score}, policy(0.7, 0.97))) is is_uncertain


def test_what_was_not_scored_or_has_no_threshold_is_not_uncertain():
    assert BAND.uncertain({Label.ATTRIBUTE_TOXICITY: 0.5}, policy(0.5)) == {}


def test_the_default_policy_never_lets_a_reply_block():
    own = load_policy()
    blocks = {rule.label: rule.threshold for rule in own.rules if rule.action is Action.BLOCK}
    for label, block in blocks.items():
        review = min(rule.threshold for rule in own.rules if rule.label == label)
        assert BAND.around([review, block]).high < block

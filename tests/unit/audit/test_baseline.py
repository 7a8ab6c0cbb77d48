import pytest

from evenhand.audit.baseline import Worse, worse_than


def figure(value, low=None, high=None):
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high}


BASELINE = {
    "flip_rate": figure(0.004, 0.002, 0.008),
    "groups": [
        {"name": "a", "false_positive_rate": figure(0.01, 0.0, 0.02)},
        {"name": "b", "false_positive_rate": figure(0.01, 0.0, 0.02), "auc": figure(0.9, 0.88, 0.92)},
    ],
    "score_shift": figure(0.01, -0.01, 0.03),
    "target": "local",
}


def report(**changes):
    return {
        "flip_rate": figure(0.004),
        "groups": [
            {"name": "b", "false_positive_rate": figure(0.02), "auc": figure(changes.pop("auc", 0.9))},
            {"name": "a", "false_positive_rate": figure(changes.pop("rate", 0.0))},
        ],
        "score_shift": figure(0.0),
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"flip_rate": figure(0.008)},
        {"flip_rate": figure(0)},
        {"auc": 0.88},
        {"auc": 0.99},
        {"score_shift": figure(-0.03)},
        {"more": figure(1.0)},
    ],
)
def test_what_stays_within_the_interval_or_gets_better_is_not_worse(changes):
    assert worse_than(BASELINE, report(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "worse"),
    [
        ({"flip_rate": figure(0.0081)}, Worse("flip_rate", 0.004, 0.008, 0.0081)),
        ({"rate": 0.03}, Worse("groups[a].false_positive_rate", 0.01, 0.02, 0.03)),
        ({"auc": 0.87}, Worse("groups[b].auc", 0.9, 0.88, 0.87)),
        ({"score_shift": figure(-0.031)}, Worse("score_shift", 0.01, 0.03, -0.031)),
        ({"score_shift": figure(0.031)}, Worse("score_shift", 0.01, 0.03, 0.031)),
    ],
)
def test_a_planted_change_for_the_worse_is_caught(changes, worse):
    assert worse_than(BASELINE, report(**changes)) == [worse]


@pytest.mark.parametrize("value", [None, "0.0", float("nan"), True])
def test_a_figure_that_is_no_number_is_worse(value):
    (worse,) = worse_than(BASELINE, report(flip_rate={"value": value, "low": 0, "high": 1}))
    assert (worse.name, worse.now) == ("flip_rate", None)
    assert str(worse) == "flip_rate: not measured, where the baseline has 0.004 and allows up to 0.008"


def test_a_figure_that_is_not_there_any_more_is_worse():
    found = worse_than(BASELINE, {"flip_rate": figure(0.02)})
    assert [worse.name for worse in found] == [
        "flip_rate",
        "groups[a].false_positive_rate",
        "groups[b].false_positive_rate",
        "groups[b].auc",
        "score_shift",
    ]
    assert str(found[0]) == "flip_rate: 0.02, where the baseline has 0.004 and allows up to 0.008"


def test_entries_without_a_name_are_told_apart_by_their_place():
    assert worse_than({"rates": [figure(0.1), figure(0.2)]}, {"rates": [figure(0.1), figure(0.3)]}) == [
        Worse("rates[1]", 0.2, 0.2, 0.3)
    ]


@pytest.mark.parametrize(
    "baseline",
    [
        {},
        {"groups": [1, "a"]},
        {"rate": figure(0.5, 0.6, 0.7)},
        {"rate": {"value": None, "low": 0, "high": 1}},
        {"rate": {"value": 0, "low": None, "high": 1}},
        {"rate": {"value": 0, "low": 0, "high": "1"}},
    ],
)
def test_a_baseline_that_guards_nothing_is_a_fault_of_its_own(baseline):
    with pytest.raises(ValueError, match="baseline"):
        worse_than(baseline, report())


def test_two_figures_of_one_name_are_a_fault():
    twice = {"groups": [{"name": "a", "rate": figure(0.1)}, {"name": "a", "rate": figure(0.2)}]}
    with pytest.raises(ValueError, match=r"Two figures have the name groups\[a\]\.rate"):
        worse_than(twice, report())
    with pytest.raises(ValueError, match="Two figures"):
        worse_than(BASELINE, twice)

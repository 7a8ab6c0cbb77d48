import json

import pytest

from evenhand.learn.comparison.compare import compare
from evenhand.learn.comparison.estimates import AUROC, F1, FALSE_POSITIVES


@pytest.fixture
def comparison(labelled, scorers):
    return compare(labelled, scorers, threshold=0.5, examples=2)


def test_every_scorer_is_measured_on_the_rows_that_were_judged_and_answered(comparison):
    good, faulty, other = comparison.results["hate"]
    assert (good.rows, good.positives, good.unanswered) == (40, 20, 0)
    assert (faulty.rows, faulty.positives, faulty.unanswered) == (39, 20, 1)
    assert (other.rows, other.unanswered) == (0, 40)
    assert other.estimates[F1].reason == "not scored"
    assert good.estimates[AUROC].value == 1
    assert good.estimates[FALSE_POSITIVES].value == pytest.approx(5 / 20)


def test_a_label_that_is_unknown_for_a_row_is_left_out_there(comparison):
    good = comparison.results["spam"][0]
    assert (good.rows, good.positives) == (8, 8)
    assert good.estimates[AUROC].reason == "no negative rows"


def test_any_compares_scorers_that_share_no_label(comparison):
    good, _, other = comparison.results["any"]
    assert good.rows == other.rows == 24
    assert other.estimates[F1].value == pytest.approx(20 / 22)


def test_missing_answers_are_counted_and_named_by_line(comparison):
    good, faulty, _ = comparison.scorers
    assert (good.answered, dict(good.unanswered)) == (40, {})
    assert (faulty.answered, dict(faulty.unanswered)) == (39, {"endpoint.rejected": [9]})


def test_groups_and_their_gap_are_measured(comparison):
    good = comparison.results["hate"][0]
    assert list(good.groups) == ["tall", "short"]
    assert good.gaps[FALSE_POSITIVES].value == pytest.approx(0.5)


def test_examples_are_the_worst_mistakes(comparison):
    good, faulty, _ = comparison.results["hate"]
    assert [(example.line, example.score) for example in good.wrongly_flagged] == [(5, 0.6), (13, 0.6)]
    assert good.missed == ()
    assert len(faulty.missed) == 2


def test_json_has_every_figure_and_no_text(comparison):
    report = json.loads(json.dumps(comparison.as_json(), allow_nan=False))
    assert report["labels"]["hate"]["good"]["auroc"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert report["labels"]["hate"]["other"]["auroc"] == {"value": None, "reason": "not scored"}
    assert report["labels"]["hate"]["good"]["groups"]["tall"]["rows"] == 20
    assert report["labels"]["hate"]["good"]["best_f1_threshold"] == 0.9
    assert report["labels"]["spam"]["good"]["largest_gap"]["bpsn_auc"]["reason"] == "groups too small"
    assert [row["line"] for row in report["file"]["unread"]] == [42, 43]
    assert "row|" not in json.dumps(report)


def test_without_groups_and_examples_there_are_none(labelled, scorers):
    from dataclasses import replace

    bare = replace(labelled, group="", rows=tuple(replace(row, group="") for row in labelled.rows))
    result = compare(bare, scorers).results["hate"][0]
    assert (result.groups, result.gaps, result.wrongly_flagged) == ({}, {}, ())


def test_a_label_that_nobody_judged_says_so(labelled, scorers):
    from dataclasses import replace

    bare = replace(labelled, rows=tuple(replace(row, truths={"hate": True}) for row in labelled.rows))
    assert compare(bare, scorers).results["spam"][0].estimates[F1].reason == "no row was judged"


def test_scorers_are_told_apart_from_the_first_on_the_rows_that_both_answered(comparison):
    good, faulty, other = comparison.results["hate"]
    assert good.differences == other.differences == {}
    assert faulty.differences[AUROC].value == pytest.approx(-0.5)

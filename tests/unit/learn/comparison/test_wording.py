from dataclasses import replace

from evenhand.learn.comparison.compare import compare
from evenhand.learn.comparison.estimates import BEST_F1, F1, FIGURES, Estimate
from evenhand.learn.comparison.groups import GROUP_FIGURES
from evenhand.learn.comparison.labelled import Unread
from evenhand.learn.comparison.wording import (
    FIGURE_TITLES,
    GROUP_TITLES,
    facts,
    shown,
    shown_difference,
    shown_figure,
    silent,
    troubles,
)


def test_every_figure_has_a_title():
    assert set(FIGURE_TITLES) == set(FIGURES)
    assert tuple(GROUP_TITLES) == GROUP_FIGURES


def test_an_estimate_is_shown_with_its_interval_or_its_reason():
    assert shown(Estimate(0.93125, 0.9, 0.95)) == "0.931 (0.900 to 0.950)"
    assert shown(Estimate(None, reason="no positive rows")) == "n/a: no positive rows"


def test_the_best_f1_is_shown_with_its_threshold(labelled, scorers):
    good = compare(labelled, scorers).results["hate"][0]
    assert shown_figure(good, BEST_F1).endswith(" at 0.900")
    assert shown_figure(good, F1) == shown(good.estimates[F1])


def test_facts_name_file_columns_and_scorers(labelled, scorers):
    found = dict(facts(compare(labelled, scorers)))
    assert found["File"].startswith("mine.csv, SHA-256 ")
    assert found["Columns"] == "hate as hate, spam as spam"
    assert found["good"] == "version: 1; 2 labels"


def test_what_was_left_out_is_told_but_not_without_end(labelled, scorers):
    unread = tuple(Unread(line, "row.no_text", "The row has no text.") for line in range(50))
    told = list(troubles(compare(replace(labelled, unread=unread), scorers)))
    assert told[0] == "Line 0 was left out: The row has no text. [row.no_text]"
    assert told[20].startswith("30 more rows")
    assert told[21] == "faulty (openai) gave no answer to 1 rows [endpoint.rejected]: lines 9"


def test_scorers_without_a_score_for_a_label_are_named(labelled, scorers):
    results = compare(labelled, scorers).results
    assert silent(results["hate"]) == "No scores from other."
    assert silent(results["any"]) == ""


def test_a_difference_is_shown_with_its_sign():
    assert shown_difference(Estimate(0.02, -0.01, 0.05)) == "+0.020 (-0.010 to +0.050)"
    assert shown_difference(Estimate(None, reason="no positive rows")) == "n/a: no positive rows"

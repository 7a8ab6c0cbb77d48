from datetime import date

from evenhand.console.review.number_contexts import Bar, Line
from evenhand.console.review.plots import bars_of, lines_of
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.review.numbers import Drift, Volume

FIRST = date(2026, 11, 20)


def test_bars_stand_on_each_other_and_the_fullest_day_fills_the_plot():
    volume = [
        Volume(date(2026, 11, 21), Action.ALLOW, 6),
        Volume(date(2026, 11, 21), Action.BLOCK, 4),
        Volume(date(2026, 11, 23), Action.REVIEW, 5),
        Volume(date(2026, 11, 24), Action.REVIEW, 99),
    ]
    bars, most = bars_of(volume, FIRST, 4)
    assert most == 10
    assert bars == (
        Bar("block", "25.000%", "60.000%", "20.000%", "40.000%", "2026-11-21: 4 block"),
        Bar("allow", "25.000%", "0.000%", "20.000%", "60.000%", "2026-11-21: 6 allow"),
        Bar("review", "75.000%", "50.000%", "20.000%", "50.000%", "2026-11-23: 5 review"),
    )


def test_no_decisions_make_no_bars():
    assert bars_of([], FIRST, 4) == ((), 0)


def test_a_line_goes_through_the_weeks_of_a_label_and_one_week_makes_none():
    drift = [
        Drift(date(2026, 11, 9), Label.HATE, 10, 0.1, 0.2, 0.9),
        Drift(date(2026, 11, 9), Label.SPAM, 10, 0.1, 0.2, 0.9),
        Drift(date(2026, 11, 16), Label.HATE, 10, 0.1, 0.5, 0.9),
        Drift(date(2026, 11, 23), Label.HATE, 10, 0.1, 0.75, 0.9),
    ]
    assert lines_of(drift) == (Line("hate", "0.00,80.00 50.00,50.00 100.00,25.00", "0.75"),)

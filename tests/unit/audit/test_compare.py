import dataclasses
from datetime import UTC, datetime

import pytest

from audited import audited
from evenhand.audit.compare import compare
from evenhand.audit.report import make_report
from evenhand.core.errors import InputError

MADE = datetime(2026, 11, 26, 12, tzinfo=UTC)


def report_of(name="made-up", **kind):
    return make_report(audited(**kind), target=name, version="", made=MADE, count=20)


@pytest.fixture(scope="module")
def biased():
    return report_of("before")


def named(comparison):
    return {(change.measure, change.group) for change in comparison.changes if change.is_beyond_noise}


def test_a_model_that_was_mended_is_seen_to_be(biased):
    found = compare(biased, report_of("after", bias=0, failed=("s9",)), count=200)
    assert (found.before, found.after) == ("before", "after")
    assert (found.paired, found.failed, found.only_one) == (597, 3, 0)
    assert {("flip_rate", ""), ("false_positive_rate", ""), ("false_positive_rate", "green")} <= named(found)
    assert not {group for _, group in named(found)} - {"", "green"}
    green = next(one for one in found.changes if (one.measure, one.group) == ("false_positive_rate", "green"))
    assert green.after == 0
    assert green.difference.value == pytest.approx(-green.before, abs=1e-6)
    assert green.difference.high < 0
    # What changed comes first.
    assert [one.is_beyond_noise for one in found.changes] == sorted(
        (one.is_beyond_noise for one in found.changes), reverse=True
    )


def test_a_report_does_not_differ_from_itself(biased):
    found = compare(biased, biased, count=50)
    assert named(found) == set()
    assert {change.difference.value for change in found.changes} == {0.0}


def test_chance_alone_is_not_a_change():
    hits = sum(
        bool(named(compare(report_of(bias=0.2, seed=2 * seed), report_of(bias=0.2, seed=2 * seed + 1), count=100)))
        for seed in range(15)
    )
    assert hits <= 2


def test_only_sentences_of_both_are_paired(biased):
    fewer = report_of(harmless=40, harmful=0, bias=0)
    found = compare(biased, fewer, count=50)
    assert found.only_one == 200
    assert {change.measure for change in found.changes} == {"flip_rate", "false_positive_rate"}


def test_a_sentence_that_became_another_is_not_paired(biased):
    outcomes = dataclasses.replace(biased.outcomes, groups=("renamed", *biased.outcomes.groups[1:]))
    found = compare(biased, dataclasses.replace(biased, outcomes=outcomes), count=50)
    assert found.only_one == 2 * biased.outcomes.group.count(0)


def test_reports_without_a_common_answer_are_refused(biased):
    nothing = report_of(failed={f"s{place}" for place in range(600)})
    with pytest.raises(InputError) as refused:
        compare(biased, nothing)
    assert refused.value.code == "audit.nothing_shared"

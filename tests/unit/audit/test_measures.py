import dataclasses

import numpy as np
import pytest

from audited import answers_of, audited, sentences
from evenhand.audit.answers import Answer, Sentence, join
from evenhand.audit.measures import FALSE_NEGATIVES, FALSE_POSITIVES, Estimate, measure


@pytest.fixture(scope="module")
def answers():
    return audited()


@pytest.fixture(scope="module")
def measures(answers):
    return measure(answers, count=200)


def group(measures, name):
    return next(one for one in measures.groups if one.name == name)


def test_failures_are_counted_and_in_no_measure(answers, measures):
    assert measures.sentences == 600
    assert measures.failures == {"endpoint.unavailable": 2}
    assert sum(count for kind in measures.actions.values() for count in kind.values()) == 598
    assert sum(one.failures for one in measures.groups) == sum(one.failures for one in measures.families) == 2
    harmless = ~answers.harmful & ~answers.failed
    assert measures.false_positive_rate.value == pytest.approx(answers.flagged[harmless].mean(), abs=1e-6)


def test_a_failure_never_makes_a_rate_better(answers):
    flagged = np.flatnonzero(answers.flagged & ~answers.harmful)
    action = answers.action.copy()
    action[flagged] = -1
    errors = tuple("endpoint.slow" if place in flagged else error for place, error in enumerate(answers.errors))
    found = measure(dataclasses.replace(answers, action=action, errors=errors), count=50)
    assert found.failures["endpoint.slow"] == len(flagged)
    # What is left was let through, of fewer sentences, and the upper end is above 0.
    assert found.false_positive_rate.value == 0
    assert found.false_positive_rate.high > 0.01
    assert found.actions["allow"]["allow"] == 398 - len(flagged)


def test_the_planted_group_is_the_worst_and_named(measures):
    for gap in (measures.false_positive_gap, measures.false_negative_gap):
        assert (gap.group, gap.groups) == ("green", 10)
        assert gap.gap.low > 0.1
    assert set(group(measures, "green").otherwise) >= {FALSE_POSITIVES, FALSE_NEGATIVES}
    assert [one.name for one in measures.groups if FALSE_POSITIVES in one.otherwise] == ["green"]


def test_areas_tell_where_the_scores_go_wrong(measures):
    green, blue = group(measures, "green"), group(measures, "blue")
    assert blue.subgroup_auc.value > 0.95 > green.subgroup_auc.value
    assert blue.bpsn_auc.value > green.bpsn_auc.value
    assert blue.bnsp_auc.value > green.bnsp_auc.value
    assert measures.pinned_auc_gap.value > 0
    assert green.smallest_gap is not None


def test_families_languages_and_two_axes(measures):
    assert [(one.name, one.sentences) for one in measures.families] == [("news", 400), ("threat", 200)]
    assert [(one.name, one.sentences) for one in measures.languages] == [("de", 200), ("en", 400)]
    assert measures.families[0].false_negative_rate == Estimate()
    assert [(one.name, one.column, one.sentences) for one in measures.two_axes] == [("size", "colour", 60)]
    assert [(one.name, one.column, one.sentences) for one in measures.family_axes] == [
        ("news", "colour", 280),
        ("news", "size", 80),
        ("threat", "colour", 140),
        ("threat", "size", 40),
    ]


def test_without_scores_nothing_that_needs_them_is_measured():
    found = measure(audited(has_scores=False), count=50)
    assert found.auc == found.pinned_auc_gap == group(found, "green").score_shift == Estimate()
    assert found.flip_rate.value > 0


def test_too_few_templates_name_nobody():
    found = measure(audited(harmless=9, harmful=9, failed=()), count=50)
    assert found.false_positive_gap.group == ""
    assert found.false_positive_gap.gap == Estimate()
    assert found.smallest_gap is None
    assert not any(one.otherwise for one in found.groups)


def test_where_everything_failed_nothing_is_measured():
    found = measure(audited(failed={f"s{place}" for place in range(600)}), count=50)
    assert found.failures == {"endpoint.unavailable": 600}
    for each in (found.flip_rate, found.false_positive_rate, found.false_negative_rate, found.auc):
        assert each == Estimate()


def test_the_same_answers_give_the_same_measures(answers, measures):
    assert measure(answers, count=200) == measures


def test_texts_of_ones_own_count_in_the_rates_and_in_no_pair():
    asked = sentences()
    own = [
        Sentence(f"c{place}", "corpus", f"c{place}", "nobody named", "nobody named", "en", "allow", "")
        for place in range(30)
    ]
    said = [Answer(one.id, 0.9, "block") for one in own]
    with_own = measure(join([*asked, *own], [*answers_of(asked), *said]), count=50)
    without = measure(audited(), count=50)
    assert with_own.pairs == without.pairs
    assert with_own.false_positive_gap == without.false_positive_gap
    assert with_own.auc == without.auc
    assert with_own.false_positive_rate.value > without.false_positive_rate.value
    assert with_own.families[0].false_positive_rate.value == 1
    nobody = group(with_own, "nobody named")
    assert (nobody.sentences, nobody.templates, nobody.otherwise) == (30, 0, ())
    assert nobody.false_positive_rate == nobody.flip_rate == Estimate()

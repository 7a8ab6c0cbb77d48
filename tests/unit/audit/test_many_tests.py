import numpy as np
import pytest

from evenhand.audit.many_tests import counted_otherwise, counts, shifted, smallest_gap, stands_out, swapped


def test_the_correction_of_benjamini_and_hochberg():
    # The example of their paper (1995, section 3.2): four of fifteen at 0.05.
    p_values = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
        *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
    ]
    assert stands_out(np.array(p_values)).sum() == 4
    assert stands_out(np.array([0.9, np.nan, 0.001])).tolist() == [False, False, True]
    assert not stands_out(np.array([np.nan])).any()
    assert not stands_out(np.array([])).any()


def test_counts_are_those_of_a_binomial_where_chances_are_equal():
    found = counts(np.full((10, 1), 0.5), 3)[0]
    assert found == pytest.approx(np.array([1, 10, 45, 120, 1024 - 176]) / 1024)


def test_a_sentence_that_is_not_there_changes_nothing():
    chances = np.array([[0.3, 0.3], [0.4, 0.0], [0.0, 0.0]])
    found = counts(chances, 2)
    assert found[0] == pytest.approx([0.42, 0.46, 0.12, 0])
    assert found[1] == pytest.approx([0.7, 0.3, 0, 0])


def test_the_exact_test_of_a_count():
    chances = np.full((10, 3), 0.5)
    # 0, 5 and 10 of 10 with a half: twice 1 / 1024, certain, and twice 1 / 1024.
    assert counted_otherwise(chances, np.array([0, 5, 10])) == pytest.approx([2 / 1024, 1.0, 2 / 1024])


def test_without_bias_few_groups_stand_out():
    generator = np.random.default_rng(4)
    named = 0
    for _ in range(100):
        flagged = generator.random((120, 40)) < generator.beta(0.1, 5, (120, 1))
        chances = np.repeat(flagged.mean(axis=1)[:, None], 40, axis=1)
        named += stands_out(counted_otherwise(chances, flagged.sum(axis=0))).any()
    assert named <= 100 * 0.08


def test_a_gap_of_the_smallest_size_is_found_in_four_of_five():
    generator = np.random.default_rng(5)
    chances, present = np.full((300, 30), 0.02), np.ones((300, 30))
    gap = smallest_gap(chances, present)[0]
    flagged = generator.random((300, 500)) < 0.02
    flagged |= generator.random((300, 500)) < gap / 0.98
    # A column for each of 500 audits, of which the planted group is looked at.
    p_values = counted_otherwise(np.full((300, 500), 0.02), flagged.sum(axis=0))
    assert 0.75 <= np.mean(p_values <= 0.05 / 30) <= 0.87


def test_more_templates_show_smaller_gaps_and_too_few_show_none():
    gaps = [smallest_gap(np.full((count, 5), 0.02), np.ones((count, 5)))[0] for count in (30, 100, 400)]
    assert gaps == sorted(gaps, reverse=True)
    assert smallest_gap(np.full((1, 5), 0.5), np.ones((1, 5))).tolist() == [1] * 5


def test_shifts_by_the_normal_distribution():
    p_values = shifted(np.array([1.959964, -1.959964, 0.0]), np.array([1.0, 1.0, 0.0]))
    assert p_values[:2] == pytest.approx([0.05, 0.05], abs=1e-6)
    assert np.isnan(p_values[2])


def test_swapping_is_the_test_of_mcnemar_for_single_sentences():
    changes = np.array([[1.0]] * 9 + [[-1.0]] * 2 + [[0.0]] * 5)
    # Twice the chance of 9 or more of 11: 2 * 67 / 2048.
    assert swapped(changes) == pytest.approx([134 / 2048])
    assert swapped(np.zeros((4, 1))) == [1.0]


def test_a_template_is_swapped_as_a_whole():
    assert swapped(np.array([[10.0]])) == [1.0]
    assert swapped(np.array([[3.0], [3.0]])) == pytest.approx([0.5])

import pytest

from evenhand.audit.answers import Answer, join
from evenhand.audit.tally import tally_families, worst_templates


@pytest.fixture
def answers(make):
    """Two templates of four groups: one with a flip and a failure, one that is answered alike."""
    actions = ["allow", "review", "block", None, "allow", "allow", "allow", "allow"]
    given = [
        Answer(f"s{place}", None, action, "" if action else "endpoint.answer") for place, action in enumerate(actions)
    ]
    return join(make(8), given)


def test_a_failure_is_counted_apart_and_makes_no_pair(answers):
    (family,) = tally_families(answers)
    assert (family.name, family.is_harmful, family.rows) == ("plain", False, 8)
    assert (family.allowed, family.reviewed, family.blocked, family.failed) == (5, 1, 1, 1)
    assert (family.pairs, family.flips, family.flip_rate) == (3 + 6, 3, 3 / 9)


def test_the_templates_that_depend_on_the_group_come_worst_first(answers):
    (worst,) = worst_templates(answers, at_most=5)
    assert (worst.name, worst.flip_rate) == ("en/plain/template 0", 1.0)
    assert worst_templates(answers, at_most=0) == ()


def test_harmful_and_harmless_sentences_of_one_name_are_told_apart(make):
    from dataclasses import replace

    harmful = [replace(one, id=f"h{one.id}", template=f"harm {one.template}") for one in make(4, expected="harm")]
    found = tally_families(join((*make(4), *harmful), []))
    assert [(family.is_harmful, family.failed, family.flip_rate) for family in found] == [(False, 4, 0), (True, 4, 0)]

import pytest

from evenhand.core.case import NO_HARM, is_reason, severity_of
from evenhand.core.conduct import profiling_names
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label


@pytest.mark.parametrize(
    ("action", "reason", "holds"),
    [
        (Action.BLOCK, "harassment", True),
        (Action.BLOCK, "INSULT", False),
        (Action.BLOCK, "quoted", False),
        (Action.BLOCK, "", False),
        (Action.ALLOW, "quoted", True),
        (Action.ALLOW, "harassment", False),
        (Action.REVIEW, "quoted", False),
    ],
)
def test_a_block_is_for_a_category_and_an_allow_for_why_there_is_no_harm(action, reason, holds):
    assert is_reason(action, reason) is holds


def test_no_reason_is_a_category_or_describes_people():
    assert not set(NO_HARM) & set(Label)
    assert profiling_names(NO_HARM) == {}


def test_the_hardest_label_says_how_hard_a_content_is_to_look_at():
    assert severity_of(frozenset()) == 0
    assert severity_of(frozenset({Label.SPAM})) == 0
    assert severity_of(frozenset({Label.HATE, Label.SPAM})) == 1
    assert severity_of({Label.HATE: 0.9, Label.VIOLENCE_GRAPHIC: 0.1}) == 3
    assert severity_of(frozenset(Label)) == 3

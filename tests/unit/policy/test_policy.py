from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy, Rule

RULES = (Rule(Label.HATE, Action.REVIEW, 0.5), Rule(Label.HATE, Action.BLOCK, 0.9))


def test_a_rule_is_named_by_label_and_action():
    assert [rule.id for rule in RULES] == ["hate.review", "hate.block"]


def test_the_version_does_not_depend_on_order_or_description():
    one = Policy("p", "one", Action.REVIEW, RULES)
    other = Policy("p", "other", Action.REVIEW, RULES[::-1])
    assert one.version == other.version


def test_the_version_depends_on_everything_that_decides():
    versions = {
        Policy("p", "", Action.REVIEW, RULES).version,
        Policy("q", "", Action.REVIEW, RULES).version,
        Policy("p", "", Action.ALLOW, RULES).version,
        Policy("p", "", Action.REVIEW, RULES[:1]).version,
        Policy("p", "", Action.REVIEW, (RULES[0], Rule(Label.HATE, Action.BLOCK, 0.91))).version,
    }
    assert len(versions) == 5

import pytest

from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import CATEGORIES
from evenhand.policy.load import load_policy, parse_policy


def test_the_default_policy_has_a_rule_for_every_category():
    policy = load_policy()
    assert {rule.label for rule in policy.rules} == set(CATEGORIES)
    assert policy.on_failure is Action.REVIEW


def test_a_missing_file_says_which(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml") as caught:
        load_policy(tmp_path / "nowhere.yaml")
    assert caught.value.code == "policy.unreadable"


def test_a_file_that_is_not_text_is_unreadable(tmp_path):
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "p.yaml")
    assert caught.value.code == "policy.unreadable"


@pytest.mark.parametrize("text", ["name: [", "name: 'x", "a: b: c", "\x00", "%bad", "*unknown"])
def test_what_is_not_yaml_is_a_syntax_error(text):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(text)
    assert caught.value.code == "policy.syntax"

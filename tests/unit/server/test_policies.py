import pytest

from databases import store_in
from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import load_policy, parse_policy
from evenhand.server.policies import begin_policies
from evenhand.settings import read_settings

SHADOW = "name: stricter\nthresholds:\n  spam: {review: 0.1}\n"


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


def with_shadow(path):
    return read_settings({}, {"shadow_policy_file": str(path)})


def test_without_the_setting_nothing_is_in_the_shadow_and_what_decides_is_kept_once(store):
    policy = load_policy()
    for _ in range(2):
        assert begin_policies(read_settings({}), store, [policy]) is None
    (use,) = store.policies.list()
    assert parse_policy(use.policy.source).version == policy.version


def test_the_setting_puts_a_policy_into_the_shadow_and_it_is_kept_too(store, tmp_path):
    path = tmp_path / "stricter.yaml"
    path.write_text(SHADOW, encoding="utf-8")
    shadow = begin_policies(with_shadow(path), store, [load_policy()])
    assert shadow is not None
    assert shadow.policy.version == parse_policy(SHADOW).version
    assert {use.policy.name for use in store.policies.list()} == {"default", "stricter"}


def test_a_policy_that_is_not_there_is_refused(store, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        begin_policies(with_shadow(tmp_path / "nothing.yaml"), store, [load_policy()])
    assert caught.value.code == "policy.unreadable"

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import load_policy
from evenhand.server.engine import build_policies
from evenhand.settings import Settings


@pytest.fixture
def files(tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nthresholds: {{}}\n")
    return {name: str(tmp_path / f"{name}.yaml") for name in ("one", "two", "three")}


def names(**settings):
    return [policy.name for policy in build_policies(Settings(**settings))]


def test_without_a_setting_the_policy_is_the_one_that_evenhand_carries():
    assert build_policies(Settings()) == [load_policy()]


def test_the_first_policy_is_the_default_one(files):
    assert names(policy_file=files["two"]) == ["two"]
    assert names(policy_files=f"{files['one']}, {files['two']}") == ["one", "two"]
    assert names(policy_file=files["three"], policy_files=f"{files['one']},{files['two']}") == ["three", "one", "two"]


def test_two_policies_of_one_name_are_refused(files):
    with pytest.raises(ConfigurationError) as caught:
        build_policies(Settings(policy_files=f"{files['one']},{files['one']}"))
    assert caught.value.code == "policy.twice"

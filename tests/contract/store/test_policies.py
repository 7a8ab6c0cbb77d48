import dataclasses
from datetime import timedelta

import pytest

from evenhand.core.decision import PolicyVersion
from evenhand.core.errors import NotFoundError
from evenhand.store.records import StoredPolicy
from samples import NOON, record

FIRST = StoredPolicy("0123456789ab", "default", NOON, "name: default\nthresholds: {}\n")
SECOND = StoredPolicy(
    "ba9876543210", "default", NOON + timedelta(days=1), "name: default # the second\nthresholds: {}\n"
)
OTHER = StoredPolicy("00000000000f", "other", NOON + timedelta(days=2), "name: other\nthresholds: {}\n")


def test_a_policy_comes_back_by_its_version_as_it_was(store):
    store.policies.keep([FIRST, SECOND])
    assert store.policies.find(FIRST.version) == FIRST
    assert store.policies.find(SECOND.version) == SECOND


def test_a_name_means_the_newest_policy_that_is_called_so(store):
    store.policies.keep([SECOND, FIRST, OTHER])
    assert store.policies.find("default") == SECOND
    assert store.policies.find("other") == OTHER


def test_a_version_counts_before_a_name(store):
    misleading = StoredPolicy("111111111111", FIRST.version, NOON + timedelta(days=9), "")
    store.policies.keep([FIRST, misleading])
    assert store.policies.find(FIRST.version) == FIRST


def test_a_version_is_kept_once_as_it_was_first(store):
    store.policies.keep([FIRST])
    store.policies.keep([dataclasses.replace(FIRST, source="another", created_at=NOON + timedelta(days=3)), OTHER])
    assert store.policies.find(FIRST.version) == FIRST
    assert [use.policy.version for use in store.policies.list()] == [OTHER.version, FIRST.version]


@pytest.mark.parametrize("unknown", ["", "nobody", "0123456789a", "\0"])
def test_an_unknown_policy_is_not_found(store, unknown):
    store.policies.keep([FIRST])
    with pytest.raises(NotFoundError) as caught:
        store.policies.find(unknown)
    assert caught.value.code == "policy.not_stored"


def test_the_list_counts_the_decisions_of_each_policy(store):
    assert store.policies.list() == []
    store.policies.keep([FIRST, SECOND])
    made = [record(), record(), record()]
    made[2] = dataclasses.replace(
        made[2], decision=dataclasses.replace(made[2].decision, policy=PolicyVersion("default", "of nobody"))
    )
    store.decisions.record(made)
    assert [(use.policy, use.decisions) for use in store.policies.list()] == [(SECOND, 0), (FIRST, 2)]

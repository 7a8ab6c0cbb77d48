import asyncio
from dataclasses import replace

import pytest

from databases import store_in
from evenhand.core.access import Scope
from evenhand.core.errors import AuthenticationError, RateLimitError, ScopeError
from evenhand.service.access import Gate


@pytest.fixture
def store(tmp_path):
    with_keys = store_in(tmp_path)
    yield with_keys
    with_keys.close()


def create(store, *scopes, requests_per_minute=1000):
    return store.keys.create(name="k", scopes=frozenset(scopes), requests_per_minute=requests_per_minute)


def admit(gate, presented, scope=Scope.SCREEN):
    return asyncio.run(gate.admit(presented, scope))


@pytest.mark.parametrize("presented", [None, ""])
def test_no_key_is_missing(store, presented):
    with pytest.raises(AuthenticationError) as caught:
        admit(Gate(store, cache_seconds=0), presented)
    assert caught.value.code == "key.missing"


@pytest.mark.parametrize("presented", ["x", "eh_abc", "eh_aaaaaaaaaaaa_" + "b" * 43, "ключ", "\ud800", "a\0b"])
def test_a_key_that_is_none_is_invalid(store, presented):
    with pytest.raises(AuthenticationError) as caught:
        admit(Gate(store, cache_seconds=0), presented)
    assert caught.value.code == "key.invalid"


def test_a_key_opens_its_scope_only(store):
    api_key, secret = create(store, Scope.SCREEN)
    gate = Gate(store, cache_seconds=0)
    assert admit(gate, secret).id == api_key.id
    with pytest.raises(ScopeError):
        admit(gate, secret, Scope.REVIEW)


def test_an_admin_key_opens_every_scope(store):
    _, secret = create(store, Scope.ADMIN)
    assert admit(Gate(store, cache_seconds=0), secret, Scope.REVIEW)


def test_a_revoked_key_is_remembered_no_longer_than_said(store):
    now = 0.0
    gate = Gate(store, cache_seconds=5, clock=lambda: now)
    api_key, secret = create(store, Scope.SCREEN)
    admit(gate, secret)
    store.keys.revoke(api_key.id)
    now = 4.9
    assert admit(gate, secret)
    now = 5.1
    with pytest.raises(AuthenticationError):
        admit(gate, secret)


def test_without_a_cache_a_revoked_key_stops_at_once(store):
    gate = Gate(store, cache_seconds=0)
    api_key, secret = create(store, Scope.SCREEN)
    admit(gate, secret)
    store.keys.revoke(api_key.id)
    with pytest.raises(AuthenticationError):
        admit(gate, secret)


def test_no_secret_is_remembered(store):
    gate = Gate(store, cache_seconds=5)
    _, secret = create(store, Scope.SCREEN)
    admit(gate, secret)
    assert secret not in repr(vars(gate))
    assert len(gate._checked) == 1


def test_only_so_many_keys_are_remembered(store, monkeypatch):
    monkeypatch.setattr("evenhand.service.access._REMEMBERED_KEYS", 2)
    gate = Gate(store, cache_seconds=5)
    secrets = [create(store, Scope.SCREEN)[1] for _ in range(3)]
    for secret in secrets:
        admit(gate, secret)
    assert len(gate._checked) == 2


def test_each_key_has_its_own_allowance(store):
    gate = Gate(store, cache_seconds=0)
    _, one = create(store, Scope.SCREEN, requests_per_minute=2)
    _, other = create(store, Scope.SCREEN, requests_per_minute=2)
    admit(gate, one)
    admit(gate, one)
    with pytest.raises(RateLimitError) as caught:
        admit(gate, one)
    assert caught.value.limit == 2
    assert 1 <= caught.value.retry_after <= 60
    assert admit(gate, other)


def test_a_refused_key_uses_up_nothing(store):
    gate = Gate(store, cache_seconds=0)
    api_key, secret = create(store, Scope.SCREEN, requests_per_minute=1)
    with pytest.raises(ScopeError):
        admit(gate, secret, Scope.REVIEW)
    assert admit(gate, secret) == replace(api_key)

import hmac
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from evenhand.core.access import Scope
from evenhand.core.errors import NotFoundError, StoreError


def create(store, name="the forum", scopes=frozenset({Scope.SCREEN, Scope.REVIEW})):
    return store.keys.create(name=name, scopes=scopes, requests_per_minute=60)


def acts(store):
    return [row.act for row in store.audit.list()]


def test_a_new_key_is_found_by_its_secret(store):
    api_key, secret = create(store)
    assert re.fullmatch(r"eh_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", secret)
    assert secret.split("_")[1] == api_key.id
    assert store.keys.find(secret) == api_key
    assert (api_key.name, api_key.scopes) == ("the forum", {Scope.SCREEN, Scope.REVIEW})
    assert (api_key.requests_per_minute, api_key.revoked_at) == (60, None)
    assert api_key.created_at.utcoffset() == datetime.now(UTC).utcoffset()


def test_a_key_without_scopes_has_none(store):
    _, secret = create(store, scopes=frozenset())
    assert store.keys.find(secret).scopes == frozenset()


@pytest.mark.parametrize("too_many", [2**63, 10**30])
def test_an_allowance_that_no_database_holds_is_refused(store, too_many):
    with pytest.raises(StoreError) as caught:
        store.keys.create(name="k", scopes=frozenset(), requests_per_minute=too_many)
    assert caught.value.code == "store.refused"
    assert store.keys.list() == store.audit.list() == []


def test_other_presented_texts_find_nothing(store):
    api_key, secret = create(store)
    other, _ = create(store)
    last = "A" if secret[-1] != "A" else "B"
    wrong = [
        "",
        secret[:-1],
        secret[:-1] + last,
        secret + "A",
        f" {secret}",
        f"{secret}\n",
        secret.upper(),
        secret.replace(api_key.id, other.id),
        secret.replace(api_key.id, "0" * 12),
        f"eh_{api_key.id}_",
        "\0\ud800\U0001f600",
        "eh_" * 100_000,
    ]
    assert [store.keys.find(presented) for presented in wrong] == [None] * len(wrong)


def test_an_unknown_key_costs_the_same_comparison(store, monkeypatch):
    _, secret = create(store)
    compared, compare = [], hmac.compare_digest

    def spy(first, second):
        compared.append((len(first), len(second)))
        return compare(first, second)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    for presented in (secret, secret[:-1] + "-", f"eh_{'0' * 12}_{'A' * 43}", "nonsense"):
        store.keys.find(presented)
    assert compared == [(64, 64)] * 4


def test_a_revoked_key_is_listed_but_not_found(store):
    (first, secret), (second, other) = create(store), create(store)
    store.keys.revoke(first.id)
    assert store.keys.find(secret) is None
    assert store.keys.find(other) == second
    listed = {api_key.id: api_key for api_key in store.keys.list()}
    assert listed[first.id].revoked_at >= first.created_at
    assert listed[second.id] == second


def test_keys_are_listed_oldest_first(store):
    ids = [create(store)[0].id for _ in range(5)]
    assert [api_key.id for api_key in store.keys.list()] == ids


def test_making_and_revoking_is_audited_once(store):
    api_key, _ = create(store)
    store.keys.revoke(api_key.id)
    revoked_at = store.keys.list()[0].revoked_at
    store.keys.revoke(api_key.id)
    assert store.keys.list()[0].revoked_at == revoked_at
    made, revoked = store.audit.list()
    assert (made.act, revoked.act) == ("key.created", "key.revoked")
    assert made.subject == revoked.subject == api_key.id
    assert made.details == {"name": "the forum", "scopes": ["review", "screen"], "requests_per_minute": 60}


def test_of_several_who_revoke_at_once_one_does(store):
    api_key, _ = create(store)
    together = threading.Barrier(4)

    def revoke(_):
        together.wait()
        store.keys.revoke(api_key.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(revoke, range(4)))
    assert acts(store) == ["key.created", "key.revoked"]


@pytest.mark.parametrize("unknown", ["", "0" * 12, "\0"])
def test_an_unknown_key_cannot_be_revoked(store, unknown):
    with pytest.raises(NotFoundError) as caught:
        store.keys.revoke(unknown)
    assert caught.value.code == "key.not_found"
    assert acts(store) == []


def test_the_secret_is_nowhere_in_the_database(store, engine):
    api_key, secret = create(store)
    with engine.connect() as connection:
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("keys", "audit")]
    assert api_key.id in repr(rows)
    assert secret.split("_", 2)[2] not in repr(rows)
    assert secret.split("_", 2)[2] not in repr((api_key, store.keys.list()))

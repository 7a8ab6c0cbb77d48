import contextlib

import pytest

from evenhand.core.errors import StoreError
from evenhand.store.store import open_store
from samples import record


def test_ping_is_silent_when_the_database_answers(store):
    assert store.ping() is None


def test_it_is_opened_again_with_what_it_held(url):
    kept = record(body="text")
    store = open_store(url)
    store.decisions.record([kept])
    store.close()
    again = open_store(url)
    assert again.decisions.get(kept.decision.id).decision == kept.decision
    again.close()


def test_more_users_than_connections_is_busy(url):
    store = open_store(url, patience_seconds=0.05)
    pool = store._database._engine.pool
    with contextlib.ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(store._database.read())
        with pytest.raises(StoreError) as caught:
            store.ping()
        assert caught.value.code == "store.busy"
    store.ping()
    store.close()

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update

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


def test_what_is_read_before_it_is_written_stands_until_then(store):
    counter = Table("counter", MetaData(), Column("reached", Integer))
    with store._database.write() as connection:
        counter.create(connection)
        connection.execute(insert(counter), {"reached": 0})

    def count(_):
        with store._database.write() as connection:
            reached = connection.execute(select(counter.c.reached).with_for_update()).scalar_one()
            connection.execute(update(counter).values(reached=reached + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))
    with store._database.read() as connection:
        assert connection.execute(select(counter.c.reached)).scalar_one() == 40

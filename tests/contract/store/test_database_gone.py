import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine

from evenhand.core.access import Scope
from evenhand.core.errors import StoreError
from evenhand.store.store import open_store
from postgres import PostgresServer
from samples import record


@pytest.fixture
def path(tmp_path):
    return tmp_path / "evenhand.sqlite"


@pytest.fixture
def impatient(path):
    store = open_store(f"sqlite:///{path}", patience_seconds=0.05)
    yield store
    store.close()


def code_of(act, *arguments):
    with pytest.raises(StoreError) as caught:
        act(*arguments)
    assert caught.value.remedy
    return caught.value.code


def test_while_another_process_writes_sqlite_is_busy(impatient, path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert code_of(impatient.decisions.record, [record()]) == "store.busy"
        impatient.ping()
        other.execute("ROLLBACK")
    kept = record()
    impatient.decisions.record([kept])
    assert impatient.decisions.get(kept.decision.id).decision == kept.decision


def test_a_full_sqlite_file_keeps_nothing_more(impatient):
    with impatient._database._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    assert code_of(impatient.decisions.record, [record(body="x" * 100_000)]) == "store.full"
    with impatient._database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    impatient.decisions.record([record(body="x" * 100_000)])
    assert len(impatient.audit.list()) == 1


def test_a_ruined_sqlite_file_is_unavailable(impatient, path):
    impatient.decisions.record([record(body="x" * 100_000)])
    impatient.close()
    path.write_bytes(path.read_bytes()[:100] + os.urandom(50_000))
    assert code_of(impatient.audit.list) == "store.unavailable"


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_opening_a_locked_sqlite_file_is_busy(path, lock):
    with closing(sqlite3.connect(path)) as other:
        other.execute(lock)
        assert code_of(lambda: open_store(f"sqlite:///{path}", patience_seconds=0.05)) == "store.busy"


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_opening_waits_for_who_holds_the_sqlite_file(path, lock):
    with closing(sqlite3.connect(path, check_same_thread=False)) as other:
        other.execute(lock)
        release = threading.Timer(0.1, other.rollback)
        release.start()
        open_store(f"sqlite:///{path}", patience_seconds=60).close()
        release.join()


@pytest.fixture(scope="module")
def own_server():
    if "EVENHAND_TEST_POSTGRES" not in os.environ:
        pytest.skip("EVENHAND_TEST_POSTGRES is not set")
    with PostgresServer() as running:
        yield running


@pytest.mark.postgres
def test_it_works_again_when_the_server_is_back(own_server):
    store = open_store(own_server.url)
    before, during, after = record(), record(), record()
    api_key, secret = store.keys.create(name="k", scopes=frozenset(Scope), requests_per_minute=1)
    store.decisions.record([before])
    own_server.stop()
    assert code_of(store.decisions.record, [during]) == "store.unavailable"
    assert code_of(store.decisions.get, before.decision.id) == "store.unavailable"
    assert code_of(store.keys.find, secret) == "store.unavailable"
    assert code_of(store.ping) == "store.unavailable"
    own_server.start()
    store.ping()
    store.decisions.record([after])
    subjects = [row.subject for row in store.audit.list() if row.act == "decision.made"]
    assert subjects == [before.decision.id, after.decision.id]
    assert store.keys.find(secret) == api_key
    store.close()


@pytest.mark.postgres
def test_a_server_that_is_restarted_between_two_calls_is_not_noticed(own_server):
    store = open_store(own_server.url)
    store.ping()
    own_server.stop()
    own_server.start()
    kept = record()
    store.decisions.record([kept])
    assert store.decisions.get(kept.decision.id).decision == kept.decision
    store.close()


@pytest.mark.postgres
def test_a_connection_that_breaks_inside_a_transaction_keeps_nothing(own_server):
    store = open_store(own_server.url)
    admin = create_engine(own_server.url, isolation_level="AUTOCOMMIT")

    def break_it():
        with store._database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO workers (id, host, started_at, seen_at) VALUES ('a', 'b', now(), now())"
            )
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with admin.connect() as other:
                other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))

    assert code_of(break_it) == "store.unavailable"
    admin.dispose()
    assert store.jobs.silent(datetime.now(UTC) + timedelta(days=1), seconds=0) == []
    store.close()


@pytest.mark.postgres
def test_opening_while_the_server_is_away_says_so(own_server):
    own_server.stop()
    assert code_of(open_store, own_server.url) == "store.unavailable"
    own_server.start()
    open_store(own_server.url.replace("postgresql+psycopg", "postgresql")).close()

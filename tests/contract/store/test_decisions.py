import dataclasses
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError, StoreError
from evenhand.store.records import DecisionRecord
from samples import record

on_one_database = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
records = st.builds(
    DecisionRecord,
    decision=strategies.decisions,
    key_id=strategies.texts,
    door=strategies.texts,
    body=st.none() | strategies.texts,
    context=strategies.tuples_of(strategies.texts),
)


def with_new_ids(items):
    """Hypothesis repeats itself; ids must not."""
    return [
        dataclasses.replace(item, decision=dataclasses.replace(item.decision, id=f"dec_{secrets.token_hex(16)}"))
        for item in items
    ]


def count(engine, table):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


@on_one_database
@given(st.lists(records, min_size=1, max_size=4))
def test_a_decision_comes_back_equal(store, items):
    items = with_new_ids(items)
    store.decisions.record(items)
    for item in items:
        stored = store.decisions.get(item.decision.id)
        assert stored.decision == item.decision
        assert stored.decision.created_at.utcoffset() == item.decision.created_at.utcoffset()


@on_one_database
@given(st.lists(records, max_size=4))
def test_there_are_as_many_audit_rows_as_decisions(store, engine, items):
    items = with_new_ids(items)
    store.decisions.record(items)
    assert count(engine, "audit") == count(engine, "decisions")
    rows = {row.subject: row for row in store.audit.list(limit=1_000_000)}
    for item in items:
        assert rows[item.decision.id].act == "decision.made"
        assert rows[item.decision.id].at == item.decision.created_at


def test_the_audit_row_says_whose_and_what_but_nothing_of_the_content(store):
    kept = record(action=Action.REVIEW, body="the secret words", context=("other secret words",))
    store.decisions.record([kept])
    (row,) = store.audit.list()
    assert row.actor == kept.key_id
    assert row.details == {
        "action": "review",
        "policy": {"name": "default", "version": "0123456789ab"},
        "door": "test",
    }


def test_without_a_key_the_system_acted(store):
    store.decisions.record([record(key_id="")])
    assert store.audit.list()[0].actor == "system"


def test_door_and_key_come_back(store):
    kept = record(door="openai", key_id="abcdefghijkl")
    store.decisions.record([kept])
    stored = store.decisions.get(kept.decision.id)
    assert (stored.door, stored.key_id) == ("openai", "abcdefghijkl")


def test_columns_hold_what_can_be_asked_for(store, engine):
    kept = record(action=Action.BLOCK, content_id="post\0 17")
    store.decisions.record([kept])
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM decisions").mappings().one()
    assert row["action"] == "block"
    assert row["content_id"] == "post\ufffd 17"
    assert (row["policy_name"], row["policy_version"]) == ("default", "0123456789ab")
    assert not row["is_degraded"]


def test_no_records_leave_no_trace(store, engine):
    store.decisions.record([])
    assert count(engine, "audit") == 0


@pytest.mark.parametrize("unknown", ["", "dec_0", "dec_\0", "\ud800", "d" * 100_000])
def test_an_unknown_id_is_not_found(store, unknown):
    with pytest.raises(NotFoundError) as caught:
        store.decisions.get(unknown)
    assert caught.value.code == "decision.not_found"


def assert_nothing_is_kept(engine):
    assert (count(engine, "decisions"), count(engine, "contents"), count(engine, "audit")) == (0, 0, 0)


def test_nothing_of_a_batch_is_kept_when_its_last_id_is_taken(store, engine):
    batch = [record(body="first"), record(body="second")]
    with pytest.raises(StoreError) as caught:
        store.decisions.record([*batch, batch[0]])
    assert caught.value.code == "store.refused"
    assert_nothing_is_kept(engine)
    store.decisions.record(batch)
    assert count(engine, "decisions") == 2


@pytest.mark.parametrize("table", ["contents", "audit"])
def test_nothing_of_a_batch_is_kept_when_a_later_table_fails(store, engine, table):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO away")
    with pytest.raises(StoreError):
        store.decisions.record([record(body="first"), record(body="second")])
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE away RENAME TO {table}")
    assert_nothing_is_kept(engine)


@pytest.mark.parametrize("bad", [{"content_id": "\ud800"}, {"body": "\ud800"}, {"body": "", "context": ("\ud800",)}])
def test_half_a_surrogate_pair_is_refused(store, engine, bad):
    with pytest.raises(StoreError) as caught:
        store.decisions.record([record(body="first"), record(**bad)])
    assert caught.value.code == "store.refused"
    assert_nothing_is_kept(engine)


def test_a_time_without_a_zone_is_refused(store, engine):
    naive = record().decision.created_at.replace(tzinfo=None)
    with pytest.raises(StoreError) as caught:
        store.decisions.record([record(at=naive)])
    assert caught.value.code == "store.refused"
    assert_nothing_is_kept(engine)


def test_several_threads_record_at_once(store, engine):
    batches = [[record(body="text") for _ in range(3)] for _ in range(32)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store.decisions.record, batches))
    assert count(engine, "decisions") == count(engine, "contents") == count(engine, "audit") == 96
    sequences = [row.sequence for row in store.audit.list(limit=96)]
    assert len(set(sequences)) == 96

import threading

import pytest
from sqlalchemy import text, update

from evenhand.core.errors import StoreError
from evenhand.store.audit import Audit
from evenhand.store.store import open_store
from evenhand.store.tables import audit
from samples import NOON, record


def test_pages_follow_each_other(store):
    items = [record() for _ in range(7)]
    for item in items:
        store.decisions.record([item])
    pages, after = [], 0
    while page := store.audit.list(after=after, limit=3):
        pages.append([row.subject for row in page])
        after = page[-1].sequence
    ids = [item.decision.id for item in items]
    assert pages == [ids[:3], ids[3:6], ids[6:]]


def test_rows_of_a_batch_are_in_its_order(store):
    items = [record() for _ in range(20)]
    store.decisions.record(items)
    rows = store.audit.list()
    assert [row.subject for row in rows] == [item.decision.id for item in items]
    sequences = [row.sequence for row in rows]
    assert sequences == sorted(set(sequences))


def test_rows_can_only_be_read():
    assert [name for name in vars(Audit) if not name.startswith("_")] == [
        "list",
        "newest",
        "checkpoint",
        "goes_through",
        "verify",
    ]


# ---- the chain ----


def write(store, count=5):
    for _ in range(count):
        store.decisions.record([record(), record()])


def change(engine, statement):
    with engine.begin() as connection:
        connection.execute(text(statement))


def faults(store):
    return [(fault.first, fault.last, fault.kind) for fault in store.audit.verify().faults]


def test_an_audit_that_nobody_touched_is_whole(store):
    assert store.audit.verify().faults == ()
    write(store)
    report = store.audit.verify()
    assert (report.rows, report.unchained, report.sequence, report.faults) == (10, 0, 10, ())
    assert report.sha256


@pytest.mark.parametrize(
    "edit",
    ["act = 'decision.unmade'", "actor = 'other'", "subject = 'other'", "details = '{}'", "sha256 = 'a'"],
)
@pytest.mark.parametrize("sequence", [1, 4, 10])
def test_a_changed_row_is_found(store, engine, edit, sequence):
    write(store)
    change(engine, f"UPDATE audit SET {edit} WHERE sequence = {sequence}")
    assert (sequence, sequence, "changed") in faults(store)


@pytest.mark.parametrize(("sequence", "found"), [(1, 2), (4, 4), (10, 10)])
def test_a_row_that_was_unbound_is_found(store, engine, sequence, found):
    write(store)
    change(engine, f"UPDATE audit SET sha256 = NULL WHERE sequence = {sequence}")
    assert (found, found, "changed") in faults(store)


def test_a_changed_time_is_found(store, engine):
    write(store)
    with engine.begin() as connection:
        connection.execute(update(audit).where(audit.c.sequence == 3).values(at=NOON.replace(year=2020)))
    assert faults(store) == [(3, 3, "changed")]


@pytest.mark.parametrize(
    ("gone", "expected"), [((3, 3), (3, 3)), ((4, 6), (4, 6)), ((9, 10), (9, 10)), ((1, 10), (1, 10))]
)
def test_missing_rows_are_found_at_the_end_as_well(store, engine, gone, expected):
    write(store)
    change(engine, f"DELETE FROM audit WHERE sequence BETWEEN {gone[0]} AND {gone[1]}")
    assert faults(store) == [(*expected, "missing")]


def test_a_row_that_was_put_in_is_found(store, engine):
    write(store)
    change(
        engine,
        "INSERT INTO audit (sequence, at, actor, act, subject, details, sha256) "
        "SELECT 11, at, actor, act, subject, details, sha256 FROM audit WHERE sequence = 10",
    )
    change(engine, "UPDATE audit_head SET sequence = 11")
    assert faults(store) == [(11, 11, "changed")]


def test_a_head_that_was_set_back_is_found(store, engine):
    write(store)
    change(engine, "UPDATE audit_head SET sequence = 8")
    assert faults(store) == [(8, 8, "changed")]


def test_rows_from_before_the_chain_are_counted_and_left_alone(store, engine):
    write(store, 2)
    change(engine, "UPDATE audit SET sha256 = NULL")
    change(engine, "UPDATE audit_head SET sha256 = ''")
    write(store, 1)
    report = store.audit.verify()
    assert (report.rows, report.unchained, report.faults) == (2, 4, ())


def test_many_who_write_at_once_make_one_chain(store, url):
    def work():
        other = open_store(url, patience_seconds=30)
        for _ in range(10):
            other.decisions.record([record(), record()])
        other.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = store.audit.verify()
    assert (report.rows, report.sequence, report.faults) == (80, 80, ())


def test_what_is_taken_back_leaves_no_gap(store, engine):
    write(store, 1)
    broken = record()
    with pytest.raises(StoreError):
        store.decisions.record([broken, broken])
    write(store, 1)
    assert store.audit.verify().sequence == 4
    assert faults(store) == []


def test_odd_characters_are_bound_as_they_are_kept(store):
    store.decisions.record([record(key_id="a\0b\ud800é")])
    assert faults(store) == []


def test_a_long_audit_is_followed_page_by_page(store, monkeypatch):
    monkeypatch.setattr("evenhand.store.audit._PAGE", 3)
    write(store)
    assert store.audit.verify().rows == 10

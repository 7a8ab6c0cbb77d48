from evenhand.store.audit import Audit
from samples import record


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
    assert [name for name in vars(Audit) if not name.startswith("_")] == ["list"]

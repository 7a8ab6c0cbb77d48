from datetime import timedelta

from evenhand.store.store import open_store
from samples import NOON, record


def test_what_is_deleted_is_overwritten_in_the_sqlite_file(tmp_path):
    file = tmp_path / "evenhand.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.decisions.record([record(at=NOON - timedelta(days=31), body="a needle in the file " * 20)])
    store.enforce_retention(NOON, content_days=30, decision_days=None, feedback_days=None)
    store.close()
    assert b"a needle in the file" not in file.read_bytes()

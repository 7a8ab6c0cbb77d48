import secrets
from datetime import timedelta

import msgspec
import pytest

from evenhand.core.decision import Decision
from samples import NOON, record


@pytest.fixture
def ids(store):
    """Seven decisions, an hour between each and the next."""
    made = [f"dec_{hour:012x}{secrets.token_hex(10)}" for hour in range(7)]
    records = [record(id=each, at=NOON + timedelta(hours=hour)) for hour, each in enumerate(made)]
    store.decisions.record(records[::-1])
    return made


def test_a_store_without_decisions_has_no_parts(store):
    assert store.signal_sets.ends(3) == []
    assert store.signal_sets.page(after="", until="dec_g", limit=3) == []


@pytest.mark.parametrize(("size", "places"), [(1, range(7)), (3, [2, 5, 6]), (7, [6]), (8, [6])])
def test_parts_end_after_so_many_and_at_the_last_one(store, ids, size, places):
    assert store.signal_sets.ends(size) == [ids[place] for place in places]


def test_pages_give_every_decision_once_in_order(store, ids):
    found, after = [], ""
    while page := store.signal_sets.page(after=after, until=ids[5], limit=4):
        found += page
        after = page[-1][0]
    assert [name for name, _ in found] == ids[:6]
    for name, document in found:
        assert msgspec.json.decode(document, type=Decision) == store.decisions.get(name).decision


def test_what_is_older_is_left_out(store, ids):
    since = NOON + timedelta(hours=4)
    assert store.signal_sets.ends(2, since=since) == [ids[5], ids[6]]
    assert [name for name, _ in store.signal_sets.page(after="", until=ids[6], limit=9, since=since)] == ids[4:]


def test_texts_are_given_where_they_are_kept_and_that_is_audited(store):
    kept, other = record(body="what was \0 said"), record()
    store.decisions.record([kept, other])
    names = [kept.decision.id, other.decision.id]
    assert store.signal_sets.view(names, now=NOON, what_for="a test") == {kept.decision.id: "what was \0 said"}
    rows = [row for row in store.audit.list() if row.act == "content.viewed"]
    assert [(row.actor, row.subject, row.details) for row in rows] == [
        ("system", each, {"for": "a test"}) for each in names
    ]


def test_nothing_to_look_at_leaves_no_trace(store):
    assert store.signal_sets.view([], now=NOON, what_for="a test") == {}
    assert store.audit.list() == []

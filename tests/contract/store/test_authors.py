"""What is counted of an author's earlier decisions."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from evenhand.core.decision import Action
from evenhand.core.errors import StoreError
from evenhand.core.facts import AuthorHistory
from samples import NOON, record


def wrote(author_id, action=Action.ALLOW, *, days=0, **options):
    return replace(record(action=action, at=NOON - timedelta(days=days), **options), author_id=author_id)


def test_decisions_of_thirty_days_are_counted(store):
    store.decisions.record(
        [
            wrote("ann", days=90),
            wrote("ann", Action.BLOCK, days=30),
            wrote("ann", Action.BLOCK, days=29, key_id="a" * 12),
            wrote("ann", Action.REVIEW, days=1, key_id="b" * 12),
            wrote("ann", Action.REVIEW),
            wrote("ann"),
            wrote("ben", Action.BLOCK),
            wrote("", Action.BLOCK),
        ]
    )
    found = store.authors.histories({"ann", "ben", "nobody"}, NOON)
    assert found == {"ann": AuthorHistory(4, 2, 1, 90), "ben": AuthorHistory(1, 0, 1, 0)}


def test_only_old_decisions_are_a_history_too(store):
    store.decisions.record([wrote("ann", Action.BLOCK, days=200)])
    assert store.authors.histories(["ann"], NOON) == {"ann": AuthorHistory(first_seen_days=200)}


def test_a_ruling_counts_instead_of_what_was_decided_first(store, engine):
    store.decisions.record([wrote("ann", Action.BLOCK), wrote("ann", Action.REVIEW), wrote("ann", Action.REVIEW)])
    with engine.begin() as connection:
        connection.execute(text("UPDATE decisions SET ruled_action = 'allow' WHERE action = 'block'"))
        connection.execute(
            text(
                "UPDATE decisions SET ruled_action = 'block'"
                " WHERE id = (SELECT max(id) FROM decisions WHERE action = 'review')"
            )
        )
    assert store.authors.histories(["ann"], NOON) == {"ann": AuthorHistory(3, 1, 1, 0)}


def test_nobody_is_asked_for(store):
    assert store.authors.histories([], NOON) == {}


def test_more_names_than_a_query_takes(store):
    store.decisions.record([wrote(f"author {number}") for number in range(1_201)])
    names = {f"author {number}" for number in range(1_300)}
    assert len(store.authors.histories(names, NOON)) == 1_201


def test_names_that_no_database_takes_are_found_as_they_were_kept(store):
    store.decisions.record([wrote("nul\0l")])
    assert set(store.authors.histories(["nul\0l", "nul\ufffdl"], NOON)) == {"nul\0l", "nul\ufffdl"}


def test_a_clock_that_went_back_counts_no_days(store):
    store.decisions.record([wrote("ann", days=-2)])
    assert store.authors.histories(["ann"], NOON)["ann"].first_seen_days == 0


def test_a_database_that_is_gone_is_a_store_error(store, engine):
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE decisions RENAME TO gone"))
    with pytest.raises(StoreError):
        store.authors.histories(["ann"], NOON)

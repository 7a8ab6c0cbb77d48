import dataclasses
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from evenhand.core.errors import StoreError
from evenhand.store.records import Feedback
from samples import feedback

json_values = st.recursive(
    st.none() | st.booleans() | strategies.texts | st.integers(0, 1000),
    lambda items: st.lists(items, max_size=2) | st.dictionaries(strategies.texts, items, max_size=2),
    max_leaves=5,
)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
feedbacks = st.builds(
    Feedback,
    id=st.just(""),
    created_at=strategies.times,
    key_id=names,
    comment=strategies.texts,
    suggested=st.dictionaries(strategies.texts, strategies.scores, max_size=3),
    spans=st.dictionaries(strategies.texts, json_values, max_size=3),
    languages=strategies.tuples_of(strategies.texts),
    context=st.none() | st.dictionaries(strategies.texts, json_values, max_size=2),
    community_id=names,
    client_token=names,
    session_id=names,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(feedbacks)
def test_feedback_comes_back_equal(store, item):
    item = dataclasses.replace(item, id=f"fb_{secrets.token_hex(16)}")
    store.feedback.record(item)
    assert item in store.feedback.list(limit=1000)


def test_names_with_nul_are_kept_with_a_replacement(store):
    store.feedback.record(feedback(client_token="a\0b"))
    assert store.feedback.list()[0].client_token == "a\ufffdb"


def test_an_id_is_taken_once(store):
    item = feedback()
    store.feedback.record(item)
    with pytest.raises(StoreError) as caught:
        store.feedback.record(item)
    assert caught.value.code == "store.refused"
    assert store.feedback.list() == [item]


def test_pages_follow_each_other(store):
    items = [feedback(id=f"fb_{number:032x}") for number in range(7)]
    for item in reversed(items):
        store.feedback.record(item)
    first = store.feedback.list(limit=3)
    second = store.feedback.list(after=first[-1].id, limit=3)
    third = store.feedback.list(after=second[-1].id, limit=3)
    assert first + second + third == items
    assert store.feedback.list(after=items[-1].id) == []

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

import strategies
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.store.records import StoredImage
from evenhand.store.tables import content_images
from samples import NOON, record


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.texts, strategies.tuples_of(strategies.texts))
def test_body_and_context_come_back_equal(store, body, context):
    kept = record(body=body, context=context)
    store.decisions.record([kept])
    content = store.contents.get(kept.decision.id)
    assert (content.body, content.context) == (body, context)


def test_nul_and_20_000_letters_survive(store):
    kept = record(body="a\0" * 10_000, context=("\0",))
    store.decisions.record([kept])
    assert store.contents.get(kept.decision.id).body == "a\0" * 10_000


@pytest.mark.parametrize(
    ("action", "reason"), [(Action.ALLOW, "asked"), (Action.REVIEW, "review"), (Action.BLOCK, "asked")]
)
def test_it_says_why_it_was_kept(store, action, reason):
    kept = record(action=action, body="text")
    store.decisions.record([kept])
    content = store.contents.get(kept.decision.id)
    assert content.kept_because == reason
    assert content.decision_id == kept.decision.id
    assert content.created_at == NOON


def test_without_a_body_there_is_none(store):
    kept, beside = record(context=("not kept either",)), record(body="kept")
    store.decisions.record([kept, beside])
    with pytest.raises(NotFoundError) as caught:
        store.contents.get(kept.decision.id)
    assert caught.value.code == "content.not_found"
    assert store.contents.get(beside.decision.id).body == "kept"


IMAGES = (StoredImage(0, 0, b"first"), StoredImage(0, 7, b"second"), StoredImage(1, 0, b"\x00\xff"))


def test_images_come_back_in_order_and_only_beside_a_body(store):
    kept, beside = record(body=""), record()
    kept, beside = (replace(each, images=tuple(reversed(IMAGES))) for each in (kept, beside))
    store.decisions.record([kept, beside])
    content = store.contents.get(kept.decision.id)
    assert (content.body, content.images) == ("", IMAGES)
    with pytest.raises(NotFoundError):
        store.contents.get(beside.decision.id)


def test_images_go_with_their_content(store):
    kept = replace(record(body="text"), images=IMAGES)
    store.decisions.record([kept])
    store.enforce_retention(NOON + timedelta(days=2), content_days=1, decision_days=None, feedback_days=None)
    with store._database.read() as connection:
        assert connection.execute(select(content_images)).all() == []

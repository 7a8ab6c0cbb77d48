import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.alert import DeliveryStatus, EventKind
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError
from evenhand.store import webhooks as webhooks_module
from evenhand.store.webhooks import OVERLAP
from samples import record

NOW = datetime.now(UTC)
URL = "https://receiver.example/hook?key=SECRET"


def create(store, name="hook", **options):
    return store.webhooks.create(name=name, url=URL, **options)


def acts(store):
    return [(row.act, row.details) for row in store.audit.list(limit=1000) if row.act.startswith("webhook.")]


def test_a_new_webhook_is_listed_and_found(store):
    key, _ = store.keys.create(name="k", scopes=frozenset(), requests_per_minute=1)
    webhook, secret = create(store)
    kinds = frozenset({EventKind.JOB_DONE, EventKind.DECISION_MADE})
    narrow, other = create(store, "narrow", kinds=kinds, actions=frozenset({Action.BLOCK}), key_id=key.id)
    assert store.webhooks.list() == [webhook, narrow]
    assert store.webhooks.get("narrow") == narrow
    assert (webhook.url, webhook.kinds, webhook.actions, webhook.key_id) == (URL, frozenset(), frozenset(), "")
    assert (narrow.kinds, narrow.actions, narrow.key_id) == (kinds, {Action.BLOCK}, key.id)
    assert webhook.is_enabled
    assert webhook.created_at.utcoffset() == timedelta(0)
    assert store.webhooks.secrets(webhook.id, NOW) == (secret,) != (other,)
    assert acts(store)[1] == (
        "webhook.created",
        {
            "name": "narrow",
            "kinds": ["decision.made", "job.done"],
            "actions": ["block"],
            "key_id": key.id,
            "host": "receiver.example",
        },
    )


def test_a_name_is_taken_once_and_free_again_after_removal(store):
    first, _ = create(store)
    with pytest.raises(InputError) as caught:
        create(store)
    assert caught.value.code == "webhook.exists"
    store.webhooks.remove("hook")
    assert create(store)[0].id > first.id


def test_what_no_webhook_can_be_is_refused_and_leaves_no_trace(store):
    for options, code in (
        ({"name": "a b"}, "webhook.name"),
        ({"kinds": frozenset({EventKind.WEBHOOK_TEST})}, "webhook.kind"),
        ({"key_id": "0" * 12}, "key.not_found"),
    ):
        with pytest.raises(InputError) as caught:
            create(store, **options)
        assert caught.value.code == code
    assert store.webhooks.list() == acts(store) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda webhooks: webhooks.get("none"),
        lambda webhooks: webhooks.set_enabled("none", is_enabled=True),
        lambda webhooks: webhooks.rotate("none", NOW),
        lambda webhooks: webhooks.remove("none"),
    ],
)
def test_a_webhook_that_is_not_there_is_not_found(store, act):
    with pytest.raises(NotFoundError) as caught:
        act(store.webhooks)
    assert caught.value.code == "webhook.not_found"
    assert acts(store) == []


def test_a_webhook_can_be_disabled_and_enabled_and_each_is_audited_once(store):
    webhook, _ = create(store)
    assert not store.webhooks.set_enabled("hook", is_enabled=False, because="gone").is_enabled
    assert not store.webhooks.set_enabled("hook", is_enabled=False).is_enabled
    assert store.webhooks.set_enabled("hook", is_enabled=True) == webhook
    assert acts(store)[1:] == [("webhook.switched_off", {"because": "gone"}), ("webhook.switched_on", {})]


def test_a_secret_that_is_replaced_signs_along_for_a_day(store, engine):
    webhook, first = create(store)
    second = store.webhooks.rotate("hook", NOW)
    assert store.webhooks.secrets(webhook.id, NOW) == (second, first)
    third = store.webhooks.rotate("hook", NOW + timedelta(hours=1))
    assert store.webhooks.secrets(webhook.id, NOW + OVERLAP - timedelta(seconds=1)) == (third, second, first)
    assert store.webhooks.secrets(webhook.id, NOW + OVERLAP) == (third, second)
    fourth = store.webhooks.rotate("hook", NOW + 2 * OVERLAP)
    assert store.webhooks.secrets(webhook.id, NOW + 2 * OVERLAP) == (fourth, third)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM webhook_secrets").scalar_one() == 2
    assert acts(store)[1:] == [("webhook.rotated", {})] * 3


def test_a_removed_webhook_is_gone_with_secrets_and_deliveries(store, engine, monkeypatch):
    monkeypatch.setattr(webhooks_module, "_BATCH", 2)
    webhook, _ = create(store)
    other, secret = create(store, "other")
    store.decisions.record([record() for _ in range(5)])
    assert store.webhooks.remove("hook") == 5
    assert store.webhooks.list() == [other]
    assert store.webhooks.secrets(webhook.id, NOW) == ()
    assert store.webhooks.secrets(other.id, NOW) == (secret,)
    assert store.deliveries.counts() == {other.id: {DeliveryStatus.WAITING: 5}}
    assert acts(store)[-2:] == [("webhook.switched_off", {}), ("webhook.removed", {"deliveries": 5})]


def test_of_several_who_take_a_name_at_once_one_has_it(store):
    together = threading.Barrier(4)

    def take(_):
        together.wait()
        try:
            return create(store)
        except InputError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(4)))
    assert taken.count("webhook.exists") == 3


def test_neither_secrets_nor_urls_stand_in_the_audit(store):
    webhook, secret = create(store)
    rotated = store.webhooks.rotate("hook", NOW)
    store.webhooks.remove("hook")
    told = repr((store.audit.list(), webhook.name))
    assert not any(hidden in told for hidden in (secret[6:], rotated[6:], "SECRET"))

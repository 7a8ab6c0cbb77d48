from datetime import UTC, datetime

import pytest

from evenhand.core.alert import KINDS, Attempt, EventKind, Webhook, check_webhook
from evenhand.core.decision import Action
from evenhand.core.errors import InputError

NOW = datetime.now(UTC)


def webhook(*, kinds=(), actions=(), key_id="", is_enabled=True):
    return Webhook(1, "hook", "https://x.example/", frozenset(kinds), frozenset(actions), key_id, is_enabled, NOW)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, True),
        ({"is_enabled": False}, False),
        ({"kinds": [EventKind.DECISION_MADE, EventKind.JOB_DONE]}, True),
        ({"kinds": [EventKind.JOB_DONE]}, False),
        ({"actions": [Action.BLOCK]}, True),
        ({"actions": [Action.REVIEW]}, False),
        ({"key_id": "k"}, True),
        ({"key_id": "other"}, False),
        ({"kinds": [EventKind.DECISION_MADE], "actions": [Action.BLOCK], "key_id": "k"}, True),
        ({"kinds": [EventKind.DECISION_MADE], "actions": [Action.BLOCK], "key_id": "other"}, False),
    ],
)
def test_a_webhook_wants_what_passes_all_that_it_asks_for(options, wanted):
    assert webhook(**options).wants(EventKind.DECISION_MADE, action=Action.BLOCK, key_id="k") is wanted


def test_actions_say_nothing_about_events_that_have_none():
    assert webhook(actions=[Action.BLOCK]).wants(EventKind.JOB_FAILED, action=None, key_id="")


@pytest.mark.parametrize("name", ["a", "forum-2", "a.b_c", "x" * 64])
def test_a_plain_name_passes(name):
    check_webhook(name=name, kinds=frozenset(KINDS))


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a b", "x" * 65, "ä", "a\n"])
def test_another_name_is_refused(name):
    with pytest.raises(InputError) as caught:
        check_webhook(name=name, kinds=frozenset())
    assert (caught.value.code, caught.value.field) == ("webhook.name", "name")


def test_nobody_can_ask_for_tests():
    with pytest.raises(InputError) as caught:
        check_webhook(name="a", kinds=frozenset(EventKind))
    assert caught.value.code == "webhook.kind"
    assert "webhook.test" in caught.value.message


def test_an_attempt_without_an_error_is_delivered():
    assert Attempt(NOW, 1, 204, "").is_delivered
    assert not Attempt(NOW, 1, 500, "url.status").is_delivered

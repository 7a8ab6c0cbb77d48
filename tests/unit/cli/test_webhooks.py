import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from databases import store_in
from evenhand.cli.webhooks import command
from evenhand.core.alert import Attempt, DeliveryStatus
from evenhand.core.errors import ConfigurationError, EndpointError, InputError, NotFoundError
from fakes.site import Site, answer
from samples import record

#: A public address, so that nothing is looked up.
URL = "https://93.184.216.34/hook"
NOW = datetime.now(UTC)


@pytest.fixture
def hooks(run, tmp_path):
    return lambda name, *arguments, **options: run(
        command, name, *map(str, arguments), "--data-folder", str(tmp_path / "hooks"), **options
    )


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path / "hooks")
    yield opened
    opened.close()


@pytest.fixture
def forum(hooks, store):
    hooks("create", URL, "--name", "forum")
    return hooks


def listed(hooks):
    return json.loads(hooks("list", "--json").output)


def happen(store, *statuses):
    """Have the webhook's deliveries end in these ways, oldest first."""
    webhook = store.webhooks.get("forum")
    for status in statuses:
        store.decisions.record([record()])
        now = datetime.now(UTC) + timedelta(seconds=1)
        attempt = Attempt(NOW, 12, 500, "url.status") if status == "dead" else Attempt(NOW, 7, 204, "")
        if status != "waiting":
            (claimed,) = store.deliveries.claim(webhook.id, now=now, until=now, limit=1)
            store.deliveries.finish(claimed, attempt, status=DeliveryStatus(status))


def test_the_secret_is_printed_once_and_nothing_else(hooks):
    made = hooks("create", URL, "--name", "forum")
    assert made.output.startswith("whsec_")
    assert len(made.output.split()) == 1
    for shown in (hooks("list").output, hooks("list", "--json").output):
        assert URL in shown
        assert made.output.strip() not in shown
    assert hooks("list").output == f"forum  {URL}  all  enabled  0 waiting, 0 delivered, 0 dead\n"


def test_json_of_a_new_webhook_is_its_row_of_the_list_and_the_secret(hooks, store):
    key, _ = store.keys.create(name="k", scopes=frozenset(), requests_per_minute=1)
    wanted = ("--kind", "job.done", "--kind", "decision.made", "--action", "block", "--key", key.id)
    made = json.loads(hooks("create", URL, "--name", "narrow", *wanted, "--json").output)
    assert made.pop("secret").startswith("whsec_")
    assert [made] == listed(hooks)
    assert (made["kinds"], made["actions"]) == (["decision.made", "job.done"], ["block"])
    assert made["deliveries"] == {"waiting": 0, "delivered": 0, "dead": 0}
    assert f"  decision.made,job.done,block,{key.id}  enabled" in hooks("list").output


def test_the_list_of_no_webhooks_is_empty(hooks):
    assert hooks("list").output == ""
    assert listed(hooks) == []


@pytest.mark.parametrize(
    ("url", "options", "code"),
    [
        (URL, ("--name", "A B"), "webhook.name"),
        (URL, ("--name", "a", "--key", "0" * 12), "key.not_found"),
        ("ftp://receiver.example/", ("--name", "a"), "url.scheme"),
        ("https://user@receiver.example/", ("--name", "a"), "url.credentials"),
        ("http://localhost/", ("--name", "a"), "url.private_address"),
        ("http://10.0.0.1/", ("--name", "a"), "url.private_address"),
    ],
)
def test_what_no_webhook_can_be_is_refused(hooks, url, options, code):
    assert hooks("create", url, *options).exception.code == code
    assert listed(hooks) == []


def test_a_private_host_has_to_be_allowed(hooks):
    made = hooks("create", "http://10.0.0.1/", "--name", "a", "--setting", "webhook_hosts", "10.0.0.1")
    assert made.output.startswith("whsec_")
    wrong = hooks("create", URL, "--name", "b", "--setting", "webhook_hosts", "http://10.0.0.1")
    assert isinstance(wrong.exception, ConfigurationError)


@pytest.mark.parametrize(
    "wrong",
    [
        ("create", URL),
        ("create", URL, "--name", "a", "--kind", "webhook.test"),
        ("create", URL, "--name", "a", "--action", "delete"),
        ("deliveries", "forum", "--status", "lost"),
        ("deliveries", "forum", "--limit", "0"),
        ("replay", "forum"),
        ("replay", "forum", "--dead", "--event", "evt_1"),
        ("replay", "forum", "--since", "yesterday"),
        ("replay", "forum", "--since", "999999d"),
    ],
)
def test_a_wrong_option_is_a_wrong_call(forum, wrong):
    assert forum(*wrong).exit_code == 2


@pytest.mark.parametrize("name", ["deliveries", "rotate", "enable", "disable", "remove", "test"])
def test_what_is_not_there_is_told(hooks, name):
    assert isinstance(hooks(name, "none").exception, NotFoundError)
    assert isinstance(hooks("replay", "none", "--dead").exception, NotFoundError)


def test_a_name_is_taken_once(forum):
    assert forum("create", URL, "--name", "forum").exception.code == "webhook.exists"


def test_deliveries_are_shown_newest_first_with_what_came_of_them(forum, store):
    happen(store, "dead", "delivered", "waiting")
    waiting, delivered, dead = forum("deliveries", "forum").output.splitlines()
    assert f"delivered  attempts 1  status 204 after 7 ms {NOW:%Y-%m-%dT%H:%M:%SZ}" in delivered
    assert dead.startswith("evt_")
    assert "  decision.made  dec_" in dead
    assert f"dead  attempts 1  status 500 after 12 ms {NOW:%Y-%m-%dT%H:%M:%SZ}" in dead
    assert "waiting  attempts 0  not tried yet  next " in waiting
    assert forum("deliveries", "forum", "--status", "dead").output.splitlines() == [dead]
    assert forum("deliveries", "forum", "--limit", "1").output.splitlines() == [waiting]


def test_json_of_deliveries_has_every_attempt(forum, store):
    happen(store, "dead", "delivered", "waiting")
    shown = json.loads(forum("deliveries", "forum", "--json").output)
    assert [item["status"] for item in shown] == ["waiting", "delivered", "dead"]
    assert [item["log"] for item in shown] == [
        [],
        [{"at": NOW.isoformat(), "milliseconds": 7, "status": 204, "error": ""}],
        [{"at": NOW.isoformat(), "milliseconds": 12, "status": 500, "error": "url.status"}],
    ]
    assert [bool(item["next_at"]) for item in shown] == [True, False, False]
    assert [bool(item["delivered_at"]) for item in shown] == [False, True, False]


def test_a_secret_is_replaced(forum, store):
    webhook = store.webhooks.get("forum")
    (old,) = store.webhooks.secrets(webhook.id, NOW)
    new = forum("rotate", "forum").output.strip()
    assert store.webhooks.secrets(webhook.id, NOW) == (new, old)
    newest = json.loads(forum("rotate", "forum", "--json").output)
    assert newest == {"webhook": "forum", "secret": store.webhooks.secrets(webhook.id, NOW)[0]}


def test_a_webhook_can_be_disabled_and_enabled(forum):
    assert forum("disable", "forum").output == "The webhook forum is disabled.\n"
    assert "disabled" in forum("list").output
    assert json.loads(forum("enable", "forum", "--json").output) == {"webhook": "forum", "is_enabled": True}
    assert forum("enable", "forum").output == "The webhook forum is enabled.\n"


def test_a_webhook_is_removed_when_that_is_confirmed(forum, store):
    happen(store, "waiting", "waiting")
    assert forum("remove", "forum", input="n\n").exit_code == 1
    assert len(listed(forum)) == 1
    assert forum("remove", "forum", input="y\n").stdout == "The webhook forum is removed. Deliveries removed: 2.\n"
    assert listed(forum) == []


def test_it_is_not_asked_with_yes(forum):
    assert json.loads(forum("remove", "forum", "--yes", "--json").output) == {"webhook": "forum", "deliveries": 0}


@pytest.fixture
def local(hooks):
    """Return a function that makes the webhook `local`, which goes to `site`, and then calls a command."""

    def made(site, *arguments):
        allowed = ("--setting", "webhook_hosts", "127.0.0.1")
        secret = hooks("create", f"http://127.0.0.1:{site.port}/", "--name", "local", *allowed).output.strip()
        return secret, hooks(*arguments, *allowed)

    return made


def test_a_test_says_what_came_back(local):
    with Site(answer(b"", status="202 x")) as site:
        secret, ended = local(site, "test", "local")
    event = Webhook(secret).verify(site.bodies[0], site.requests[0][1])
    assert (event["type"], event["data"]) == ("webhook.test", {"webhook": "local"})
    assert ended.output.startswith(f"It took the event {event['id']}: status 202 after ")


def test_a_test_that_fails_is_an_error_with_a_code(local):
    with Site(answer(b"", status="500 x")) as site:
        _, ended = local(site, "test", "local")
    assert isinstance(ended.exception, EndpointError)
    assert ended.exception.code == "url.status"
    assert "status 500 after" in ended.exception.message


def test_a_test_without_an_answer_says_why(local):
    with Site(b"") as site:
        _, ended = local(site, "test", "local")
    assert ended.exception.code == "url.unreachable"
    assert "url.unreachable after" in ended.exception.message


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (404, 6)])
def test_json_of_a_test_has_the_attempt(local, status, exit_code):
    with Site(answer(b"", status=f"{status} x")) as site:
        _, ended = local(site, "test", "local", "--json")
    shown = json.loads(ended.stdout)
    assert ended.exit_code == exit_code
    assert shown["event"] == json.loads(site.bodies[0])["id"]
    assert (shown["status"], bool(shown["error"])) == (status, status != 200)


def test_a_test_of_a_host_that_is_no_longer_allowed_says_what_to_do(local, hooks):
    with Site(answer(b"")) as site:
        local(site, "list")
        ended = hooks("test", "local")
    assert isinstance(ended.exception, InputError)
    assert "webhook_hosts" in str(ended.exception)
    assert site.requests == []


def test_dead_ones_are_replayed(forum, store):
    happen(store, "dead", "delivered", "dead")
    assert forum("replay", "forum", "--dead").output == "Deliveries made again: 2.\n"
    assert [item.status for item in store.deliveries.list(1)] == ["waiting", "delivered", "waiting"]


@pytest.mark.parametrize(
    ("since", "count"),
    [
        *[("1m", 1), ("2h", 1), ("7d", 1), ("0m", 0)],
        *[("2020-01-01", 1), ("2020-01-01T00:00+02:00", 1), ("2200-01-01T00:00", 0)],
    ],
)
def test_what_happened_since_a_time_is_replayed(forum, store, since, count):
    happen(store, "delivered")
    shown = json.loads(forum("replay", "forum", "--since", since, "--json").output)
    assert shown == {"webhook": "forum", "deliveries": count}


def test_one_event_is_replayed_and_a_disabled_webhook_is_pointed_out(forum, store):
    happen(store, "delivered", "delivered")
    event_id = store.deliveries.list(1)[0].event.id
    forum("disable", "forum")
    assert forum("replay", "forum", "--event", event_id).output == (
        "Deliveries made again: 1. The webhook is disabled: they wait until it is enabled.\n"
    )
    assert [item.status for item in store.deliveries.list(1)] == ["waiting", "delivered"]
    assert forum("replay", "forum", "--event", "evt_0").exception.code == "event.not_found"

import json

import pytest
from sqlalchemy import create_engine, text

from databases import store_in
from evenhand.cli.policy_history import EXIT_OTHERWISE, list_policies, replay, shadow, show
from evenhand.core.content import Content
from evenhand.core.errors import NotFoundError
from evenhand.engine.screen import Engine
from evenhand.policy.load import parse_policy
from evenhand.service.moderate import Moderation
from evenhand.service.replay import Shadow
from evenhand.store.records import StoredPolicy
from fakes.detectors import ScriptedDetector
from samples import NOON

LIVE = parse_policy("name: live\nthresholds:\n  harassment: {review: 0.5}\n")
STRICTER = parse_policy("name: stricter\nthresholds:\n  harassment: {review: 0.3}\n")


@pytest.fixture
def decisions(tmp_path):
    """Three decisions; the policy in the shadow would have made the second otherwise."""
    store = store_in(tmp_path)
    detector = ScriptedDetector(lambda text: [detector.signal(float(text))])
    moderation = Moderation(Engine([detector]), [LIVE], store=store, shadow=Shadow(STRICTER))
    store.policies.keep([StoredPolicy(each.version.version, each.name, NOON, each.source) for each in (LIVE, STRICTER)])
    made = moderation.moderate([moderation.submission(Content(score)) for score in ("0.1", "0.4", "0.6")])
    moderation.close()
    store.close()
    return made


@pytest.fixture
def call(run, tmp_path):
    return lambda *arguments: run(*arguments, "--data-folder", str(tmp_path))


def test_the_list_says_when_and_how_often_a_policy_was_used(call, decisions):
    lines = [line.split() for line in call(list_policies).output.splitlines()]
    assert [LIVE.version.version, "2026-11-23", "12:00", "3", "decisions", "live"] in lines
    facts = [json.loads(line) for line in call(list_policies, "--json").output.splitlines()]
    assert {(each["name"], each["decisions"]) for each in facts} == {("live", 3), ("stricter", 0)}
    assert {each["first_used"] for each in facts} == {NOON.isoformat()}


@pytest.mark.parametrize("name", [LIVE.version.version, "live"])
def test_a_stored_policy_is_printed_as_it_was(call, decisions, name):
    assert parse_policy(call(show, name).output).version == LIVE.version


def test_an_unknown_policy_is_not_found(call, decisions):
    assert isinstance(call(show, "nobody").exception, NotFoundError)


def test_a_decision_made_again_is_the_same(call, decisions):
    for made in decisions:
        result = call(replay, made.id)
        assert (result.exit_code, result.output) == (0, f"same: {made.action} by live {LIVE.version.version}\n")
    facts = json.loads(call(replay, made.id, "--json").output)
    assert (facts["same"], facts["changes"], facts["policy"]["name"]) == (True, {}, "live")


def test_what_was_changed_in_the_database_is_told_by_replaying(call, decisions, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE decisions SET document = replace(document, '\"review\"', '\"block\"')"))
    engine.dispose()
    result = call(replay, decisions[2].id)
    assert result.exit_code == EXIT_OTHERWISE
    assert result.output.startswith("action\n  before: block\n  after:  review\nrules\n")
    result = call(replay, decisions[2].id, "--json")
    assert result.exit_code == EXIT_OTHERWISE
    changes = json.loads(result.output)["changes"]
    assert changes["action"] == {"before": "block", "after": "review"}
    assert changes["rules"]["after"][0]["rule"] == "harassment.review"


def test_a_decision_or_policy_that_is_not_there_is_not_found(call, decisions, tmp_path):
    assert call(replay, "dec_0").exception.code == "decision.not_found"
    engine = create_engine(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM policies"))
    engine.dispose()
    assert call(replay, decisions[0].id).exception.code == "policy.not_stored"


@pytest.mark.parametrize("names", [(), ("stricter",), (STRICTER.version.version,)])
def test_the_shadow_says_what_would_have_been_otherwise(call, decisions, names):
    assert call(shadow, *names).output.splitlines() == [
        f"stricter {STRICTER.version.version}, in use since 2026-11-23 12:00",
        "3 decisions since, 1 differ",
        f"  {'allow -> review':32}{1:10}",
        "by category",
        f"  {'harassment':32}{1:10}",
    ]
    (report,) = json.loads(call(shadow, *names, "--json").output)
    assert (report["decisions"], report["differing"]) == (3, 1)
    assert report["moves"] == [{"live": "allow", "shadow": "review", "decisions": 1}]


def test_other_rules_for_the_same_action_are_told_apart(call, decisions, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE shadow_verdicts SET action = 'allow'"))
    engine.dispose()
    assert f"  {'allow, other rules':32}{1:10}" in call(shadow).output.splitlines()


def test_a_shadow_that_never_differed_says_so(call, decisions):
    assert call(shadow, "live").output.splitlines()[1] == "3 decisions since, 0 differ"


def test_without_any_shadow_nothing_differed(call):
    assert call(shadow).output == "No policy in the shadow differed so far.\n"

"""A policy in the shadow of a real server: kept, counted, shown, and never answered."""

import httpx

from evenhand.policy.load import load_policy, parse_policy
from evenhand.service.replay import again
from live import live_server

SHADOW = "name: stricter\nthresholds:\n  harassment: {block: 0.01}\n"
INSULT = "you are a complete idiot"


def decide(server, text):
    answer = httpx.post(f"{server.url}/v1/screen", headers=server.headers, json={"text": text}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_changes_no_answer_and_what_differs_is_kept_and_counted(tmp_path):
    path = tmp_path / "stricter.yaml"
    path.write_text(SHADOW, encoding="utf-8")
    with live_server(tmp_path / "alone", detectors="text.lexicon") as server:
        alone = decide(server, INSULT)
    with live_server(tmp_path / "data", detectors="text.lexicon", shadow_policy_file=str(path)) as server:
        shadowed, good = decide(server, INSULT), decide(server, "what a lovely day")
        page = httpx.get(f"{server.url}/metrics").text
        policies = {use.policy.name: use for use in server.store.policies.list()}
        (found,) = server.store.shadow_verdicts.differences(parse_policy(SHADOW).version.version)
        stored = server.store.decisions.get(good["id"]).decision
    assert (shadowed["action"], shadowed["rules"]) == (alone["action"], alone["rules"])
    assert (found.decision_id, found.live_action, found.action) == (shadowed["id"], alone["action"], "block")
    assert f'evenhand_shadow_decisions_total{{live="{alone["action"]}",shadow="block"}} 1.0' in page
    assert 'evenhand_shadow_decisions_total{live="allow",shadow="allow"} 1.0' in page
    assert {name: use.decisions for name, use in policies.items()} == {"default": 2, "stricter": 0}
    assert again(stored, parse_policy(policies["default"].policy.source)) == stored.verdict
    assert policies["default"].policy.version == load_policy().version.version

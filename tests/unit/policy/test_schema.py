"""The schema agrees with the loader, as far as a schema can see."""

import json

import jsonschema_rs
import pytest
import yaml

from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy, parse_policy
from evenhand.policy.schema import SCHEMA_FILE, policy_schema, schema_text

VALIDATOR = jsonschema_rs.validator_for(policy_schema())
RULE = {"id": "one", "when": "scores.hate > 0.5", "action": "review"}
LABELS = {"id": "one", "when": "scores.hate > 0.5", "action": "label", "tags": ["spoiler"]}
LIST = {"kind": "words", "entries": ["casino"]}


def policy(**fields):
    return {"name": "p", "thresholds": {}, **fields}


ACCEPTED = {
    "thresholds": policy(thresholds={"hate": {"review": 0.5, "block": 1}}),
    "rules only": {"name": "p", "rules": [RULE]},
    "extends only": {"name": "p", "extends": "default"},
    "taken away": {
        "name": "p",
        "extends": "default",
        "thresholds": {"hate": "off", "spam": False},
        "queues": {"hate": "off"},
        "rules": [{"id": "one", "action": "off"}],
    },
    "everything": policy(
        description="x",
        on_failure="block",
        on_unclear_speech="allow",
        queues={"hate": {"queue": "urgent", "priority": 1}},
        lists={"a": LIST},
        rules=[RULE | {"queue": "q", "priority": 10, "description": "d"}, LABELS | {"id": "two"}],
    ),
    "a list's rule": policy(lists={"a": LIST}, rules=[{"id": "one", "list": "a", "action": "block"}]),
}
REFUSED = {
    "nothing": {},
    "no mapping": [],
    "a name alone": {"name": "p"},
    "no name": {"thresholds": {}},
    "bad name": {"name": "P!", "thresholds": {}},
    "extends nothing": {"name": "p", "extends": ""},
    "unknown field": policy(threshold={}),
    "unknown label": policy(thresholds={"hat": {"review": 0.5}}),
    "unknown step": policy(thresholds={"hate": {"allow": 0.5}}),
    "zero": policy(thresholds={"hate": {"review": 0}}),
    "above one": policy(thresholds={"hate": {"review": 1.1}}),
    "a bare number": policy(thresholds={"hate": 0.5}),
    "bad action": policy(on_failure="alow"),
    "bad speech": policy(on_unclear_speech="never"),
    "unknown rule field": policy(rules=[RULE | {"wen": "x"}]),
    "allowing": policy(rules=[RULE | {"action": "allow"}]),
    "no condition": policy(rules=[{"id": "one", "action": "block"}]),
    "two conditions": policy(lists={"a": LIST}, rules=[RULE | {"list": "a"}]),
    "rules as a mapping": policy(rules={"one": RULE}),
    "bad id": policy(rules=[RULE | {"id": "A B"}]),
    "no id": policy(rules=[{"when": "scores.hate > 0.5", "action": "block"}]),
    "priority 0": policy(rules=[RULE | {"priority": 0}]),
    "priority 11": policy(rules=[RULE | {"priority": 11}]),
    "a queue for blocking": policy(rules=[RULE | {"action": "block", "queue": "q"}]),
    "a priority for labelling": policy(rules=[LABELS | {"priority": 1}]),
    "tags for review": policy(rules=[RULE | {"tags": ["a"]}]),
    "no tags": policy(rules=[RULE | {"action": "label"}]),
    "empty tags": policy(rules=[LABELS | {"tags": []}]),
    "too many tags": policy(rules=[LABELS | {"tags": [f"t{number}" for number in range(11)]}]),
    "bad tag": policy(rules=[LABELS | {"tags": ["A b"]}]),
    "a long condition": policy(rules=[RULE | {"when": "true".ljust(2_001) + "."}]),
    "unknown kind": policy(lists={"a": LIST | {"kind": "word"}}),
    "no kind": policy(lists={"a": {"entries": ["x"]}}),
    "file and entries": policy(lists={"a": LIST | {"file": "x"}}),
    "no entries": policy(lists={"a": LIST | {"entries": []}}),
    "bad list name": policy(lists={"a-b": LIST}),
    "long entry": policy(lists={"a": LIST | {"entries": ["x" * 300]}}),
    "unknown queue field": policy(queues={"hate": {"que": "a"}}),
    "queue of an unknown label": policy(queues={"hat": {"queue": "a"}}),
}


def loads(document):
    try:
        parse_policy(yaml.safe_dump(document).replace(": false", ": off"))
    except ConfigurationError:
        return False
    return True


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_the_schema_accepts_loads(case):
    assert (VALIDATOR.is_valid(ACCEPTED[case]), loads(ACCEPTED[case])) == (True, True)


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_schema_refuses_does_not_load(case):
    assert (VALIDATOR.is_valid(REFUSED[case]), loads(REFUSED[case])) == (False, False)


def test_the_file_is_up_to_date():
    """`evenhand policy schema > src/evenhand/policy/schema.json` writes it anew."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_it_is_a_schema_and_the_default_policy_is_of_it():
    jsonschema_rs.meta.validate(json.loads(schema_text()))
    assert VALIDATOR.is_valid(yaml.safe_load(DEFAULT_POLICY_FILE.read_text(encoding="utf-8")))
    assert VALIDATOR.is_valid(yaml.safe_load(load_policy().source))

"""The form of a policy file as a JSON Schema, for editors. The loader refuses more: what no schema can see."""

import json
from pathlib import Path
from typing import Any, Final

from evenhand.core.decision import Action
from evenhand.core.taxonomy import TAXONOMY, Label
from evenhand.policy.check import MAX_LISTS, MAX_RULES
from evenhand.policy.check_rules import ACTIONS, MAX_TAGS, NAME
from evenhand.policy.conditions import MAX_CHARACTERS
from evenhand.policy.lists import KINDS, MAX_ENTRIES, MAX_ENTRY_CHARACTERS
from evenhand.policy.policy import LEAST_URGENT, MOST_URGENT

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")
#: YAML reads a bare `off` as false.
_OFF: Final = {"enum": ["off", False], "description": "Takes away what is inherited."}
_NAME: Final = {"type": "string", "pattern": f"^{NAME}$"}
_LIST_NAME: Final = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}
_ACTION: Final = {"enum": [action.value for action in Action]}
_PRIORITY: Final = {"type": "integer", "minimum": MOST_URGENT, "maximum": LEAST_URGENT, "description": "1 is first."}


def policy_schema() -> dict[str, Any]:
    """Return the schema, of the draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "evenhand policy",
        **_object(
            {
                "name": _NAME | {"description": "How requests choose it."},
                "description": {"type": "string"},
                "extends": {
                    "type": "string",
                    "minLength": 1,
                    "description": "`default`, or the path of a policy to inherit from.",
                },
                "on_failure": _ACTION | {"description": "The least that is done when a detector fails."},
                "on_unclear_speech": _ACTION | {"description": "The least that is done about unclear speech."},
                "thresholds": _by_label(_steps()),
                "queues": _by_label(_object({"queue": _NAME, "priority": _PRIORITY})),
                "lists": {
                    "type": "object",
                    "propertyNames": _LIST_NAME,
                    "maxProperties": MAX_LISTS,
                    "additionalProperties": _list(),
                },
                "rules": {"type": "array", "maxItems": MAX_RULES, "items": _rule()},
            },
            required=["name"],
        ),
        "anyOf": [{"required": [key]} for key in ("thresholds", "rules", "extends")],
    }


def schema_text() -> str:
    """Return the schema as its file holds it."""
    return json.dumps(policy_schema(), indent=2) + "\n"


def _object(properties: dict[str, Any], *, required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    } | ({"required": required} if required else {})


def _by_label(of: dict[str, Any]) -> dict[str, Any]:
    described = {label.value: {"description": TAXONOMY[label].definition, "anyOf": [of, _OFF]} for label in Label}
    return _object(described)


def _steps() -> dict[str, Any]:
    threshold = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    return _object({"review": threshold, "block": threshold})


def _list() -> dict[str, Any]:
    entries = {"type": "string", "minLength": 1, "maxLength": MAX_ENTRY_CHARACTERS}
    return _object(
        {
            "kind": {"enum": list(KINDS)},
            "file": {"type": "string", "description": "A path, from the policy's folder; one entry a line."},
            "entries": {"type": "array", "minItems": 1, "maxItems": MAX_ENTRIES, "items": entries},
        },
        required=["kind"],
    ) | {"oneOf": [{"required": ["file"]}, {"required": ["entries"]}]}


def _rule() -> dict[str, Any]:
    when = {"type": "string", "maxLength": MAX_CHARACTERS, "description": "A condition in CEL; see docs/policy.md."}
    forbidden = {"not": {"anyOf": [{"required": ["queue"]}, {"required": ["priority"]}]}}
    return _object(
        {
            "id": _NAME,
            "description": {"type": "string"},
            "when": when,
            "list": _LIST_NAME | {"description": "Instead of `when`: a list of which something is found."},
            "action": {"enum": [*ACTIONS, "off", False]},
            "queue": _NAME,
            "priority": _PRIORITY,
            "tags": {"type": "array", "minItems": 1, "maxItems": MAX_TAGS, "items": _NAME},
        },
        required=["id", "action"],
    ) | {
        "allOf": [
            {
                "if": _asks_for("review", "block", "label"),
                "then": {"oneOf": [{"required": ["when"]}, {"required": ["list"]}]},
            },
            {"if": _asks_for("label"), "then": {"required": ["tags"]}, "else": {"not": {"required": ["tags"]}}},
            {"if": _asks_for("block", "label"), "then": forbidden},
        ]
    }


def _asks_for(*actions: str) -> dict[str, Any]:
    return {"properties": {"action": {"enum": list(actions)}}, "required": ["action"]}

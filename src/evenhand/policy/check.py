"""Check a policy document and point at what is wrong with it.

Works on YAML nodes, not on loaded values, because only nodes know their line and column. Loading by nodes also keeps
YAML's surprises out: a key given twice is an error here, and no tag ever builds an object.
"""

import difflib
import re
from collections.abc import Iterable
from typing import NoReturn

import yaml

from evenhand.core.conduct import personal_attributes_in
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy, Rule

_KEYS = ("name", "description", "on_failure", "on_unclear_speech", "thresholds")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def check_document(document: yaml.Node | None, text: str, *, name: str) -> Policy:
    """Return the policy that `document`, composed from `text`, describes.

    Raises:
        ConfigurationError: `policy.invalid`, with file, line, column, the line itself and a caret.
    """
    return _Checker(text, name).policy(document)


class _Checker:
    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines() or [""]
        self._name = name

    def policy(self, document: yaml.Node | None) -> Policy:
        if document is None:
            self._fail(None, "The policy file is empty.", "Start from what `evenhand policy` prints.")
        fields = self._mapping(document, "a policy")
        for key, (key_node, _) in fields.items():
            if key not in _KEYS:
                self._fail(key_node, f"There is no policy field `{key}`.", _did_you_mean(key, _KEYS))
        for key in ("name", "thresholds"):
            if key not in fields:
                self._fail(document, f"The policy has no `{key}`.", f"Add a line `{key}:`.")
        policy_name = self._scalar(fields["name"][1])
        if not _NAME.fullmatch(policy_name):
            self._fail(
                fields["name"][1], f"`{policy_name}` cannot name a policy.", "Use a-z, 0-9, - and _; at most 64."
            )
        return Policy(
            name=policy_name,
            description=self._scalar(fields["description"][1]) if "description" in fields else "",
            on_failure=self._fallback(fields, "on_failure"),
            rules=tuple(self._rules(fields["thresholds"][1])),
            on_unclear_speech=self._fallback(fields, "on_unclear_speech"),
        )

    def _fallback(self, fields: dict[str, tuple[yaml.Node, yaml.Node]], key: str) -> Action:
        return self._action(fields[key][1]) if key in fields else Action.REVIEW

    def _rules(self, node: yaml.Node) -> Iterable[Rule]:
        for key, (key_node, value) in self._mapping(node, "thresholds").items():
            label = self._label(key, key_node)
            steps = self._mapping(value, f"the thresholds of `{key}`")
            rules = {}
            for step, (step_node, threshold_node) in steps.items():
                if step not in (Action.REVIEW, Action.BLOCK):
                    self._fail(step_node, f"`{step}` is not something to do.", _did_you_mean(step, ("review", "block")))
                rules[Action(step)] = Rule(label, Action(step), self._threshold(threshold_node))
            if (
                len(rules) == len(("review", "block"))
                and rules[Action.REVIEW].threshold > rules[Action.BLOCK].threshold
            ):
                self._fail(key_node, f"`{key}` would block before it reviews.", "Let review <= block.")
            yield from rules.values()

    def _label(self, key: str, node: yaml.Node) -> Label:
        if key in tuple(Label):
            return Label(key)
        if words := personal_attributes_in(key):
            self._fail(
                node,
                f"A policy cannot look for an attribute of a person (`{words[0]}`).",
                "Rules are about conduct: see the labels in `evenhand taxonomy`.",
            )
        return self._fail(node, f"There is no label `{key}`.", _did_you_mean(key, tuple(Label)))

    def _action(self, node: yaml.Node) -> Action:
        value = self._scalar(node)
        if value not in tuple(Action):
            self._fail(node, f"`{value}` is not an action.", _did_you_mean(value, tuple(Action)))
        return Action(value)

    def _threshold(self, node: yaml.Node) -> float:
        value = self._scalar(node)
        try:
            threshold = float(value)
        except ValueError:
            threshold = float("nan")
        if not 0 < threshold <= 1:
            self._fail(node, f"`{value}` is not a threshold.", "Give a number above 0 and at most 1.")
        return threshold

    def _mapping(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"Here stands {what}, which must be a mapping of keys to values.", "Write `key: value`.")
        fields: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node)
            if key in fields:
                self._fail(key_node, f"`{key}` is given twice.", "Keep one of them.")
            fields[key] = (key_node, value_node)
        return fields

    def _scalar(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._fail(node, "A single value must stand here.", "Write a word or a number.")
        return str(node.value)

    def _fail(self, node: yaml.Node | None, message: str, remedy: str) -> NoReturn:
        line, column = (node.start_mark.line, node.start_mark.column) if node else (0, 0)
        source = self._lines[min(line, len(self._lines) - 1)]
        raise ConfigurationError(
            "policy.invalid",
            message,
            field=f"{self._name}:{line + 1}:{column + 1}",
            remedy=f"{remedy}\n  {source}\n  {' ' * column}^",
        )


def _did_you_mean(word: str, choices: Iterable[str]) -> str:
    known = [str(choice) for choice in choices]
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Use one of: {', '.join(known)}."

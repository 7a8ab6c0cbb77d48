"""Check a policy document and point at what is wrong with it."""

import re
from pathlib import Path
from typing import Final

import yaml

from evenhand.core.conduct import personal_attributes_in
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.policy.check_lists import check_list
from evenhand.policy.check_rules import check_place, check_rule
from evenhand.policy.draft import Draft, Point
from evenhand.policy.lists import ContentList
from evenhand.policy.page import Fields, Page, did_you_mean
from evenhand.policy.policy import ConditionRule, Place, Rule
from evenhand.policy.profiling import named_in
from evenhand.policy.refusals import PROFILES, warnings_about

KEYS: Final = (
    "name",
    "description",
    "extends",
    "on_failure",
    "on_unclear_speech",
    "thresholds",
    "queues",
    "lists",
    "rules",
)
MAX_RULES: Final = 200
MAX_LISTS: Final = 50
#: In place of a value: what is inherited is taken away.
OFF: Final = "off"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def check_document(document: yaml.Node | None, text: str, *, name: str, folder: Path | None = None) -> Draft:
    """Return what `document`, composed from `text`, says.

    Args:
        document: The root.
        text: The file's content.
        name: What to call the file in errors.
        folder: Where paths in it begin; without one it names no files.

    Raises:
        ConfigurationError: `policy.invalid`, or `policy.profiles_people` for a policy that looks for people, with file,
            line, column, the line itself and a caret; `policy.list_unreadable` for a list.
    """
    return _Checker(text, name, folder).draft(document)


class _Checker:
    def __init__(self, text: str, name: str, folder: Path | None) -> None:
        self._page = Page(text, name)
        self._folder = folder
        self._is_child = False
        self._warnings: list[str] = []

    def draft(self, document: yaml.Node | None) -> Draft:
        page = self._page
        if document is None:
            page.fail(None, "The policy file is empty.", "Start from what `evenhand policy` prints.")
        fields = page.mapping(document, "a policy", keys=KEYS, kind="policy")
        self._is_child = "extends" in fields
        if self._is_child and not page.text(fields, "extends"):
            page.fail(fields["extends"][0], "The policy extends nothing.", "Name `default`, or a policy file.")
        wanted = ("name",) if fields.keys() & {"extends", "rules"} else ("name", "thresholds")
        for key in wanted:
            if key not in fields:
                page.fail(document, f"The policy has no `{key}`.", f"Add a line `{key}:`.")
        lists = self._lists(fields["lists"][1]) if "lists" in fields else {}
        rules, points = self._rules(fields)
        return Draft(
            name=self._name(fields["name"][1]),
            extends=page.text(fields, "extends"),
            description=page.text(fields, "description") if "description" in fields else None,
            on_failure=self._fallback(fields, "on_failure"),
            on_unclear_speech=self._fallback(fields, "on_unclear_speech"),
            thresholds=self._thresholds(fields["thresholds"][1]) if "thresholds" in fields else {},
            rules=rules,
            queues=self._queues(fields["queues"][1]) if "queues" in fields else {},
            lists=lists,
            points=points,
            warnings=tuple(self._warnings),
        )

    def _name(self, node: yaml.Node) -> str:
        name = self._page.scalar(node)
        if not _NAME.fullmatch(name):
            self._page.fail(node, f"`{name}` cannot name a policy.", "Use a-z, 0-9, - and _; at most 64.")
        if found := named_in(name):
            self._page.fail(
                node, f"The name speaks of a group of people (`{found}`).", "Name what people do.", code=PROFILES
            )
        return name

    def _fallback(self, fields: Fields, key: str) -> Action | None:
        return Action(self._page.choice(fields[key][1], Action, "an action")) if key in fields else None

    def _thresholds(self, node: yaml.Node) -> dict[Label, tuple[Rule, ...] | None]:
        found: dict[Label, tuple[Rule, ...] | None] = {}
        for key, (key_node, value) in self._page.mapping(node, "thresholds").items():
            label = self._label(key, key_node)
            found[label] = None if self._is_off(value) else self._steps(label, key_node, value)
        return found

    def _steps(self, label: Label, key_node: yaml.Node, node: yaml.Node) -> tuple[Rule, ...]:
        page = self._page
        rules = {}
        for step, (step_node, threshold_node) in page.mapping(node, f"the thresholds of `{label}`").items():
            if step not in (Action.REVIEW, Action.BLOCK):
                page.fail(step_node, f"`{step}` is not something to do.", did_you_mean(step, ("review", "block")))
            rules[Action(step)] = Rule(label, Action(step), self._threshold(threshold_node))
        if len(rules) == len(("review", "block")) and rules[Action.REVIEW].threshold > rules[Action.BLOCK].threshold:
            page.fail(key_node, f"`{label}` would block before it reviews.", "Let review <= block.")
        return tuple(rules.values())

    def _label(self, key: str, node: yaml.Node) -> Label:
        if key in tuple(Label):
            return Label(key)
        if words := personal_attributes_in(key):
            self._page.fail(
                node,
                f"A policy cannot look for an attribute of a person (`{words[0]}`).",
                "Rules are about conduct: see the labels in `evenhand taxonomy`.",
            )
        return self._page.fail(node, f"There is no label `{key}`.", did_you_mean(key, tuple(Label)))

    def _threshold(self, node: yaml.Node) -> float:
        value = self._page.scalar(node)
        try:
            threshold = float(value)
        except ValueError:
            threshold = float("nan")
        if not 0 < threshold <= 1:
            self._page.fail(node, f"`{value}` is not a threshold.", "Give a number above 0 and at most 1.")
        return threshold

    def _is_off(self, node: yaml.Node) -> bool:
        """Return whether what is inherited is taken away here."""
        if not isinstance(node, yaml.ScalarNode) or node.value != OFF:
            return False
        if not self._is_child:
            self._page.fail(node, "There is nothing inherited to take away.", "Leave the entry out, or add `extends:`.")
        return True

    def _queues(self, node: yaml.Node) -> dict[Label, Place | None]:
        found: dict[Label, Place | None] = {}
        for key, (key_node, value) in self._page.mapping(node, "the queues").items():
            label = self._label(key, key_node)
            found[label] = None if self._is_off(value) else self._place(label, value)
        return found

    def _place(self, label: Label, node: yaml.Node) -> Place:
        fields = self._page.mapping(node, f"the queue of `{label}`", keys=("queue", "priority"), kind="queue")
        return check_place(self._page, fields)

    def _lists(self, node: yaml.Node) -> dict[str, ContentList]:
        entries = self._page.mapping(node, "the lists")
        if len(entries) > MAX_LISTS:
            self._page.fail(node, f"There are {len(entries)} lists; at most {MAX_LISTS} are accepted.", "Join some.")
        found = {}
        for key, (key_node, value) in entries.items():
            found[key], warning = check_list(self._page, key, key_node, value, self._folder)
            self._warnings += [warning] if warning else []
        return found

    def _rules(self, fields: Fields) -> tuple[dict[str, ConditionRule | None], dict[str, Point]]:
        if "rules" not in fields:
            return {}, {}
        page, node = self._page, fields["rules"][1]
        entries = page.sequence(node, "the rules")
        if len(entries) > MAX_RULES:
            page.fail(
                node, f"There are {len(entries)} rules; at most {MAX_RULES} are accepted.", "Join some with `||`."
            )
        rules: dict[str, ConditionRule | None] = {}
        points: dict[str, Point] = {}
        for entry in entries:
            checked = check_rule(page, entry, is_child=self._is_child)
            if checked.id in rules:
                page.fail(entry, f"There are two rules `{checked.id}`.", "Keep one of them.")
            rules[checked.id] = checked.rule
            if checked.rule is not None:
                points[checked.id] = checked.point
                self._warnings += (
                    f"rule {checked.id}: {warning}" for warning in warnings_about(checked.rule.condition)
                )
        return rules, points

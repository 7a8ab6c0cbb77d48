"""Check the rules with conditions of a policy document."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

import yaml

from evenhand.core.decision import Action
from evenhand.policy.conditions import Condition, ConditionError
from evenhand.policy.draft import Point
from evenhand.policy.page import Fields, Page
from evenhand.policy.policy import LEAST_URGENT, MOST_URGENT, ConditionRule, Place
from evenhand.policy.profiling import asked_by
from evenhand.policy.refusals import PROFILES, check_conduct

RULE_KEYS: Final = ("id", "description", "when", "list", "action", "queue", "priority", "tags")
ACTIONS: Final = ("review", "block", "label")
MAX_TAGS: Final = 10
NAME: Final = r"[a-z0-9][a-z0-9_-]{0,63}"
#: What the rules that are not in `rules:` are called.
_TAKEN: Final = frozenset({"on_failure", "on_unclear_speech"})
_NAME: Final = re.compile(NAME)
_OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule, and how to point at its condition.

    Args:
        id: The rule's id.
        rule: The rule; none: the one that is inherited is taken away.
        point: Says that its condition is wrong.
    """

    id: str
    rule: ConditionRule | None
    point: Point


def check_rule(page: Page, node: yaml.Node, *, is_child: bool) -> CheckedRule:
    """Return the rule that `node` describes; `is_child` where there may be something inherited to take away.

    Raises:
        ConfigurationError: `policy.invalid` or `policy.profiles_people`.
    """
    fields = page.mapping(node, "a rule", keys=RULE_KEYS, kind="rule")
    for key in ("id", "action"):
        if key not in fields:
            page.fail(node, f"The rule has no `{key}`.", f"Add a line `{key}:`.")
    rule_id = check_name(page, fields["id"][1], "a rule")
    if rule_id in _TAKEN:
        page.fail(fields["id"][1], f"`{rule_id}` is the name of another rule.", "Choose another one.")
    action_node = fields["action"][1]
    if is_child and page.scalar(action_node) == _OFF:
        return CheckedRule(rule_id, None, partial(_point, page, action_node, is_expression=False))
    action = page.choice(action_node, ACTIONS, "what a rule can ask for")
    condition, when = _condition(page, node, fields)
    rule = ConditionRule(
        id=rule_id,
        condition=condition,
        action=Action.ALLOW if action == "label" else Action(action),
        description=page.text(fields, "description"),
        place=_place(page, fields, action),
        tags=_tags(page, node, fields, action),
    )
    return CheckedRule(rule_id, rule, partial(_point, page, when, is_expression="when" in fields))


def _point(page: Page, node: yaml.Node, error: ConditionError, *, is_expression: bool) -> NoReturn:
    if is_expression:
        page.fail_within(node, error)
    page.fail(node, error.message, error.remedy, code=error.code)


def check_name(page: Page, node: yaml.Node, what: str) -> str:
    """Return the name that `node` is, of `what`: it must not speak of people.

    Raises:
        ConfigurationError: `policy.invalid` or `policy.profiles_people`.
    """
    name = page.scalar(node)
    if found := asked_by(name):
        page.fail(
            node,
            f"The name speaks of who people are (`{found}`).",
            "Name what people do, or what the content is.",
            code=PROFILES,
        )
    if not _NAME.fullmatch(name):
        page.fail(node, f"`{name}` cannot name {what}.", "Use a-z, 0-9, - and _; at most 64.")
    return name


def check_place(page: Page, fields: Fields) -> Place:
    """Return the queue and the priority in `fields`.

    Raises:
        ConfigurationError: `policy.invalid` or `policy.profiles_people`.
    """
    queue = check_name(page, fields["queue"][1], "a queue") if "queue" in fields else ""
    if "priority" not in fields:
        return Place(queue)
    node = fields["priority"][1]
    value = page.scalar(node)
    if not re.fullmatch(r"[0-9]{1,2}", value) or not MOST_URGENT <= int(value) <= LEAST_URGENT:
        page.fail(
            node,
            f"`{value}` is not a priority.",
            f"Give {MOST_URGENT}, the most urgent, to {LEAST_URGENT}, the least.",
        )
    return Place(queue, int(value))


def _condition(page: Page, node: yaml.Node, fields: Fields) -> tuple[Condition, yaml.Node]:
    """Return the condition of a rule, and the node that it stands in."""
    if ("when" in fields) == ("list" in fields):
        page.fail(node, "A rule has either `when` or `list`.", "Give the condition, or the name of a list.")
    if "list" in fields:
        node = fields["list"][1]
        return Condition(f"lists.{check_list_name(page, node)}.hits > 0"), node
    node = fields["when"][1]
    condition = Condition(page.scalar(node).rstrip())
    try:
        condition.check()
        check_conduct(condition)
    except ConditionError as error:
        page.fail_within(node, error)
    return condition, node


def check_list_name(page: Page, node: yaml.Node) -> str:
    """Return the name of a list that `node` is, as conditions can write it.

    Raises:
        ConfigurationError: `policy.invalid` or `policy.profiles_people`.
    """
    name = check_name(page, node, "a list")
    if "-" in name or not name[0].isalpha():
        page.fail(node, f"`{name}` cannot name a list.", "Begin with a letter; use a-z, 0-9 and _.")
    return name


def _place(page: Page, fields: Fields, action: str) -> Place:
    for key in ("queue", "priority"):
        if key in fields and action != "review":
            page.fail(fields[key][0], f"Only a rule for review has a `{key}`.", "Leave it out.")
    return check_place(page, fields)


def _tags(page: Page, node: yaml.Node, fields: Fields, action: str) -> tuple[str, ...]:
    if action != "label":
        if "tags" in fields:
            page.fail(
                fields["tags"][0], "Only a rule that labels has `tags`.", "Leave them out, or write `action: label`."
            )
        return ()
    if "tags" not in fields:
        page.fail(node, "A rule that labels has `tags`.", "Add a line such as `tags: [spoiler]`.")
    entries = page.sequence(fields["tags"][1], "the tags")
    if not 1 <= len(entries) <= MAX_TAGS:
        page.fail(fields["tags"][1], f"There are {len(entries)} tags.", f"Give 1 to {MAX_TAGS}.")
    return tuple(dict.fromkeys(check_name(page, entry, "a tag") for entry in entries))

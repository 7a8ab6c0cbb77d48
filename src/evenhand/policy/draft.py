"""Draft: one policy file as it stands, before what it inherits is put in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias, TypeVar

from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.policy.conditions import ConditionError
from evenhand.policy.lists import ContentList
from evenhand.policy.policy import ConditionRule, Place, Policy, Rule

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

#: Says that the expression of a rule is wrong, where it stands.
Point: TypeAlias = Callable[[ConditionError], NoReturn]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one file says.

    Args:
        name: The policy's name.
        extends: What it inherits from: `default`, or a path; empty: nothing.
        description: None: it is inherited.
        on_failure: Likewise.
        on_unclear_speech: Likewise.
        thresholds: By label; none: the thresholds of the label are taken away.
        rules: By id; none: the rule is taken away.
        queues: By label; none: the cases of the label wait in the default queue.
        lists: By name.
        points: For each rule with a condition, how to point at it.
        warnings: What may be wrong.
    """

    name: str
    extends: str = ""
    description: str | None = None
    on_failure: Action | None = None
    on_unclear_speech: Action | None = None
    thresholds: dict[Label, tuple[Rule, ...] | None] = field(default_factory=dict)
    rules: dict[str, ConditionRule | None] = field(default_factory=dict)
    queues: dict[Label, Place | None] = field(default_factory=dict)
    lists: dict[str, ContentList] = field(default_factory=dict)
    points: dict[str, Point] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def inherited(parent: Draft, child: Draft) -> Draft:
    """Return `child` with everything of `parent` that it does not say otherwise; what it takes away is gone."""
    return Draft(
        name=child.name,
        description=parent.description if child.description is None else child.description,
        on_failure=child.on_failure or parent.on_failure,
        on_unclear_speech=child.on_unclear_speech or parent.on_unclear_speech,
        thresholds=_left(parent.thresholds | child.thresholds),
        rules=_left(parent.rules | child.rules),
        queues=_left(parent.queues | child.queues),
        lists=parent.lists | child.lists,
        points=parent.points | child.points,
        warnings=tuple(dict.fromkeys((*parent.warnings, *child.warnings))),
    )


def finished(draft: Draft) -> Policy:
    """Return the policy that a draft describes once everything is put in.

    Raises:
        ConfigurationError: `policy.invalid` for a condition that asks for a list which is not there.
    """
    rules = [rule for rule in draft.rules.values() if rule is not None]
    for rule in rules:
        for name, position in rule.condition.reads.lists:
            if name not in draft.lists:
                known = ", ".join(draft.lists) or "none yet: add it under `lists:`"
                draft.points[rule.id](
                    ConditionError(f"There is no list `{name}`.", f"The policy's lists: {known}.", position=position)
                )
    return Policy(
        name=draft.name,
        description=draft.description or "",
        on_failure=draft.on_failure or Action.REVIEW,
        rules=tuple(rule for rules in draft.thresholds.values() for rule in rules or ()),
        on_unclear_speech=draft.on_unclear_speech or Action.REVIEW,
        conditions=tuple(rules),
        queues={label: place for label, place in draft.queues.items() if place is not None},
        lists=tuple(draft.lists.values()),
        warnings=draft.warnings,
    )


def _left(entries: dict[_Key, _Value | None]) -> dict[_Key, _Value | None]:
    return {key: value for key, value in entries.items() if value is not None}

"""Advice on a policy that is good: what of it will never do anything, and what may be wrong with it."""

from collections.abc import Collection, Iterator

from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.policy.conditions import never_holds
from evenhand.policy.policy import Policy


def advice_on(policy: Policy, *, covered: Collection[Label], detectors: Collection[str]) -> list[str]:
    """Return what a person should look at, in whole sentences.

    Args:
        policy: The policy.
        covered: Labels that some detector looks for.
        detectors: Ids of the detectors that there are.
    """
    return [
        *policy.warnings,
        *(f"label {label}: no detector covers it" for label in sorted(policy.labels - set(covered))),
        *(f"detector {name}: there is none of this id" for name in sorted(policy.detectors - set(detectors))),
        *_idle_thresholds(policy),
        *_idle_rules(policy),
        *_idle_lists(policy),
    ]


def _idle_thresholds(policy: Policy) -> Iterator[str]:
    blocks = {rule.label: rule.threshold for rule in policy.rules if rule.action is Action.BLOCK}
    for rule in policy.rules:
        if rule.action is Action.REVIEW and blocks.get(rule.label) == rule.threshold:
            yield f"rule {rule.id}: never decides, because {rule.label} blocks from the same score on"


def _idle_rules(policy: Policy) -> Iterator[str]:
    known: dict[str, tuple[str, Action]] = {}
    for rule in policy.conditions:
        if never_holds(rule.condition):
            yield f"rule {rule.id}: never holds, because no score is above 1"
        same, action = known.setdefault(rule.condition.expression, (rule.id, rule.action))
        if same != rule.id and not rule.tags and action is not Action.ALLOW:
            least = rule.id if action.severity >= rule.action.severity else same
            yield f"rule {least}: never decides, because {rule.id if least == same else same} has the same condition"


def _idle_lists(policy: Policy) -> Iterator[str]:
    asked = {name for rule in policy.conditions for name, _ in rule.condition.reads.lists}
    yield from (f"list {each.name}: no rule asks for it" for each in policy.lists if each.name not in asked)

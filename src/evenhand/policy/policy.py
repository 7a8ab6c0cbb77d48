"""Policy: thresholds per label, rules with conditions, and what to do when a detector fails."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from evenhand.content.text import Text
from evenhand.core.decision import Action, PolicyVersion
from evenhand.core.facts import ListHits
from evenhand.core.taxonomy import Label
from evenhand.policy.conditions import Condition
from evenhand.policy.lists import ContentList

MOST_URGENT: Final = 1
LEAST_URGENT: Final = 10
#: What a condition can read of a content of which no fact is known.
ONLY_SCORES: Final = frozenset({"scores", "detectors"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case waits.

    Args:
        queue: The queue's name; empty: the default one.
        priority: 1 is the most urgent, 10 the least.
    """

    queue: str = ""
    priority: int = 5


def most_urgent(places: Iterable[Place]) -> Place:
    """Return the most urgent place; of several the first that names a queue, or else the first."""
    return min(places, key=lambda place: (place.priority, not place.queue), default=Place())


@dataclass(frozen=True, slots=True)
class Rule:
    """From `threshold` on, a score for `label` asks for `action`.

    Args:
        label: The label whose score is looked at.
        action: Review or block; allowing needs no rule.
        threshold: Lowest score that sets the rule off, 0 < threshold <= 1.
    """

    label: Label
    action: Action
    threshold: float

    @property
    def id(self) -> str:
        """`label.action`, such as `harassment.review`."""
        return f"{self.label}.{self.action}"


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """Where `condition` holds, `action` is asked for.

    Args:
        id: Its name, such as `new-author-links`.
        condition: When it applies.
        action: Review or block; allow for a rule that only puts marks on.
        description: For people.
        place: Where its cases wait.
        tags: The community's own marks for what it finds, such as `spoiler`.
    """

    id: str
    condition: Condition
    action: Action
    description: str = ""
    place: Place = Place()
    tags: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The action as a policy names it: a rule that puts marks on says `label`."""
        return "label" if self.tags else str(self.action)


@dataclass(frozen=True)
class Policy:
    """A named set of rules.

    Args:
        name: How callers choose it.
        description: One sentence for people.
        on_failure: The least strict action when a detector failed: `allow` fails open, the others fail closed.
        rules: The thresholds, in the order of the file.
        on_unclear_speech: The least strict action when a clip may hold speech that nobody understood.
        conditions: The rules with conditions, in the order of the file.
        queues: Where cases of a label wait, if not in the default queue.
        lists: What conditions may ask for.
        warnings: What may be wrong with it, in whole sentences; it decides all the same.
    """

    name: str
    description: str
    on_failure: Action
    rules: tuple[Rule, ...]
    on_unclear_speech: Action = Action.REVIEW
    conditions: tuple[ConditionRule, ...] = ()
    queues: Mapping[Label, Place] = field(default_factory=dict)
    lists: tuple[ContentList, ...] = ()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def version(self) -> PolicyVersion:
        """Name and content hash: equal for policies that decide alike, whatever their comments and layout."""
        canonical: dict[str, Any] = {
            "name": self.name,
            "on_failure": self.on_failure,
            "on_unclear_speech": self.on_unclear_speech,
            "rules": sorted((rule.label, rule.action, rule.threshold) for rule in self.rules),
        }
        if self.conditions:
            canonical["conditions"] = sorted(
                [rule.id, rule.condition.expression, rule.said, rule.place.queue, rule.place.priority, *rule.tags]
                for rule in self.conditions
            )
        if self.queues:
            canonical["queues"] = sorted((label, place.queue, place.priority) for label, place in self.queues.items())
        if self.lists:
            canonical["lists"] = sorted((each.name, each.sha256) for each in self.lists)
        digest = hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()
        return PolicyVersion(self.name, digest[:12])

    @cached_property
    def source(self) -> str:
        """The whole policy in YAML, with everything that it inherits; read again, it is the same version."""
        return _source(self)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The variables that conditions read, such as `scores` or `content.languages`."""
        return frozenset(root for rule in self.conditions for root in rule.condition.reads.roots)

    @cached_property
    def reads_author(self) -> bool:
        """Whether a condition reads how earlier decisions on the author went."""
        return any(root.startswith("author.") for root in self.roots)

    @cached_property
    def reads_detectors(self) -> bool:
        """Whether a condition reads the scores of detectors."""
        return "detectors" in self.roots

    @cached_property
    def reads_facts(self) -> bool:
        """Whether a condition reads more than scores."""
        return not self.roots <= ONLY_SCORES

    @cached_property
    def metadata_keys(self) -> frozenset[str]:
        """The keys of metadata that conditions read; only these are kept."""
        return frozenset(key for rule in self.conditions for key in rule.condition.reads.metadata)

    @cached_property
    def detectors(self) -> frozenset[str]:
        """Ids of the detectors that conditions name."""
        return frozenset(name for rule in self.conditions for name in rule.condition.reads.detectors)

    @cached_property
    def labels(self) -> frozenset[Label]:
        """Labels whose score is asked for, by thresholds or by conditions."""
        named = (Label(name) for rule in self.conditions for name in rule.condition.reads.labels)
        return frozenset((*(rule.label for rule in self.rules), *named))

    def find_listed(self, texts: Sequence[Text], *, has_own: bool, hashes: Iterable[str] = ()) -> dict[str, ListHits]:
        """Return what of each list that a condition asks for is in a content; arguments as `ContentList.find`."""
        asked = {name for rule in self.conditions for name, _ in rule.condition.reads.lists}
        known = frozenset(hashes)
        return {each.name: each.find(texts, has_own=has_own, hashes=known) for each in self.lists if each.name in asked}


def _source(policy: Policy) -> str:
    """Return `policy` in YAML, with the entries of its lists."""
    import yaml

    thresholds: dict[str, dict[str, float]] = {}
    for rule in policy.rules:
        thresholds.setdefault(str(rule.label), {})[str(rule.action)] = rule.threshold
    document: dict[str, Any] = {
        "name": policy.name,
        "description": policy.description,
        "on_failure": str(policy.on_failure),
        "on_unclear_speech": str(policy.on_unclear_speech),
        "thresholds": thresholds,
        "queues": {str(label): _place(policy.queues[label]) for label in Label if label in policy.queues},
        "lists": {each.name: {"kind": each.kind, "entries": list(each.entries)} for each in policy.lists},
        "rules": [_rule(rule) for rule in policy.conditions],
    }
    optional = ("description", "queues", "lists", "rules")
    document = {key: value for key, value in document.items() if value or key not in optional}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _rule(rule: ConditionRule) -> dict[str, Any]:
    parts: dict[str, Any] = {"id": rule.id}
    if rule.description:
        parts["description"] = rule.description
    parts |= {"when": rule.condition.expression, "action": rule.said}
    if rule.place != Place():
        parts |= _place(rule.place)
    if rule.tags:
        parts["tags"] = list(rule.tags)
    return parts


def _place(place: Place) -> dict[str, Any]:
    return ({"queue": place.queue} if place.queue else {}) | {"priority": place.priority}

"""Policy: thresholds per label and what to do when a detector fails."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from evenhand.core.decision import Action, PolicyVersion
from evenhand.core.taxonomy import Label


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


@dataclass(frozen=True)
class Policy:
    """A named set of rules.

    Args:
        name: How callers choose it.
        description: One sentence for people.
        on_failure: The least strict action when a detector failed: `allow` fails open, the others fail closed.
        rules: In the order of the file.
        on_unclear_speech: The least strict action when a clip may hold speech that nobody understood.
    """

    name: str
    description: str
    on_failure: Action
    rules: tuple[Rule, ...]
    on_unclear_speech: Action = Action.REVIEW

    @cached_property
    def version(self) -> PolicyVersion:
        """Name and content hash: equal for policies that decide alike, whatever their comments and layout."""
        canonical = {
            "name": self.name,
            "on_failure": self.on_failure,
            "on_unclear_speech": self.on_unclear_speech,
            "rules": sorted((rule.label, rule.action, rule.threshold) for rule in self.rules),
        }
        digest = hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()
        return PolicyVersion(self.name, digest[:12])

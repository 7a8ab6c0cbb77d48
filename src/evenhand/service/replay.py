"""Replay: the verdict again, from what is stored of a decision.

A decision keeps every signal and failure, and says where speech was unclear, so a policy finds there all that it read.
Signals of the second look stand among the others, and count instead of them, as they did.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from evenhand.core.decision import Action, Decision, RuleHit, Verdict
from evenhand.core.errors import ConfigurationError, NotFoundError
from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.engine.clips import NOT_HEARD, UNCLEAR
from evenhand.policy.evaluate import FAILED_RULE, evaluate
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.store.records import ShadowVerdict
from evenhand.store.store import Store

#: Notices of a decision on a clip in which there may be speech that nobody understood.
UNCLEAR_NOTICES: Final = frozenset({NOT_HEARD, UNCLEAR})

#: What became of a decision in the shadow when the policy there could not judge it.
FAILED: Final = "failed"


class Judged(Protocol):
    """What a policy reads of a decision, stored or new."""

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Everything that the detectors said, the second look's signals among them."""
        ...

    @property
    def failures(self) -> tuple[DetectorFailure, ...]:
        """Detectors that gave no answer."""
        ...

    @property
    def scores(self) -> Mapping[Label, float]:
        """A score for each label that was looked for."""
        ...

    @property
    def notices(self) -> Sequence[str]:
        """Stable codes of things to know."""
        ...

    @property
    def facts(self) -> Facts | None:
        """What conditions read beside the scores; none: the policy that decided had none."""
        ...


def again(judged: Judged, policy: Policy) -> Verdict:
    """Return what `policy` makes of the signals of a decision; by the policy that decided: the same verdict."""
    return evaluate(
        [signal for signal in judged.signals if signal.detector != SECOND_LOOK],
        policy,
        covered=judged.scores,
        # A condition that gave no answer is asked again, and not taken for a detector.
        failures=[failure for failure in judged.failures if not failure.detector.startswith(FAILED_RULE)],
        overruling=[signal for signal in judged.signals if signal.detector == SECOND_LOOK],
        has_unclear_speech=not UNCLEAR_NOTICES.isdisjoint(judged.notices),
        facts=judged.facts,
    )


def kept_policy(store: Store, version: str) -> Policy | None:
    """Return the policy of a version as the store keeps it; none: it does not, or it is no policy any more.

    Raises:
        StoreError: The database failed.
    """
    try:
        return parse_policy(store.policies.find(version).source)
    except (NotFoundError, ConfigurationError):
        return None


def finds_facts(policy: Policy, decided_by: Policy | None) -> bool:
    """Return whether a decision keeps all that the conditions of `policy` read.

    A decision keeps the facts that the policy which made it read. What is missing would be taken for nothing known, and
    a condition on it would read as clean.

    Args:
        policy: The policy that is to judge.
        decided_by: The one that made the decision; none: it is not known any more.
    """
    asked = _named_facts(policy)
    if policy.reads_facts:
        asked.add(("content",))
    if not asked:
        return True
    return decided_by is not None and bool(decided_by.conditions) and asked <= _named_facts(decided_by) | {("content",)}


def _named_facts(policy: Policy) -> set[tuple[str, ...]]:
    """Return what the conditions of `policy` read of metadata, lists and the author."""
    lists = {each.name: each.sha256 for each in policy.lists}
    asked = {name for rule in policy.conditions for name, _ in rule.condition.reads.lists}
    return {
        *(("metadata", key) for key in policy.metadata_keys),
        *(("list", name, lists[name]) for name in asked),
        *([("author",)] if policy.reads_author else []),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a verdict that is not as it was.

    Args:
        field: Its name in the verdict, such as `action`.
        before: What it was.
        after: What it is now.
    """

    field: str
    before: object
    after: object


def changes(before: Verdict, after: Verdict) -> tuple[Change, ...]:
    """Return every part in which two verdicts differ; none: they are the same."""
    names = [field.name for field in dataclasses.fields(Verdict)]
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)


def is_otherwise(before: Verdict, after: Verdict) -> bool:
    """Return whether two verdicts ask for another action or were set off by other rules."""
    return before.action is not after.action or _asked(before.rules) != _asked(after.rules)


def _asked(rules: Sequence[RuleHit]) -> set[tuple[str, Action]]:
    return {(hit.rule, hit.action) for hit in rules}


class Shadow:
    """A policy beside the ones that decide: it judges the same signals, and changes no answer.

    Args:
        policy: The policy.
        observe: Called with what is done and what it would have done, or `failed`, for each decision that it judges.
    """

    def __init__(self, policy: Policy, *, observe: Callable[[Action, str], None] = lambda _live, _shadow: None) -> None:
        self.policy = policy
        self._observe = observe

    def verdicts(self, decision: Decision, decided_by: Policy) -> tuple[ShadowVerdict, ...]:
        """Return the verdict of the policy on `decision` if it is another one; otherwise nothing.

        Never raises: a policy that cannot judge, also because the one that decided did not read what it reads, is
        counted as failed, and the decision stands as it is.

        Args:
            decision: What was decided.
            decided_by: The policy that decided.
        """
        try:
            verdict = again(decision, self.policy) if finds_facts(self.policy, decided_by) else None
        except Exception:  # noqa: BLE001 -- whatever it is, it must not reach the answer
            verdict = None
        if verdict is None:
            self._observe(decision.action, FAILED)
            return ()
        self._observe(decision.action, verdict.action)
        if not is_otherwise(decision.verdict, verdict):
            return ()
        return (ShadowVerdict(self.policy.version.version, verdict.action, verdict.rules),)

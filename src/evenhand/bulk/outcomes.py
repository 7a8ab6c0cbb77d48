"""Outcomes: what two policies make of one stored decision, decoding no more of it than they read.

Policies that only have thresholds read the highest score for each label and whether anything failed, and that is at the
beginning of a document; for the others every signal is decoded and `evaluate` is asked.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

import msgspec

from evenhand.core.decision import Action, PolicyVersion, Verdict, strictest
from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy, Rule
from evenhand.service.replay import UNCLEAR_NOTICES, again, finds_facts

#: A rule that was set off: its label, or its id where it has none; its id; what it asks for.
Spoken = tuple[str, str, Action]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy makes of a decision's signals, as far as two policies are compared.

    Args:
        action: What to do.
        spoken: The rules that were set off.
        queue: Where a case about it waits.
        priority: Of such a case.
        is_answered: Whether the decision keeps what the conditions of both policies read.
    """

    action: Action
    spoken: frozenset[Spoken] = frozenset()
    queue: str = ""
    priority: int = 5
    is_answered: bool = True


def outcome_of(verdict: Verdict) -> Outcome:
    """Return what is compared of `verdict`."""
    spoken = frozenset((hit.label or hit.rule, hit.rule, hit.action) for hit in verdict.rules)
    return Outcome(verdict.action, spoken, verdict.queue, verdict.priority)


class Pair:
    """Two policies that judge the same signals.

    Args:
        before: One.
        after: The other.
        find: Returns the policy of a version; none: it is not known any more. A condition is only asked where the
            policy that made a decision read the same facts.
    """

    def __init__(
        self, before: Policy, after: Policy, *, find: Callable[[str], Policy | None] = lambda _version: None
    ) -> None:
        self._policies = tuple((policy, Thresholds.of(policy)) for policy in (before, after))
        plain = [thresholds for _, thresholds in self._policies if thresholds is not None]
        self._lowest = min((thresholds.lowest for thresholds in plain), default=1.0)
        self._find = find
        self._finds_facts: dict[str, bool] = {}
        #: Whether both only have thresholds.
        self.is_plain = len(plain) == len(self._policies)

    def judge(self, document: str | bytes) -> tuple[Outcome, Outcome]:
        """Return what both make of a decision, stored as JSON.

        Raises:
            msgspec.DecodeError: It is none.
        """
        if self.is_plain:
            part: _Head | _Signals = _head.decode(document)
        else:
            part = _signals.decode(document)
            if not self._answers(part.policy.version):
                return _UNANSWERED, _UNANSWERED
        # Most contents are harmless: nothing in them reaches the lowest threshold of all.
        reached = [pair for pair in part.verdict.scores.items() if pair[1] >= self._lowest]
        is_unclear = not UNCLEAR_NOTICES.isdisjoint(part.notices)
        before, after = (
            thresholds.outcome(reached, part.failures, is_unclear=is_unclear)
            if thresholds is not None
            else outcome_of(again(cast("_Signals", part), policy))
            for policy, thresholds in self._policies
        )
        return before, after

    def _answers(self, version: str) -> bool:
        """Return whether the decisions of a policy keep what the conditions of both read."""
        if version not in self._finds_facts:
            decided_by = self._find(version)
            self._finds_facts[version] = all(finds_facts(policy, decided_by) for policy, _ in self._policies)
        return self._finds_facts[version]


class Thresholds:
    """A policy that has thresholds and nothing else, made quick to ask.

    Args:
        policy: The policy.
    """

    def __init__(self, policy: Policy) -> None:
        self._steps: dict[str, list[tuple[float, Spoken]]] = {}
        for rule in policy.rules:
            spoken = (rule.label.value, rule.id, rule.action)
            self._steps.setdefault(rule.label.value, []).append((rule.threshold, spoken))
        #: No score below it sets anything off.
        self.lowest = min((rule.threshold for rule in policy.rules), default=1.0)
        self._on_failure: Spoken = ("on_failure", "on_failure", policy.on_failure)
        self._on_unclear: Spoken = ("on_unclear_speech", "on_unclear_speech", policy.on_unclear_speech)

    @classmethod
    def of(cls, policy: Policy) -> "Thresholds | None":
        """Return `policy` made quick, or none where it has more than thresholds."""
        bare = Policy(policy.name, "", policy.on_failure, policy.rules, policy.on_unclear_speech)
        # The version is the hash of all that a policy decides by.
        is_plain = bare.version == policy.version and all(type(rule) is Rule for rule in policy.rules)
        return cls(policy) if is_plain else None

    def outcome(
        self, reached: Iterable[tuple[str, float]], failures: Collection[object], *, is_unclear: bool
    ) -> Outcome:
        """Return what the policy makes of the highest scores.

        Args:
            reached: Label and score, of all scores from `lowest` on.
            failures: Detectors that gave no answer.
            is_unclear: Whether there may be speech that nobody understood.
        """
        spoken = [
            each for label, score in reached for threshold, each in self._steps.get(label, ()) if score >= threshold
        ]
        if failures:
            spoken.append(self._on_failure)
        if is_unclear:
            spoken.append(self._on_unclear)
        return _asked(tuple(spoken)) if spoken else _NOTHING


@functools.lru_cache(maxsize=4_096)
def _asked(spoken: tuple[Spoken, ...]) -> Outcome:
    return Outcome(strictest(*(action for _, _, action in spoken)), frozenset(spoken))


class _Scores(msgspec.Struct, gc=False):
    scores: dict[str, float]


class _Failed(msgspec.Struct, gc=False):
    detector: str


class _Head(msgspec.Struct, gc=False):
    verdict: _Scores
    failures: tuple[_Failed, ...]
    notices: tuple[str, ...] = ()


class _Covered(msgspec.Struct, gc=False):
    scores: dict[Label, float]


class _Said(msgspec.Struct, gc=False):
    """As much of a signal as policies read."""

    detector: str
    label: Label
    score: float


class _Signals(msgspec.Struct, gc=False):
    verdict: _Covered
    said: tuple[_Said, ...] = msgspec.field(name="signals")
    failures: tuple[DetectorFailure, ...]
    policy: PolicyVersion
    notices: tuple[str, ...] = ()
    facts: Facts | None = None

    @property
    def signals(self) -> tuple[Signal, ...]:
        return cast("tuple[Signal, ...]", self.said)

    @property
    def scores(self) -> Mapping[Label, float]:
        return self.verdict.scores


_UNANSWERED: Final = Outcome(Action.ALLOW, is_answered=False)
_NOTHING: Final = Outcome(Action.ALLOW)
_head = msgspec.json.Decoder(_Head)
_signals = msgspec.json.Decoder(_Signals)

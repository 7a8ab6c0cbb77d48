"""Outcomes: what two policies make of one stored decision, decoding no more of it than they read.

Thresholds read the highest score for each label and whether anything failed; conditions may also read facts. That is
little beside the signals, which are only decoded where a condition reads `detectors`.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from evenhand.core.decision import Action, Verdict, strictest
from evenhand.core.facts import Facts
from evenhand.core.taxonomy import Label
from evenhand.policy.evaluate import FAILED_RULE, Asked, ask
from evenhand.policy.policy import ConditionRule, Place, Policy, most_urgent
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.service.replay import UNCLEAR_NOTICES, finds_facts

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
        self._policies = before, after
        self._judges = Judge(before), Judge(after)
        self._lowest = min(judge.lowest for judge in self._judges)
        self._find = find
        self._finds_facts: dict[str, bool] = {}
        self._reads_facts = before.reads_facts or after.reads_facts
        reads_signals = before.reads_detectors or after.reads_detectors
        self._decoder: msgspec.json.Decoder[_Head] = msgspec.json.Decoder(_Whole if reads_signals else _Head)

    def judge(self, document: str | bytes) -> tuple[Outcome, Outcome]:
        """Return what both make of a decision, stored as JSON.

        Raises:
            msgspec.DecodeError: It is none.
        """
        part = self._decoder.decode(document)
        if self._reads_facts and not self._answers(part.policy.version):
            return _UNANSWERED, _UNANSWERED
        # Most contents are harmless: nothing in them reaches the lowest threshold of all.
        reached = [pair for pair in part.verdict.scores.items() if pair[1] >= self._lowest]
        has_failed, is_unclear = bool(part.failures) and part.has_failed, not UNCLEAR_NOTICES.isdisjoint(part.notices)
        before, after = (
            judge.outcome(part, reached, has_failed=has_failed, is_unclear=is_unclear) for judge in self._judges
        )
        return before, after

    def _answers(self, version: str) -> bool:
        """Return whether the decisions of a policy keep what the conditions of both read."""
        if version not in self._finds_facts:
            decided_by = self._find(version)
            self._finds_facts[version] = all(finds_facts(policy, decided_by) for policy in self._policies)
        return self._finds_facts[version]


class Judge:
    """A policy made quick to ask.

    Args:
        policy: The policy.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._steps: dict[str, list[tuple[float, Spoken]]] = {}
        self._places: dict[Spoken, Place] = {_spoken(rule): rule.place for rule in policy.conditions}
        for rule in policy.rules:
            spoken = (rule.label.value, rule.id, rule.action)
            self._steps.setdefault(rule.label.value, []).append((rule.threshold, spoken))
            self._places[spoken] = policy.queues.get(rule.label, Place())
        #: No score below it sets a threshold off.
        self.lowest = min((rule.threshold for rule in policy.rules), default=1.0)
        self._on_failure: Spoken = ("on_failure", "on_failure", policy.on_failure)
        self._on_unclear: Spoken = ("on_unclear_speech", "on_unclear_speech", policy.on_unclear_speech)
        self._outcome = functools.lru_cache(maxsize=4_096)(self._made)

    def outcome(
        self, part: "_Head", reached: Iterable[tuple[Label, float]], *, has_failed: bool, is_unclear: bool
    ) -> Outcome:
        """Return what the policy makes of a part of a decision.

        Args:
            part: As much of the decision as the policy reads.
            reached: Label and score, of all scores from `lowest` on.
            has_failed: Whether a detector gave no answer.
            is_unclear: Whether there may be speech that nobody understood.
        """
        hits = [
            (-score, each)
            for label, score in reached
            for threshold, each in self._steps.get(label, ())
            if score >= threshold
        ]
        asked = ask(self._policy, part.said, part.verdict.scores, part.facts) if self._policy.conditions else _NOT_ASKED
        hits += [(0.0, _spoken(rule)) for rule in asked.held]
        if has_failed or asked.unanswered:
            hits.append((0.0, self._on_failure))
        if is_unclear:
            hits.append((0.0, self._on_unclear))
        if not hits:
            return _NOTHING
        # In the order of a verdict, because of two places as urgent the first one counts.
        hits.sort(key=_in_order)
        return self._outcome(tuple(spoken for _, spoken in hits))

    def _made(self, spoken: tuple[Spoken, ...]) -> Outcome:
        """Return the outcome of rules that were set off, those with higher scores first."""
        place = most_urgent(self._places.get(each, Place()) for each in spoken if each[2] is Action.REVIEW)
        action = strictest(*(action for _, _, action in spoken))
        return Outcome(action, frozenset(spoken), place.queue, place.priority)


def _spoken(rule: ConditionRule) -> Spoken:
    return rule.id, rule.id, rule.action


def _in_order(hit: tuple[float, Spoken]) -> tuple[float, str]:
    return hit[0], hit[1][1]


class _Scores(msgspec.Struct, gc=False):
    scores: dict[Label, float]


class _Failed(msgspec.Struct, gc=False):
    detector: str


class _Version(msgspec.Struct, gc=False):
    version: str


class _Said(msgspec.Struct, gc=False):
    detector: str
    score: float


class _Head(msgspec.Struct, gc=False, kw_only=True):
    verdict: _Scores
    failures: tuple[_Failed, ...]
    policy: _Version
    notices: tuple[str, ...] = ()
    facts: Facts | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a detector gave no answer; a condition that gave none is asked again."""
        return any(not failed.detector.startswith(FAILED_RULE) for failed in self.failures)

    @property
    def said(self) -> Iterable[_Said]:
        """What the detectors said, where a condition reads it."""
        return ()


class _Whole(_Head, gc=False, kw_only=True):
    signals: tuple[_Said, ...]

    @property
    def said(self) -> Iterable[_Said]:
        return (signal for signal in self.signals if signal.detector != SECOND_LOOK)


_UNANSWERED: Final = Outcome(Action.ALLOW, is_answered=False)
_NOT_ASKED: Final = Asked()
_NOTHING: Final = Outcome(Action.ALLOW)

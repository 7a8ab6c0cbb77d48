"""From signals and facts to a verdict: pure, so a decision can be replayed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from evenhand.core.decision import Action, RuleHit, Verdict, strictest
from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.conditions import Activation
from evenhand.policy.policy import ONLY_SCORES, ConditionRule, Place, Policy, most_urgent

#: What stands before a rule's id where its condition gave no answer.
FAILED_RULE: Final = "policy:"


def evaluate(
    signals: Sequence[Signal],
    policy: Policy,
    *,
    covered: Iterable[Label] = (),
    failures: Collection[DetectorFailure] = (),
    overruling: Iterable[Signal] = (),
    has_unclear_speech: bool = False,
    facts: Facts | None = None,
) -> Verdict:
    """Return what `policy` makes of `signals`.

    The highest score for a label counts, every rule at or below it is set off, and the strictest action wins, so
    raising a score never softens the verdict; only a condition of the policy that asks for a low score can do that. A
    failed detector sets off `on_failure`, and so does a condition that gives no answer; unclear speech sets off
    `on_unclear_speech`: none of them is ever read as clean.

    Args:
        signals: What the detectors said about one content.
        policy: The policy that decides.
        covered: Labels that were looked for; one without a signal scores 0.
        failures: Detectors that gave no answer.
        overruling: Signals that count instead of all others for their label, at most one for each.
        has_unclear_speech: Whether there may be speech that nobody understood.
        facts: What is known of the content; none: a condition that reads more than scores gives no answer.
    """
    strongest: dict[Label, Signal] = {}
    for signal in signals:
        if signal.label not in strongest or signal.score > strongest[signal.label].score:
            strongest[signal.label] = signal
    strongest |= {signal.label: signal for signal in overruling}
    scores = dict.fromkeys(covered, 0.0) | {label: signal.score for label, signal in strongest.items()}
    hits = [
        RuleHit(rule.id, rule.action, rule.label, hit.detector, hit.score, rule.threshold)
        for rule in policy.rules
        if (hit := strongest.get(rule.label)) and hit.score >= rule.threshold
    ]
    asked = ask(policy, signals, scores, facts)
    hits += (RuleHit(rule.id, rule.action) for rule in asked.held)
    is_degraded = bool(failures or asked.unanswered)
    if is_degraded:
        hits.append(RuleHit("on_failure", policy.on_failure))
    if has_unclear_speech:
        hits.append(RuleHit("on_unclear_speech", policy.on_unclear_speech))
    hits.sort(key=lambda hit: (-hit.action.severity, -(hit.score or 0.0), hit.rule))
    place = _place(hits, asked.held, policy.queues)
    return Verdict(
        action=strictest(Action.ALLOW, *(hit.action for hit in hits)),
        rules=tuple(hits),
        scores=scores,
        is_degraded=is_degraded,
        queue=place.queue,
        priority=place.priority,
        tags=tuple(sorted({tag for rule in asked.held for tag in rule.tags})),
        failures=tuple(map(_failure, asked.unanswered)),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the conditions of a policy said.

    Args:
        held: Rules whose condition holds.
        unanswered: Rules whose condition gives no answer.
    """

    held: tuple[ConditionRule, ...] = ()
    unanswered: tuple[ConditionRule, ...] = ()


class Said(Protocol):
    """As much of a signal as conditions read."""

    @property
    def detector(self) -> str:
        """The detector's id."""
        ...

    @property
    def score(self) -> float:
        """Its score, 0..1."""
        ...


def ask(policy: Policy, signals: Iterable[Said], scores: Mapping[Label, float], facts: Facts | None) -> Asked:
    """Return what the conditions of `policy` say.

    Args:
        policy: The policy.
        signals: What the detectors said; nothing is read of them where no condition reads `detectors`.
        scores: The score for each label that was looked for.
        facts: What is known of the content; none: a condition that reads more than scores gives no answer.
    """
    if not policy.conditions:
        return Asked()
    # A detector that did not look scores nothing; one that failed is counted as a failure.
    detectors = dict.fromkeys(policy.detectors, 0.0)
    for signal in signals if policy.reads_detectors else ():
        detectors[signal.detector] = max(signal.score, detectors.get(signal.detector, 0.0))
    activation = Activation(facts or Facts(), scores, detectors)
    held: list[ConditionRule] = []
    unanswered: list[ConditionRule] = []
    for rule in policy.conditions:
        if facts is None and not rule.condition.reads.roots <= ONLY_SCORES:
            unanswered.append(rule)
            continue
        try:
            if rule.condition.holds(activation):
                held.append(rule)
        except LookupError:
            unanswered.append(rule)
    return Asked(tuple(held), tuple(unanswered))


def _place(hits: Iterable[RuleHit], held: Iterable[ConditionRule], queues: Mapping[Label, Place]) -> Place:
    """Return where a case about this waits: as the most urgent rule says that asks for review."""
    own = {rule.id: rule.place for rule in held}
    places = (
        own.get(hit.rule, Place()) if hit.label is None else queues.get(hit.label, Place())
        for hit in hits
        if hit.action is Action.REVIEW
    )
    return most_urgent(places)


def _failure(rule: ConditionRule) -> DetectorFailure:
    return DetectorFailure(
        f"{FAILED_RULE}{rule.id}",
        "condition.error",
        "The condition gave no answer: it reads what is not there, or a value of another kind.",
    )

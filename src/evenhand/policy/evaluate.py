"""From signals to a verdict: pure, so a decision can be replayed."""

from collections.abc import Collection, Iterable, Sequence

from evenhand.core.decision import Action, RuleHit, Verdict, strictest
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy


def evaluate(
    signals: Sequence[Signal],
    policy: Policy,
    *,
    covered: Iterable[Label] = (),
    failures: Collection[DetectorFailure] = (),
    overruling: Iterable[Signal] = (),
    has_unclear_speech: bool = False,
) -> Verdict:
    """Return what `policy` makes of `signals`.

    The highest score for a label counts, every rule at or below it is set off, and the strictest action wins, so
    raising a score never softens the verdict. A failed detector sets off `on_failure`, unclear speech
    `on_unclear_speech`: neither is ever read as clean.

    Args:
        signals: What the detectors said about one content.
        policy: The policy that decides.
        covered: Labels that were looked for; one without a signal scores 0.
        failures: Detectors that gave no answer.
        overruling: Signals that count instead of all others for their label, at most one for each.
        has_unclear_speech: Whether there may be speech that nobody understood.
    """
    strongest: dict[Label, Signal] = {}
    for signal in signals:
        if signal.label not in strongest or signal.score > strongest[signal.label].score:
            strongest[signal.label] = signal
    strongest |= {signal.label: signal for signal in overruling}
    hits = [
        RuleHit(rule.id, rule.action, rule.label, hit.detector, hit.score, rule.threshold)
        for rule in policy.rules
        if (hit := strongest.get(rule.label)) and hit.score >= rule.threshold
    ]
    if failures:
        hits.append(RuleHit("on_failure", policy.on_failure))
    if has_unclear_speech:
        hits.append(RuleHit("on_unclear_speech", policy.on_unclear_speech))
    hits.sort(key=lambda hit: (-hit.action.severity, -(hit.score or 0.0), hit.rule))
    scores = dict.fromkeys(covered, 0.0) | {label: signal.score for label, signal in strongest.items()}
    return Verdict(
        action=strictest(Action.ALLOW, *(hit.action for hit in hits)),
        rules=tuple(hits),
        scores=scores,
        is_degraded=bool(failures),
    )

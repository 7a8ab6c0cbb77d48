"""Turn a decision into what the page shows of it. It words; it judges nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evenhand.console.clips import clip_view
from evenhand.console.contexts import Answer, DetectorLine, FailureLine, RuleLine, ScoreRow
from evenhand.console.evidence import place_marks, segments
from evenhand.console.figures import decimals, exact, rounded_down
from evenhand.console.pictures import pictures_of
from evenhand.core.decision import Action, Decision, RuleHit
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import TAXONOMY, Label
from evenhand.policy.policy import Policy, Rule

#: Lower scores are folded away.
FOLDED_BELOW: Final = 0.05

#: Segments that are explained one by one below the text; more would bury the scores.
LISTED_AT_MOST: Final = 50

_MEANINGS: Final = {
    Action.ALLOW: "nothing in the policy speaks against it",
    Action.REVIEW: "a person should look at it",
    Action.BLOCK: "the policy would not let it through",
}

_NOTICES: Final = {
    "language.not_covered": "{} was not measured on this language, so its silence is worth less here.",
    "image.sampled": "Image {} has more frames than were looked at.",
    "second_look.unavailable": "No second look could be had ({}), so the first score stands.",
    "speech.unclear": "Not all that is said was understood, so silence about it means nothing.",
    "speech.not_heard": "Nobody listened to the sound: the server has no evenhand[speech].",
    "clip.partial": "The clip breaks off before its end, or part of it is broken; it was screened as far as it goes.",
}

#: What rules without a label are about.
_CAUSES: Final = {
    "on_failure": "a detector failed",
    "on_unclear_speech": "speech that nobody understood",
}


def answer_for(text: str, decision: Decision, policy: Policy) -> Answer:
    """Return what to show of `decision`, which `policy` made about `text`."""
    placed, unmarked = place_marks(decision.evidence, decision.verdict.rules)
    laid = segments(text, placed)
    marked = [segment for segment in laid if segment.number]
    pictures, unboxed = pictures_of(decision)
    high, low = _score_rows(decision.scores, policy)
    return Answer(
        action=str(decision.action),
        meaning=_MEANINGS[decision.action],
        rules=tuple(map(_rule_line, decision.verdict.rules)),
        failures=tuple(FailureLine(failure.detector, failure.message) for failure in decision.failures),
        segments=laid,
        listed=tuple(marked[:LISTED_AT_MOST]),
        unlisted=max(0, len(marked) - LISTED_AT_MOST),
        unmarked=unmarked + unboxed,
        pictures=pictures,
        clip=clip_view(decision.clip, decision.timeline, decision.verdict.rules) if decision.clip else None,
        scores=high,
        low_scores=low,
        not_looked_for=tuple(str(label) for label in Label if label not in decision.scores),
        languages=decision.languages,
        notices=(*map(_notice, decision.notices), *_reasons(decision.signals)),
        policy=f"{decision.policy.name} {decision.policy.version}",
        detectors=tuple(DetectorLine(*pair) for pair in sorted(decision.detectors.items())),
        decision_id=decision.id,
        decided_at=f"{decision.created_at:%Y-%m-%d %H:%M:%S} UTC",
        decided_at_iso=decision.created_at.isoformat(),
    )


def _rule_line(hit: RuleHit) -> RuleLine:
    if hit.score is None or hit.threshold is None:
        return RuleLine(str(hit.action), "", "", "", "", cause=_CAUSES.get(hit.rule, hit.rule))
    return RuleLine(
        action=str(hit.action),
        label=str(hit.label),
        score=rounded_down(hit.score, places=decimals(hit.threshold)),
        threshold=exact(hit.threshold),
        detector=hit.detector or "",
        cause="",
    )


def _score_rows(scores: Mapping[Label, float], policy: Policy) -> tuple[tuple[ScoreRow, ...], tuple[ScoreRow, ...]]:
    """Return the rows for high and for low scores, each with the highest first."""
    by_score = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [_score_row(label, score, policy.rules) for label, score in by_score]
    high = tuple(row for row in rows if row.value >= FOLDED_BELOW)
    return high, tuple(rows[len(high) :])


def _score_row(label: Label, score: float, rules: Sequence[Rule]) -> ScoreRow:
    own = sorted((rule for rule in rules if rule.label == label), key=lambda rule: rule.threshold)
    return ScoreRow(
        label=str(label),
        kind="Perspective attribute" if label.is_attribute else "category",
        definition=TAXONOMY[label].definition,
        score=rounded_down(score),
        value=score,
        thresholds=", ".join(f"{rule.action} from {exact(rule.threshold)}" for rule in own),
    )


def _notice(code: str) -> str:
    """Return the notice `code:detail` as a sentence, or as it is if there is none for it."""
    name, _, detail = code.partition(":")
    return _NOTICES[name].format(detail) if name in _NOTICES else code


def _reasons(signals: Sequence[Signal]) -> Iterator[str]:
    """Say what signals say for themselves; the words are a model's, and may repeat some of the text."""
    return (f"{signal.detector} on {signal.label}: {signal.reason}" for signal in signals if signal.reason)

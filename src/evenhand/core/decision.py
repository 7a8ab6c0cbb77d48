"""Decision: what a policy made of the signals, with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span


class Action(StrEnum):
    """What to do with a content, from mild to strict."""

    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """0 for allow, 1 for review, 2 for block."""
        return _SEVERITIES[self]


_SEVERITIES: Final = {action: place for place, action in enumerate(Action)}


def strictest(*actions: Action) -> Action:
    """Return the strictest of the given actions: worst wins."""
    return max(actions, key=lambda action: action.severity)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A policy rule that a signal set off.

    Args:
        rule: Rule id, such as `harassment.review`, or that of a rule with a condition, or `on_failure`, or
            `on_unclear_speech`.
        action: What the rule asks for; allow where it only puts marks on.
        label: The label that it is about; none for all but the first.
        detector: The detector whose signal set it off; none for all but the first.
        score: That signal's score.
        threshold: The score from which the rule applies.
    """

    rule: str
    action: Action
    label: Label | None = None
    detector: str | None = None
    score: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Which policy decided.

    Args:
        name: The policy's name.
        version: First 12 hex digits of the SHA-256 of the policy's canonical form.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says about a set of signals; pure, so the same signals always give the same verdict.

    Args:
        action: The strictest action of all rules that were set off; allow when there was none.
        rules: Every rule that was set off, strictest first.
        scores: The highest score for each label that any detector covered, or the second look's where there is one.
        is_degraded: Whether a detector failed, so that an absent signal means nothing.
        queue: Where a case about it waits; empty: in the default queue.
        priority: Of such a case: 1 is the most urgent, 10 the least.
        tags: The community's own marks that rules put on it, sorted.
        failures: Rules whose condition gave no answer, as `policy:` and the rule's id.
    """

    action: Action
    rules: tuple[RuleHit, ...]
    scores: Mapping[Label, float]
    is_degraded: bool
    queue: str = ""
    priority: int = 5
    tags: tuple[str, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image is, without any of it.

    Args:
        format: Such as `PNG`.
        width: In pixels, as it is shown.
        height: Likewise.
        frames: How many frames its file has.
    """

    format: str
    width: int
    height: int
    frames: int


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What a clip is, without any of it.

    Args:
        container: Such as `mp4`, by what the file is and not by its name.
        seconds: How long it is, as far as it could be decoded.
        width: Of its pictures as they are shown, in pixels; 0 where it has none.
        height: Likewise.
        has_sound: Whether it has a stream of sound that can be decoded.
        is_partial: Whether the file ended, or broke, before the time that it states: the rest was not screened.
    """

    container: str
    seconds: float
    width: int
    height: int
    has_sound: bool
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on one content, as it is returned and kept.

    Args:
        id: `dec_` and 32 hex digits, in order of time.
        content_id: The caller's own name for the content; empty when it had none.
        created_at: Aware, in UTC.
        verdict: Action, rules, scores.
        signals: Everything that the detectors said, strongest first.
        failures: Detectors that gave no answer.
        policy: Which policy decided.
        detectors: Version of each detector that ran, by id.
        languages: What the text seems to be written in (BCP-47), or what the caller said.
        notices: Stable codes of things that the caller should know, such as `language.not_covered`.
        images: What the images are that belong to the content, in order.
        clip: What the clip is, where the content is one.
        timeline: What was found in it and when, worst first.
        facts: What the conditions of the policy read beside the scores; none where it has none.
    """

    id: str
    content_id: str
    created_at: datetime
    verdict: Verdict
    signals: tuple[Signal, ...]
    failures: tuple[DetectorFailure, ...]
    policy: PolicyVersion
    detectors: Mapping[str, str]
    languages: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    images: tuple[ImageFacts, ...] = ()
    clip: ClipFacts | None = None
    timeline: tuple[Span, ...] = ()
    facts: Facts | None = None

    @property
    def action(self) -> Action:
        """What to do with the content."""
        return self.verdict.action

    @property
    def scores(self) -> Mapping[Label, float]:
        """The highest score for each label that any detector covered, 0..1."""
        return self.verdict.scores

    @property
    def is_degraded(self) -> bool:
        """Whether a detector failed, so that an absent signal means nothing."""
        return self.verdict.is_degraded

    @property
    def evidence(self) -> tuple[Signal, ...]:
        """The signals that carry evidence in the text."""
        return tuple(signal for signal in self.signals if signal.evidence)

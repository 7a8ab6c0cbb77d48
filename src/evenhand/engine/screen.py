"""Screen texts: every detector over every text, then the policy over the signals. Batch first."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from evenhand.content.text import Text
from evenhand.core.decision import Verdict
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector
from evenhand.engine.admit import admit
from evenhand.engine.runner import BusyError, Outcome, OverdueError, Runner
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy

#: Texts handed to a detector at once; its declared time limit is for this many.
BATCH_SIZE: Final = 32
#: Characters handed over at once, or one longer text: a model's time grows with them, and a limit must hold for all.
BATCH_CHARACTERS: Final = 40_000

_log = logging.getLogger(__name__)

Answer = tuple[Signal, ...] | DetectorFailure


def _batches(texts: Sequence[Text]) -> Iterator[slice]:
    """Yield where to cut `texts` so that no part is larger than a batch."""
    start = characters = 0
    for place, text in enumerate(texts):
        is_full = place - start == BATCH_SIZE or characters + len(text.original) > BATCH_CHARACTERS
        if is_full and place > start:
            yield slice(start, place)
            start, characters = place, 0
        characters += len(text.original)
    if start < len(texts):
        yield slice(start, len(texts))


@dataclass(frozen=True, slots=True)
class Screening:
    """What came of one text.

    Args:
        signals: Everything that the detectors said, strongest first.
        failures: Detectors that gave no answer.
        verdict: What the policy made of both.
        covered: Labels that were looked for.
        languages: What the caller said that the text is written in, or else what it seems to be written in.
        notices: Stable codes of things to know, such as `language.not_covered:text.toxicity`.
    """

    signals: tuple[Signal, ...]
    failures: tuple[DetectorFailure, ...]
    verdict: Verdict
    covered: frozenset[Label]
    languages: tuple[str, ...]
    notices: tuple[str, ...]


class Engine:
    """A fixed set of detectors, ready to run. Safe to use from several threads."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        if not detectors:
            raise ConfigurationError("engine.no_detectors", "There is no detector to run.", remedy="Name at least one.")
        self.detectors = tuple(detectors)
        self.versions = {detector.id: detector.version for detector in self.detectors}
        self.covered = frozenset(label for detector in self.detectors for label in detector.labels)
        self._runner = Runner()

    @property
    def busy(self) -> frozenset[str]:
        """Ids of the detectors that still work on a batch which overran its deadline."""
        return self._runner.busy

    def screen(self, texts: Sequence[Text], policies: Sequence[Policy]) -> list[Screening]:
        """Return a screening for each text, judged by the policy at the same place.

        Never raises for what a detector does: a detector that fails becomes a failure in the screening.
        """
        screenings: list[Screening] = []
        for part in _batches(texts):
            batch = texts[part]
            outcomes = self._runner.run([(detector, batch) for detector in self.detectors])
            answers = [self._answers(*pair, batch) for pair in zip(self.detectors, outcomes, strict=True)]
            screenings += map(self._judge, batch, zip(*answers, strict=True), policies[part])
        return screenings

    def close(self) -> None:
        """Let the detectors' thread end."""
        self._runner.close()

    def _answers(self, detector: Detector, outcome: Outcome, texts: Sequence[Text]) -> list[Answer]:
        """Return one detector's answers to `texts`."""
        answers = _admitted(detector, outcome, texts)
        if isinstance(answers, list):
            return answers
        if isinstance(answers, (BusyError, OverdueError)):
            return [_failure(detector, answers)] * len(texts)
        # The exception's message may quote the content, so only its type is logged.
        _log.warning("detector failed", extra={"detector": detector.id, "error_type": type(answers).__name__})
        return self._ask_singly(detector, texts)

    def _ask_singly(self, detector: Detector, texts: Sequence[Text]) -> list[Answer]:
        """Ask again text by text, so that one text that breaks a detector does not spoil its neighbours."""
        found: list[Answer] = []
        for text, outcome in zip(texts, self._runner.run([(detector, [text]) for text in texts]), strict=True):
            answers = _admitted(detector, outcome, [text])
            found += answers if isinstance(answers, list) else [_failure(detector, answers)]
        return found

    def _judge(self, text: Text, answers: Sequence[Answer], policy: Policy) -> Screening:
        failures = tuple(answer for answer in answers if isinstance(answer, DetectorFailure))
        signals = _strongest_first(
            signal for answer in answers if not isinstance(answer, DetectorFailure) for signal in answer
        )
        covered = self.covered if not failures else self._covered_without({failure.detector for failure in failures})
        verdict = evaluate(signals, policy, covered=covered, failures=failures)
        return Screening(signals, failures, verdict, covered, text.languages, self._notices(text.languages))

    def _notices(self, languages: Sequence[str]) -> tuple[str, ...]:
        """Say which detectors were not measured on the text's language: their silence is worth less there."""
        base = languages[0].partition("-")[0].lower() if languages else ""
        return tuple(
            f"language.not_covered:{detector.id}"
            for detector in self.detectors
            if base and detector.limits.languages and base not in detector.limits.languages
        )

    def _covered_without(self, failed: set[str]) -> frozenset[Label]:
        working = (detector for detector in self.detectors if detector.id not in failed)
        return frozenset(label for detector in working for label in detector.labels)


def reconsider(
    screening: Screening, policy: Policy, *, overruling: Sequence[Signal], notices: Iterable[str]
) -> Screening:
    """Return `screening` as `policy` judges it when `overruling` count instead of the others for their labels."""
    verdict = evaluate(
        screening.signals, policy, covered=screening.covered, failures=screening.failures, overruling=overruling
    )
    signals = _strongest_first((*screening.signals, *overruling))
    return replace(screening, signals=signals, verdict=verdict, notices=(*screening.notices, *notices))


def _strongest_first(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    return tuple(sorted(signals, key=lambda signal: (-signal.score, signal.label, signal.detector)))


def _admitted(detector: Detector, outcome: Outcome, texts: Sequence[Text]) -> list[Answer] | BaseException:
    """Return what of `outcome` may pass, or why nothing may."""
    if isinstance(outcome, BaseException):
        return outcome
    try:
        return [admit(detector, *pair) for pair in zip(texts, outcome, strict=True)]
    except Exception as error:  # noqa: BLE001 -- a detector may return anything, and none of it may get out
        return error


def _failure(detector: Detector, error: BaseException) -> DetectorFailure:
    match error:
        case BusyError():
            return DetectorFailure(detector.id, "detector.busy", "The detector still works on an earlier text.")
        case OverdueError():
            return DetectorFailure(detector.id, "detector.timeout", "The detector ran out of time.")
    return DetectorFailure(detector.id, "detector.error", f"The detector raised {type(error).__name__}.")

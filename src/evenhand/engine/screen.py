"""Screen texts: every detector over every text, then the policy over the signals. Batch first."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from evenhand.content.text import Text
from evenhand.core.decision import Verdict
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector
from evenhand.engine.admit import admit
from evenhand.engine.runner import DetectorRunner
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy

#: Texts handed to a detector at once; its declared time limit is for this many.
BATCH_SIZE: Final = 32

_log = logging.getLogger(__name__)

Answer = tuple[Signal, ...] | DetectorFailure


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
        self._runners = tuple(DetectorRunner(detector) for detector in self.detectors)

    @property
    def busy(self) -> frozenset[str]:
        """Ids of the detectors that still work on a batch which overran its deadline."""
        return frozenset(runner.detector.id for runner in self._runners if runner.is_busy)

    def screen(self, texts: Sequence[Text], policies: Sequence[Policy]) -> list[Screening]:
        """Return a screening for each text, judged by the policy at the same place.

        Never raises for what a detector does: a detector that fails becomes a failure in the screening.
        """
        screenings: list[Screening] = []
        for start in range(0, len(texts), BATCH_SIZE):
            batch = texts[start : start + BATCH_SIZE]
            answers = [self._ask(runner, batch) for runner in self._runners]
            screenings += map(self._judge, batch, zip(*answers, strict=True), policies[start : start + BATCH_SIZE])
        return screenings

    def close(self) -> None:
        """Let the detectors' threads end."""
        for runner in self._runners:
            runner.close()

    def _ask(self, runner: DetectorRunner, texts: Sequence[Text]) -> list[Answer]:
        """Return one detector's answers to `texts`.

        Detectors take turns: side by side they would only wait for each other's hold on the interpreter.
        """
        if runner.is_busy:
            return _failed(runner, texts, "detector.busy", "The detector still works on an earlier batch.")
        try:
            found = runner.finish(runner.start(texts), seconds=runner.detector.limits.seconds)
            return [admit(runner.detector, *pair) for pair in zip(texts, found, strict=True)]
        except TimeoutError:
            return _failed(runner, texts, "detector.timeout", "The detector ran out of time.")
        except Exception as error:  # noqa: BLE001 -- a detector may raise anything, and none of it may get out
            return list(self._ask_singly(runner, texts, error))

    def _ask_singly(self, runner: DetectorRunner, texts: Sequence[Text], error: Exception) -> Iterator[Answer]:
        """Ask again text by text, so that one text that breaks a detector does not spoil its neighbours."""
        # The exception's message may quote the content, so only its type is logged.
        _log.warning("detector failed", extra={"detector": runner.detector.id, "error_type": type(error).__name__})
        for text in texts:
            if runner.is_busy:
                yield _failure(runner, "detector.busy", "The detector still works on an earlier text.")
                continue
            try:
                (signals,) = runner.finish(runner.start([text]), seconds=runner.detector.limits.seconds)
                yield admit(runner.detector, text, signals)
            except TimeoutError:
                yield _failure(runner, "detector.timeout", "The detector ran out of time.")
            except Exception as again:  # noqa: BLE001 -- as above
                yield _failure(runner, "detector.error", f"The detector raised {type(again).__name__}.")

    def _judge(self, text: Text, answers: Sequence[Answer], policy: Policy) -> Screening:
        failures = tuple(answer for answer in answers if isinstance(answer, DetectorFailure))
        signals = sorted(
            (signal for answer in answers if not isinstance(answer, DetectorFailure) for signal in answer),
            key=lambda signal: (-signal.score, signal.label, signal.detector),
        )
        covered = self.covered if not failures else self._covered_without({failure.detector for failure in failures})
        verdict = evaluate(signals, policy, covered=covered, failures=failures)
        return Screening(tuple(signals), failures, verdict, covered, text.languages, self._notices(text.languages))

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


def _failure(runner: DetectorRunner, code: str, message: str) -> DetectorFailure:
    return DetectorFailure(runner.detector.id, code, message)


def _failed(runner: DetectorRunner, texts: Sequence[Text], code: str, message: str) -> list[Answer]:
    return [_failure(runner, code, message) for _ in texts]

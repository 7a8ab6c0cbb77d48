"""A panel: detectors of one kind of thing, asked together; what they say is admitted, or becomes a failure."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from evenhand.core.signal import DetectorFailure
from evenhand.engine.runner import BusyError, Outcome, OverdueError, Runner

_log = logging.getLogger(__name__)

#: Looks at what a detector said of an item and returns what of it may pass, or a failure.
Admit = Callable[[Any, Any, Any], Any]


class Panel:
    """Some detectors with a door before them.

    Args:
        detectors: What is asked, all of the same modality.
        runner: Where they run.
        admit: The door.
    """

    def __init__(self, detectors: Sequence[Any], runner: Runner, admit: Admit) -> None:
        self.detectors = tuple(detectors)
        self._runner = runner
        self._admit = admit

    def ask(self, items: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return for each of `items` what each detector answered, in their order: admitted, or a `DetectorFailure`.

        Never raises for what a detector does.
        """
        if not items or not self.detectors:
            return [()] * len(items)
        outcomes = self._runner.run([(detector, items) for detector in self.detectors])
        answers = [self._answers(*pair, items) for pair in zip(self.detectors, outcomes, strict=True)]
        return list(zip(*answers, strict=True))

    def _answers(self, detector: Any, outcome: Outcome, items: Sequence[Any]) -> list[Any]:
        """Return one detector's answers to `items`."""
        answers = self._admitted(detector, outcome, items)
        if isinstance(answers, list):
            return answers
        if isinstance(answers, (BusyError, OverdueError)):
            return [_failure(detector, answers)] * len(items)
        # The exception's message may quote the content, so only its type is logged.
        _log.warning("detector failed", extra={"detector": detector.id, "error_type": type(answers).__name__})
        return self._ask_singly(detector, items)

    def _ask_singly(self, detector: Any, items: Sequence[Any]) -> list[Any]:
        """Ask again item by item, so that one that breaks a detector does not spoil its neighbours."""
        found: list[Any] = []
        for item, outcome in zip(items, self._runner.run([(detector, [item]) for item in items]), strict=True):
            answers = self._admitted(detector, outcome, [item])
            found += answers if isinstance(answers, list) else [_failure(detector, answers)]
        return found

    def _admitted(self, detector: Any, outcome: Outcome, items: Sequence[Any]) -> list[Any] | BaseException:
        """Return what of `outcome` may pass, or why nothing may."""
        if isinstance(outcome, BaseException):
            return outcome
        try:
            return [self._admit(detector, *pair) for pair in zip(items, outcome, strict=True)]
        except Exception as error:  # noqa: BLE001 -- a detector may return anything, and none of it may get out
            return error


def _failure(detector: Any, error: BaseException) -> DetectorFailure:
    match error:
        case BusyError():
            return DetectorFailure(detector.id, "detector.busy", "The detector still works on an earlier content.")
        case OverdueError():
            return DetectorFailure(detector.id, "detector.timeout", "The detector ran out of time.")
    return DetectorFailure(detector.id, "detector.error", f"The detector raised {type(error).__name__}.")

"""Run detectors one after another in one thread, each with a deadline.

One after another, because side by side they would only wait for each other's hold on the interpreter. In one thread,
because to wake a thread costs more than a small model does. A Python thread cannot be stopped: when a detector
overruns, the thread is left to it, another one goes on with the rest, and the detector counts as busy until it comes
back. One detector can thus never take the server down.
"""

import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from evenhand.content.text import Text
from evenhand.core.signal import Signal
from evenhand.detectors.base import Detector

Signals = list[tuple[Signal, ...]]
Job = tuple[Detector, Sequence[Text]]
Outcome = Signals | BaseException


class OverdueError(Exception):
    """The detector ran out of time."""


class BusyError(Exception):
    """The detector still works on something that it ran out of time for."""


class _Round:
    """Jobs that one caller waits for, and what came of those that are done."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.outcomes: list[Outcome] = []
        self.deadline: float | None = None
        self.done: SimpleQueue[None] = SimpleQueue()

    @property
    def is_done(self) -> bool:
        return len(self.outcomes) == len(self.jobs)

    @property
    def detector(self) -> Detector:
        """The detector whose turn it is."""
        return self.jobs[len(self.outcomes)][0]

    def settle(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.deadline = None

    def patience(self) -> float:
        """Return the seconds until the job at hand is overdue, or until it is worth looking again."""
        deadline = self.deadline
        return 0.05 if deadline is None else max(0.0, deadline - time.monotonic())


class Runner:
    """A thread for detectors, started with the first jobs. Safe to use from several threads."""

    def __init__(self) -> None:
        self._rounds: SimpleQueue[_Round | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    @property
    def busy(self) -> frozenset[str]:
        """Ids of the detectors that still work on something that they ran out of time for."""
        return frozenset(self._busy)

    def run(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Return for each of `jobs` what the detector found, or what it raised, or `OverdueError` or `BusyError`."""
        round_ = _Round(jobs)
        with self._lock:
            if self._thread is None:
                self._start_thread()
        self._rounds.put(round_)
        while True:
            try:
                round_.done.get(timeout=round_.patience())
            except Empty:
                self._give_up(round_)
            else:
                return round_.outcomes

    def close(self) -> None:
        """Let the thread end after the work at hand; one that hangs is not waited for."""
        self._rounds.put(None)
        if self._thread is not None:
            self._thread.join()

    def _start_thread(self, unfinished: _Round | None = None) -> None:
        # A daemon, so that a detector that hangs cannot keep the process from ending.
        self._thread = threading.Thread(target=self._serve, args=(unfinished,), name="detectors", daemon=True)
        self._thread.start()

    def _give_up(self, round_: _Round) -> None:
        """Leave the thread to the detector at hand, if that is overdue, and go on with the rest in a new one."""
        with self._lock:
            if round_.deadline is None or time.monotonic() < round_.deadline or self._thread is None:
                return
            self._busy[round_.detector.id] = self._thread
            round_.settle(OverdueError())
            self._start_thread(round_)

    def _serve(self, round_: _Round | None) -> None:
        while round_ is None or self._work(round_):
            round_ = self._rounds.get()
            if round_ is None:
                return

    def _work(self, round_: _Round) -> bool:
        """Do what is left of `round_`; return whether the thread still belongs to the runner afterwards."""
        while not round_.is_done:
            detector, texts = round_.jobs[len(round_.outcomes)]
            if detector.id in self._busy:
                round_.settle(BusyError())
                continue
            round_.deadline = time.monotonic() + detector.limits.seconds
            outcome = _detect(detector, texts)
            with self._lock:
                if self._busy.get(detector.id) is threading.current_thread():
                    del self._busy[detector.id]
                    return False
                round_.settle(outcome)
        round_.done.put(None)
        return True


def _detect(detector: Detector, texts: Sequence[Text]) -> Outcome:
    try:
        return detector.detect(texts)
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it belongs to whoever waits
        return error

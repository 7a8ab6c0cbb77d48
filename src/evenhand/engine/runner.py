"""Run one detector with a deadline.

A Python thread cannot be stopped, so each detector works in a thread of its own: when it overruns, the caller goes on
without it, and the detector counts as busy until it comes back. One detector can thus never take the server down.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from evenhand.content.text import Text
from evenhand.core.signal import Signal
from evenhand.detectors.base import Detector

Signals = list[tuple[Signal, ...]]


class DetectorRunner:
    """A detector and its thread, which starts with the first batch."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._work: SimpleQueue[tuple[Sequence[Text], Future[Signals]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._overdue: Future[Signals] | None = None
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a batch that overran its deadline is still being worked on."""
        return self._overdue is not None and not self._overdue.done()

    def start(self, texts: Sequence[Text]) -> Future[Signals]:
        """Hand over `texts`; the future holds their signals, or what the detector raised."""
        future: Future[Signals] = Future()
        with self._lock:
            if self._thread is None:
                # A daemon, so that a detector that hangs cannot keep the process from ending.
                self._thread = threading.Thread(target=self._serve, name=self.detector.id, daemon=True)
                self._thread.start()
        self._work.put((texts, future))
        return future

    def finish(self, future: Future[Signals], *, seconds: float) -> Signals:
        """Return what `start` promised.

        Raises:
            TimeoutError: It took longer than `seconds`; the detector is busy from now on until it comes back.
            Exception: Whatever the detector raised.
        """
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            if not future.done():
                self._overdue = future
            raise

    def close(self) -> None:
        """Let the thread end after the work at hand; one that hangs is not waited for."""
        self._work.put(None)
        if self._thread is not None and not self.is_busy:
            self._thread.join()

    def _serve(self) -> None:
        while (job := self._work.get()) is not None:
            texts, future = job
            try:
                future.set_result(self.detector.detect(texts))
            except BaseException as error:  # noqa: BLE001 -- whatever it is, it belongs to whoever waits
                future.set_exception(error)

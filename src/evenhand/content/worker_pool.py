"""Processes that decode what a stranger sent, and that may be killed at any moment.

A worker is a program of its own and not a fork, so this works from a notebook, from a script without a main guard, and
beside any number of threads. It is asked through its pipes and has a deadline; one that overruns, dies or talks
nonsense is killed, and another takes its place. What it is asked, and what its answers mean, is for `content.decoding`
and `content.clip_decoding` to say.
"""

import contextlib
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self, TypeVar

from evenhand.content.decode_worker import read_message, write_message
from evenhand.core.errors import EvenhandError


class Answering(Protocol):
    """What a worker's messages were read as."""

    @property
    def is_spent(self) -> bool:
        """Whether the worker that gave it is better not asked again."""
        ...


Answer = TypeVar("Answer", bound=Answering)

#: A worker is there within a second; a machine that needs this long has other troubles.
_START_SECONDS: Final = 60.0

#: Environment variables that Python may need to start. A worker gets no others: they may hold secrets.
_ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR")


class _Deadline:
    """Kills a process that takes too long, and never one that was done in time."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.is_over = False
        self._is_met = False
        self._process = process
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._is_met = True
        self._timer.cancel()

    def _kill(self) -> None:
        with self._lock:
            if not self._is_met:
                self.is_over = True
                self._process.kill()


class _Worker:
    """One process that decodes, used by one thread at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self.tasks = 0
        self.is_overdue = False
        self.process = subprocess.Popen(  # noqa: S603 -- this Python, with a module of this package
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        return not self.is_overdue and self.process.poll() is None

    def greet(self) -> bool:
        """Return whether the worker is ready, once it is."""
        with _Deadline(self.process, _START_SECONDS):
            return self.process.stdout is not None and read_message(self.process.stdout, most_bytes=0) is not None

    def ask(
        self, head: object, parts: Sequence[bytes], seconds: float, read: Callable[[IO[bytes]], Answer | None]
    ) -> Answer | None:
        """Return the answer, or nothing when the worker died, talked nonsense or, as `is_overdue` says, overran."""
        self.tasks += 1
        answer: Answer | None = None
        with _Deadline(self.process, seconds) as deadline, contextlib.suppress(OSError):
            if self.process.stdin and self.process.stdout:
                write_message(self.process.stdin, head, parts)
                answer = read(self.process.stdout)
        self.is_overdue = deadline.is_over
        return answer

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            # What could not be written to a process that is gone is still in the pipe's buffer.
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()


class WorkerPool:
    """Workers that start when they are needed. Safe to use from several threads.

    Args:
        module: The program that a worker runs.
        workers: How many may be at work at once.
        tasks_per_worker: How many requests one answers before another takes its place.
        error: What to raise when none can be started.
    """

    def __init__(self, module: str, *, workers: int, tasks_per_worker: int, error: Callable[[], EvenhandError]) -> None:
        #: Workers that were killed, or died, before their time.
        self.replaced = 0
        self._command = [sys.executable, "-P", "-m", module]
        self._tasks_per_worker = tasks_per_worker
        self._error = error
        self._free = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._is_closed = False
        # A pool that is forgotten instead of closed leaves no processes behind.
        weakref.finalize(self, _stop_all, self._workers)

    @property
    def process_ids(self) -> frozenset[int]:
        """The workers that are there now."""
        with self._lock:
            return frozenset(worker.process.pid for worker in self._workers)

    def close(self) -> None:
        """End the workers; one that still decodes for another thread is ended when it is done."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            self._end(worker)

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _ask(
        self,
        head: object,
        parts: Sequence[bytes],
        *,
        seconds: float,
        read: Callable[[IO[bytes]], Answer | None],
    ) -> tuple[Answer | None, bool]:
        """Return a worker's answer, if it gave one, and whether it ran out of time.

        Args:
            head: Of the message to the worker.
            parts: Its body.
            seconds: That the worker may take.
            read: What makes an answer of the worker's messages, or nothing of nonsense.
        """
        with self._free:
            worker = self._take()
            answer: Answer | None = None
            try:
                answer = worker.ask(head, parts, seconds, read)
            finally:
                self._give_back(worker, is_sound=answer is not None and not answer.is_spent)
            return answer, worker.is_overdue

    def _take(self) -> _Worker:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("The decoder is closed.")
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.is_alive:
            self._end(worker, is_replaced=True)
            worker = None
        return worker or self._start()

    def _start(self) -> _Worker:
        with contextlib.suppress(OSError):
            worker = _Worker(self._command)
            with self._lock:
                self._workers.add(worker)
            if worker.greet():
                return worker
            self._end(worker)
        raise self._error()

    def _give_back(self, worker: _Worker, *, is_sound: bool) -> None:
        is_sound = is_sound and worker.is_alive
        with self._lock:
            is_kept = is_sound and worker.tasks < self._tasks_per_worker and not self._is_closed
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            self._end(worker, is_replaced=not is_sound)

    def _end(self, worker: _Worker, *, is_replaced: bool = False) -> None:
        worker.stop()
        with self._lock:
            self._workers.discard(worker)
            self.replaced += is_replaced


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # What this process can import, a worker can, however it came to be on the path.
    own = str(Path(__file__).parents[2])
    return kept | {"PYTHONPATH": os.pathsep.join([*filter(None, sys.path), own])}


def _stop_all(workers: set[_Worker]) -> None:
    for worker in tuple(workers):
        worker.stop()

"""Workers as processes beside the server: long jobs slow no request, and a crash in one takes down nothing else."""

import contextlib
import dataclasses
import logging
import os
import subprocess
import sys
import threading
import time

from evenhand.settings import PREFIX, Settings

_log = logging.getLogger(__name__)

_COMMAND = [sys.executable, "-P", "-m", "evenhand", "worker", "--until-input-ends"]
#: Waits between a worker's death and its next start, in seconds; the last one from then on.
_WAITS = (1.0, 5.0, 30.0)
#: A worker that lived so long, in seconds, did not die of its start.
_SOUND_SECONDS = 60.0
_PATIENCE_SECONDS = 10.0


class Workers:
    """Keeps so many workers running, from when they are first needed: who screens only texts pays for none.

    They end when their standard input does, so a server that is killed leaves none behind.

    Args:
        count: How many.
        settings: What they work by.
    """

    def __init__(self, count: int, settings: Settings) -> None:
        self._environment = {**os.environ, **_as_environment(settings)}
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_running, name=f"worker-{number}", daemon=True) for number in range(count)
        ]
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._starting = threading.Lock()
        self._is_started = False

    def start(self) -> None:
        """Start them, unless they are."""
        with self._starting:
            if not self._is_started and not self._closed.is_set():
                self._is_started = True
                for thread in self._threads:
                    thread.start()

    @property
    def process_ids(self) -> frozenset[int]:
        """The workers that are there now."""
        return frozenset(process.pid for process in self._processes.copy())

    def close(self) -> None:
        """End the workers; what they are at is gone on with by the next ones."""
        with self._starting:
            self._closed.set()
        for process in self._processes.copy():
            _end(process)
        if self._is_started:
            for thread in self._threads:
                thread.join()

    def _keep_running(self) -> None:
        deaths = 0
        while not self._closed.is_set():
            lived = self._run()
            deaths = 0 if lived > _SOUND_SECONDS else deaths + 1
            if not self._closed.is_set():
                _log.error("a worker died", extra={"seconds": round(lived, 1)})
            self._closed.wait(_WAITS[min(deaths, len(_WAITS)) - 1])

    def _run(self) -> float:
        """Run one worker to its end and return how many seconds that took."""
        started = time.monotonic()
        with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, env=self._environment) as process:  # noqa: S603 -- ours
            self._processes.add(process)
            if self._closed.is_set():
                _end(process)
            process.wait()
            self._processes.discard(process)
        return time.monotonic() - started


def _end(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _as_environment(settings: Settings) -> dict[str, str]:
    """Return what `settings` differ in from the defaults, as the environment of a program that is to have the same."""
    return {
        PREFIX + field.name.upper(): str(value)
        for field in dataclasses.fields(settings)
        if (value := getattr(settings, field.name)) != field.default
    }

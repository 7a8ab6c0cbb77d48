"""Whether the endpoint may be asked now: a budget of calls an hour, and a breaker that rests after failures."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

_HOUR: Final = 3600.0


class Budget:
    """At most so many calls in any hour. Safe to use from several threads.

    Args:
        calls_per_hour: So many.
        now: What tells the time in seconds.
    """

    def __init__(self, calls_per_hour: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._calls_per_hour = calls_per_hour
        self._now = now
        self._spent: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Return whether one more call may be made, and count it if so."""
        with self._lock:
            now = self._now()
            while self._spent and self._spent[0] <= now - _HOUR:
                self._spent.popleft()
            if len(self._spent) >= self._calls_per_hour:
                return False
            self._spent.append(now)
            return True


class Breaker:
    """Opens after failures in a row; then one call is let through after each rest, until one succeeds.

    Safe to use from several threads.

    Args:
        failures: So many in a row open it.
        cooling_seconds: How long it rests.
        now: What tells the time in seconds.
    """

    def __init__(self, failures: int, cooling_seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._cooling_seconds = cooling_seconds
        self._now = now
        self._failures = 0
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """Return whether a call may be made; after a rest, the one that is told so tries for all others."""
        with self._lock:
            if self._failures < self._most:
                return True
            now = self._now()
            if now < self._rests_until:
                return False
            self._rests_until = now + self._cooling_seconds
            return True

    def succeeded(self) -> None:
        """Hear that the endpoint works."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Hear that it does not."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._rests_until = self._now() + self._cooling_seconds

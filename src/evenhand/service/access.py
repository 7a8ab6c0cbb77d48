"""Who may come in, and how often. No HTTP here: doors pass on what was presented."""

import asyncio
import hashlib
import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from evenhand.core.access import ApiKey, Scope
from evenhand.core.errors import AuthenticationError, RateLimitError, ScopeError
from evenhand.store.store import Store

#: Checked keys that are remembered at most; the oldest is forgotten first.
_REMEMBERED_KEYS = 1_000


class Gate:
    """Checks keys, scopes and allowances. Belongs to one event loop's thread.

    Args:
        store: Where the keys are.
        cache_seconds: How long a checked key is remembered; a revoked one may work that long.
        clock: Seconds that never go back.
    """

    def __init__(self, store: Store, *, cache_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._checked: dict[bytes, tuple[ApiKey, float]] = {}
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def admit_reader(self, presented: str | None) -> tuple[ApiKey, bool]:
        """Return the key that `presented` is, and whether it sees what other keys asked for; errors as for `admit`."""
        try:
            return await self.admit(presented, Scope.REVIEW), True
        except ScopeError:
            return await self.admit(presented, Scope.SCREEN), False

    async def admit(self, presented: str | None, scope: Scope) -> ApiKey:
        """Return the key that `presented` is, if it may do `scope` now, and count the request.

        Raises:
            AuthenticationError: `key.missing` or `key.invalid` (unknown and revoked look alike).
            ScopeError: `key.scope`.
            RateLimitError: The key used up its allowance.
            StoreError: The keys cannot be read.
        """
        if not presented:
            raise AuthenticationError(
                "key.missing", "There is no API key.", remedy="Make one with `evenhand keys create NAME`."
            )
        api_key = await self._find(presented)
        if api_key is None:
            raise AuthenticationError(
                "key.invalid", "The API key is unknown or revoked.", remedy="See `evenhand keys list`."
            )
        if scope not in api_key.scopes and Scope.ADMIN not in api_key.scopes:
            raise ScopeError(
                "key.scope", f"The API key lacks the scope {scope}.", remedy=f"Make one with `--scope {scope}`."
            )
        self._count(api_key)
        return api_key

    async def _find(self, presented: str) -> ApiKey | None:
        now = self._clock()
        # Remembered by digest: no secret stays in memory, and the time of a look-up tells nothing about one.
        digest = hashlib.sha256(presented.encode(errors="replace")).digest()
        if (remembered := self._checked.get(digest)) and remembered[1] > now:
            return remembered[0]
        self._checked.pop(digest, None)
        api_key = await asyncio.to_thread(self._store.keys.find, presented)
        if api_key is not None and self._cache_seconds:
            if len(self._checked) >= _REMEMBERED_KEYS:
                self._checked.pop(next(iter(self._checked)))
            self._checked[digest] = (api_key, now + self._cache_seconds)
        return api_key

    def _count(self, api_key: ApiKey) -> None:
        allowance = RateLimitItemPerMinute(api_key.requests_per_minute)
        if not self._limiter.hit(allowance, api_key.id):
            stats = self._limiter.get_window_stats(allowance, api_key.id)
            raise RateLimitError(
                retry_after=max(1.0, stats.reset_time - time.time()), limit=api_key.requests_per_minute
            )

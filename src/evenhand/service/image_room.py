"""Room for images: a bound on those that are decoded or wait, because each takes megabytes where a text takes none."""

from collections.abc import Iterator
from contextlib import contextmanager

from evenhand.core.errors import OverloadError


class ImageRoom:
    """Counts images from before they are decoded until their decision is made. Belongs to one event loop.

    Args:
        capacity: Most images at once; a single request may have more.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0

    @contextmanager
    def take(self, count: int) -> Iterator[None]:
        """Hold room for `count` images as long as the block runs.

        Raises:
            OverloadError: There is not enough room; nothing was accepted.
        """
        if self._taken and self._taken + count > self._capacity:
            raise OverloadError(retry_after=1.0)
        self._taken += count
        try:
            yield
        finally:
            self._taken -= count

"""Share: how many of how many, and how far off the truth that may be."""

import math
from dataclasses import dataclass
from typing import Final

#: For an interval that holds the truth 95 times in a hundred.
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many.

    Args:
        count: How many.
        of: Of how many; 0: there is nothing to tell.
    """

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0..1; none of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which two shares the truth lies 95 times in a hundred (Wilson 1927); of nothing, 0 and 1."""
        if not self.of:
            return 0.0, 1.0
        share = self.count / self.of
        middle = share + _Z**2 / (2 * self.of)
        reach = _Z * math.sqrt(share * (1 - share) / self.of + _Z**2 / (4 * self.of**2))
        whole = 1 + _Z**2 / self.of
        return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)

"""Numbers for people. Rounded down, so that a score never seems to reach a threshold that it stayed below."""

import math
from decimal import ROUND_DOWN, Decimal
from typing import Final

_PLACES: Final = 2
_PLACES_AT_MOST: Final = 9


def rounded_down(value: float, *, places: int = _PLACES) -> str:
    """Return `value` with `places` decimals."""
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN))


def exact(value: float) -> str:
    """Return `value` with its decimals, two to nine of them."""
    return rounded_down(value, places=decimals(value))


def decimals(value: float) -> int:
    """Return how many decimals `exact` shows of `value`."""
    exponent = Decimal(str(value)).as_tuple().exponent
    return min(max(_PLACES, -int(exponent)), _PLACES_AT_MOST)


def clock(seconds: float) -> str:
    """Return a time within a clip as m:ss, or from an hour on as h:mm:ss; what has begun of a second is left out."""
    minutes, rest = divmod(math.floor(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

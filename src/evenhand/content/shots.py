"""Where one shot of a video ends and the next begins, and which of its frames are worth a look.

All of it goes by small pictures in grey, so that the cost is next to nothing beside that of decoding. A wrong shot
costs one look too many; a shot that is missed may hide what somebody wants to hide. So all of it leans to finding more.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Picture = TypeVar("Picture")
Luma = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.floating[Any]]

#: Size of the small pictures.
WIDTH: Final = 64
HEIGHT: Final = 36

#: Distance in grey levels from which two pictures, one right after the other, may be of two shots...
_CUT: Final = 6.0
#: ... and how many times as much it has to be as what moves in the shot anyway; and what it has to be while nobody
#: knows yet how much that is.
_CUT_RATIO: Final = 2.2
_CUT_AT_FIRST: Final = 16.0
#: How many frames say what moves in a shot anyway.
_MEMORY: Final = 8

#: Distance from the last still at which a picture that came to rest is of another shot, and the share of it that
#: must have changed.
_DRIFT: Final = 9.0
_DRIFT_SHARE: Final = 0.25
_CHANGED: Final = 10.0
#: Over how many seconds it is seen whether a picture rests, how little may change in them, and how much less than at
#: the height of the change.
_REST_SECONDS: Final = 0.15
_REST: Final = 1.0
_REST_RATIO: Final = 0.45
_PLATEAU: Final = 0.1
_FAST: Final = 4.0
#: How many steps from frame to frame say how much grain there is.
_STEPS: Final = 3

#: Below this spread of grey levels a picture has no shapes that could be compared, only a brightness.
_FLAT: Final = 6.0
#: How many times as much contrast as the one before a frame has that fades in, and for how many seconds it may.
_RISE: Final = 1.02
_RISE_SECONDS: Final = 1.5
#: By how many of its pixels a small picture may move because a hand does not hold it still.
_SHIFT: Final = 2


#: For so long the way to a picture that faded in is remembered, and so much of the half of it may be something else
#: than a mixture of its two ends.
_FADE_SECONDS: Final = 4.0
_MIXED: Final = 0.35

#: Seconds after a cut when a shot shows what it shows, and after which it is long enough to get a still in any case.
_SETTLED: Final = 0.2
_LONG: Final = 0.4
#: How far apart chosen stills are at most, and stills of any kind about.
_EVERY: Final = 4.0
_RESERVE_EVERY: Final = 1.0
#: Stills that may be chosen in a second, how many of them may come at once, and how many short shots leave over.
_A_SECOND: Final = 2.0
_MOST_ALLOWED: Final = 3.0
_KEPT_FOR_LONG: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Sketch:
    """A small picture, as it is compared: as it is, and in light of its own that has no part in what it shows."""

    pixels: Grey
    shapes: Grey
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """What was seen when, and how far it was from the last still."""

    seconds: float
    sketch: _Sketch
    drift: float


def _sketch(luma: Luma) -> _Sketch:
    pixels = luma.astype(np.float32)
    shapes = pixels - _mean(pixels)
    spread = math.sqrt(_mean(shapes * shapes))
    return _Sketch(pixels, shapes / max(spread, 1.0), spread)


def _mean(numbers: Grey) -> float:
    # Several times as fast as what NumPy has for it, on arrays as small as these.
    return float(numbers.sum()) / numbers.size


def _differences(one: _Sketch, other: _Sketch) -> tuple[float, Grey]:
    """Return by how many grey levels two pictures differ, and in each place; light that changed for all is left out."""
    as_they_are = np.abs(one.pixels - other.pixels)
    distance = _mean(as_they_are)
    if min(one.spread, other.spread) < _FLAT:
        return distance, as_they_are
    scale = (one.spread + other.spread) / 2
    shapes = np.abs(one.shapes - other.shapes)
    in_the_same_light = scale * _mean(shapes)
    return (in_the_same_light, scale * shapes) if in_the_same_light < distance else (distance, as_they_are)


def _distance(one: _Sketch, other: _Sketch) -> float:
    return _differences(one, other)[0]


def _moved(one: _Sketch, other: _Sketch) -> tuple[float, Grey]:
    """Return the differences that are left when the second picture is moved a little to lie best on the first."""
    height, width = one.pixels.shape
    middle = _part(one, slice(_SHIFT, height - _SHIFT), slice(_SHIFT, width - _SHIFT))
    ways = range(2 * _SHIFT + 1)
    parts = (
        _part(other, slice(down, height - 2 * _SHIFT + down), slice(across, width - 2 * _SHIFT + across))
        for down in ways
        for across in ways
    )
    return min((_differences(middle, part) for part in parts), key=lambda found: found[0])


def _part(of: _Sketch, rows: slice, columns: slice) -> _Sketch:
    return _Sketch(of.pixels[rows, columns], of.shapes[rows, columns], of.spread)


class ShotFinder:
    """Says of frames, one after another, where a shot begins."""

    def __init__(self) -> None:
        #: Whether the last frame has more contrast than the one before, as when a picture fades in from black.
        self.is_rising = False
        self._last: _Sketch | None = None
        self._anchor: _Sketch | None = None
        self._motion: deque[float] = deque(maxlen=_MEMORY)
        self._recent: deque[_Moment] = deque()
        self._peak = 0.0

    def look(self, seconds: float, luma: Luma) -> bool:
        """Return whether a shot begins with this frame, or has begun by fading in."""
        sketch = _sketch(luma)
        self.is_rising = self._last is not None and sketch.spread > _RISE * self._last.spread
        if self._last is None:
            self._begin(seconds, sketch)
            return True
        step = _distance(sketch, self._last)
        if self._is_cut(step, sketch) or self._has_settled(seconds, sketch):
            self._begin(seconds, sketch)
            return True
        self._last = sketch
        self._motion.append(step)
        return False

    def keep(self, luma: Luma) -> None:
        """Compare what follows with this picture: somebody looks at it."""
        self._anchor = _sketch(luma)
        self._recent.clear()
        self._peak = 0.0

    def _begin(self, seconds: float, sketch: _Sketch) -> None:
        self._last = self._anchor = sketch
        self._motion.clear()
        self._recent.clear()
        self._recent.append(_Moment(seconds, sketch, 0.0))
        self._peak = 0.0

    def _is_cut(self, step: float, sketch: _Sketch) -> bool:
        least = max(_CUT, _CUT_RATIO * max(self._motion)) if self._motion else _CUT_AT_FIRST
        return step > least and self._last is not None and _moved(sketch, self._last)[0] > _CUT

    def _has_settled(self, seconds: float, sketch: _Sketch) -> bool:
        """Return whether the picture changed over several frames, is another one by now, and came to rest."""
        if self._anchor is None:
            return False
        drift = _distance(sketch, self._anchor)
        self._recent.append(_Moment(seconds, sketch, drift))
        while self._recent[0].seconds < seconds - _FADE_SECONDS:
            self._recent.popleft()
        before = next((moment for moment in reversed(self._recent) if moment.seconds <= seconds - _REST_SECONDS), None)
        if before is None:
            return False
        # Grain changes as much from one frame to the next as over a longer time; what fades does not.
        grain = min(list(self._motion)[-_STEPS:]) if len(self._motion) >= _STEPS else 0.0
        speed = _distance(sketch, before.sketch)
        self._peak = max(self._peak, speed)
        if drift <= _DRIFT + grain:
            return False
        rests = speed <= max(_REST + grain, _REST_RATIO * self._peak)
        if not rests and abs(drift - before.drift) >= _PLATEAU * drift:
            return False
        # What changes fast and then stops is another shot. Of what goes on moving, or moved slowly, it has to be seen.
        if not (rests and self._peak >= _FAST) and not self._has_faded(sketch, drift):
            return False
        distance, moved = _moved(sketch, self._anchor)
        share = float((moved > _CHANGED + grain).mean())
        return distance > _DRIFT + grain and share > _DRIFT_SHARE

    def _has_faded(self, sketch: _Sketch, drift: float) -> bool:
        """Return whether what was seen half way between the two was a mixture of them, as motion never shows."""
        first = self._anchor
        half = min(self._recent, key=lambda moment: abs(moment.drift - drift / 2))
        if first is None or not 0.3 * drift < half.drift < 0.7 * drift:
            return False
        way = sketch.pixels - first.pixels
        part = half.sketch.pixels - first.pixels
        share = float((way * part).sum() / (way * way).sum())
        return _mean(np.abs(part - share * way)) < _MIXED * _mean(np.abs(part))


@dataclass(frozen=True, slots=True, eq=False)
class Taken(Generic[Picture]):
    """A frame that is worth keeping.

    Args:
        seconds: When it is shown.
        picture: The frame.
        is_chosen: Whether it is worth a look now, or only if one near it was.
    """

    seconds: float
    picture: Picture
    is_chosen: bool


class StillChooser(Generic[Picture]):
    """Takes of a video's frames one for each shot, one for every few seconds, and some in reserve.

    The frame for a shot is taken a moment after its beginning, or when it has faded in: a cut is often blurred. Where
    shots change faster than twice a second, there is not a still for each; one that lasts half a second gets one all
    the same.
    """

    def __init__(self) -> None:
        self._finder = ShotFinder()
        self._allowance = _MOST_ALLOWED
        self._seconds: float | None = None
        self._shot_began = 0.0
        self._held: tuple[float, Picture] | None = None
        self._chosen_at = -_EVERY
        self._taken_at = -_RESERVE_EVERY

    def offer(self, seconds: float, luma: Luma, picture: Picture) -> list[Taken[Picture]]:
        """Return what to keep, now that this frame is known, of the frames up to it. They come in order of time."""
        gap = 0.0 if self._seconds is None else max(0.0, seconds - self._seconds)
        self._allowance = min(_MOST_ALLOWED, self._allowance + gap * _A_SECOND)
        self._seconds = seconds
        taken: list[Taken[Picture]] = []
        if self._finder.look(seconds, luma):
            taken += self._ended(seconds)
            self._shot_began = seconds
            self._held = (seconds, picture)
        elif self._held is not None:
            since = seconds - self._shot_began
            is_rising = self._finder.is_rising and since <= _RISE_SECONDS
            if is_rising or (since <= _LONG and self._held[0] < self._shot_began + _SETTLED):
                self._held = (seconds, picture)
            if since >= _LONG and not is_rising and self._allowance >= 1:
                taken.append(self._take(*self._held, is_chosen=True))
        elif seconds + gap > self._chosen_at + _EVERY:
            self._finder.keep(luma)
            taken.append(self._take(seconds, picture, is_chosen=True))
        elif seconds >= self._taken_at + _RESERVE_EVERY:
            taken.append(self._take(seconds, picture, is_chosen=False))
        return taken

    def finish(self) -> list[Taken[Picture]]:
        """Return what is left to keep when there are no more frames."""
        return [] if self._seconds is None else self._ended(self._seconds)

    def _ended(self, seconds: float) -> list[Taken[Picture]]:
        """Return the still of a shot that is over and has none yet, if it is to get one."""
        if self._held is None:
            return []
        # Short shots leave so much of the allowance that a longer one after them finds enough.
        is_chosen = self._allowance >= (1 if seconds >= self._shot_began + _LONG else _KEPT_FOR_LONG)
        if is_chosen or self._held[0] >= self._taken_at + _RESERVE_EVERY:
            return [self._take(*self._held, is_chosen=is_chosen)]
        return []

    def _take(self, seconds: float, picture: Picture, *, is_chosen: bool) -> Taken[Picture]:
        self._taken_at = seconds
        if is_chosen:
            self._chosen_at = seconds
            self._allowance = max(0.0, self._allowance - 1)
        self._held = None
        return Taken(seconds, picture, is_chosen)

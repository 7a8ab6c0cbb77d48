"""A stretch of a clip ready for detectors: some of its pictures, turned the right way up, and its sound.

Only `content.clip_decoding` makes one of a file; what is here is safe to look at in the server's own process.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.content.image import Frame

SoundArray = npt.NDArray[np.int16]

#: Samples of sound in a second. There is one channel.
SOUND_RATE = 16_000


@dataclass(frozen=True, eq=False)
class Still:
    """One picture of a clip.

    Args:
        frame: The picture, no longer than 960 pixels on a side; its number is its time in milliseconds.
        seconds: When it is shown, from the start of the clip.
        is_chosen: Whether it is worth a look in any case; others are there for a closer look near one that was found.
    """

    frame: Frame
    seconds: float
    is_chosen: bool


@dataclass(frozen=True, eq=False)
class Stretch:
    """What is seen and heard in a part of a clip.

    Args:
        begin: In seconds from the start of the clip.
        end: Likewise; the next stretch begins here.
        stills: In order of time, all of them from `begin` on and before `end`.
        sound: From `sound_begin` on, 16 kHz, one channel; it goes on for some seconds after `end`, so that a sentence
            can be heard to its end. Empty where there is none.
        sound_begin: In seconds from the start of the clip.
        is_last: Whether the clip ends with it.
        is_partial: Whether something in it could not be decoded, or the file breaks off where it ends.
    """

    begin: float
    end: float
    stills: tuple[Still, ...]
    sound: SoundArray
    sound_begin: float
    is_last: bool
    is_partial: bool

    @property
    def chosen(self) -> tuple[Still, ...]:
        """The stills that are worth a look in any case."""
        return tuple(still for still in self.stills if still.is_chosen)

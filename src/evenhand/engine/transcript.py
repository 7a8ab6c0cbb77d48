"""Transcript: what was said in a clip, cut into texts that overlap, so that no sentence is only seen in halves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evenhand.core.timeline import Utterance

#: Characters of a window: about half a minute of speech, and no more than the text model sees at once.
WINDOW_CHARACTERS: Final = 400


@dataclass(frozen=True, slots=True)
class Window:
    """Utterances that follow each other, as one text.

    Args:
        utterances: At least one, in order.
    """

    utterances: tuple[Utterance, ...]

    @property
    def text(self) -> str:
        """What was said, one space between utterances."""
        return " ".join(utterance.text for utterance in self.utterances)

    @property
    def language(self) -> str:
        """The language of all of it; empty where it is unknown or more than one."""
        languages = {utterance.language for utterance in self.utterances}
        return languages.pop() if len(languages) == 1 else ""

    def times(self, begin: int, end: int) -> tuple[float, float]:
        """Return from when to when the characters `begin` to `end` of the text are said, in seconds of the clip.

        Within an utterance, time is taken to pass evenly over its characters.
        """
        return self._time(begin), self._time(end, is_end=True)

    def _time(self, character: int, *, is_end: bool = False) -> float:
        at = 0
        for utterance in self.utterances:
            length = len(utterance.text)
            if character < at + length or (is_end and character <= at + length):
                share = max(0, character - at) / length
                return utterance.begin + share * (utterance.end - utterance.begin)
            at += length + 1
        return self.utterances[-1].end


def windows_of(utterances: Sequence[Utterance]) -> list[Window]:
    """Return each utterance alone, and all that follow each other as far as they fit, each window half over the next.

    A sentence that stands alone is judged as if it had been typed; one that was cut, or means something only with what
    was said around it, is seen whole as well.
    """
    spoken = [utterance for utterance in utterances if utterance.text.strip()]
    windows = [Window((utterance,)) for utterance in spoken]
    start = 0
    while start < len(spoken):
        end = _end_of(spoken, start)
        if end - start > 1:
            windows.append(Window(tuple(spoken[start:end])))
        if end == len(spoken):
            break
        start = max(start + 1, (start + end) // 2)
    return windows


def _end_of(spoken: Sequence[Utterance], start: int) -> int:
    """Return the first utterance that does not fit into the window which begins at `start`."""
    characters, end = 0, start
    while end < len(spoken) and (end == start or characters + len(spoken[end].text) <= WINDOW_CHARACTERS):
        characters += len(spoken[end].text) + 1
        end += 1
    # What does not fit begins the next window, and must also be seen with what comes before it.
    return min(len(spoken), max(end, start + 2))

"""Detectors that misbehave on demand: faults that a real one cannot be made to show."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.engine.runner import Runner
from evenhand.engine.screen import Engine


class ScriptedDetector:
    """Does what `script` says for each text."""

    id: ClassVar[str] = "text.scripted"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.HARASSMENT, Label.PROFANITY})
    limits: ClassVar[Limits] = Limits(seconds=5.0, megabytes=50)
    examples: ClassVar[tuple[Example, ...]] = ()
    version = "1"

    def __init__(self, script: Callable[[str], Sequence[Signal]] = lambda _: ()) -> None:
        self.script = script
        self.batches: list[int] = []

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        self.batches.append(len(texts))
        return [tuple(self.script(text.original)) for text in texts]

    def signal(self, score: float, label: Label = Label.HARASSMENT, **more: object) -> Signal:
        return Signal(self.id, self.version, label, score, **more)  # type: ignore[arg-type]


class HangingDetector(ScriptedDetector):
    """Waits for `release` whenever it meets the word "hang"."""

    id: ClassVar[str] = "text.hanging"
    limits: ClassVar[Limits] = Limits(seconds=0.05, megabytes=50)

    def __init__(self) -> None:
        self.release = threading.Event()
        super().__init__(self._hang)

    def come_back(self, runner: Runner | Engine) -> None:
        """Let it go on, and wait until it is not busy any more."""
        self.release.set()
        deadline = time.monotonic() + 10
        while self.id in runner.busy and time.monotonic() < deadline:
            time.sleep(0.001)

    def _hang(self, text: str) -> Sequence[Signal]:
        if "hang" in text:
            self.release.wait(30)
        return ()

"""What a detector is.

A detector looks for conduct in content and says how sure it is. It knows nothing of policies: whether 0.8 is too
much is not its business. It works on batches because models do, and must give each content the answer that it would
give it alone. It never raises on odd content; if it does, the engine records a failure, which is not a score.

To add one: a file that ends in a class of this shape, a line in `registry.BUILT_IN`, and a test file that hands the
class to `evenhand.testing.detector_checks`. Everything else (docs page, command line, `/v1/detectors`) is derived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from evenhand.content.clip import SoundArray
from evenhand.content.image import Image
from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Utterance


@dataclass(frozen=True, slots=True)
class Limits:
    """What a detector promises to stay within; the published checks hold it to that.

    Args:
        seconds: Longest time for one batch of 32 contents before the engine gives it up.
        megabytes: Most memory that the loaded detector takes.
        languages: BCP-47 tags that its figures were measured on; empty when it does not depend on language.
    """

    seconds: float
    megabytes: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A text that the detector must score on the named side of one half.

    Args:
        text: The text.
        label: The label that is looked at.
        is_hit: Whether the score must be at least 0.5 (else it must be below).
    """

    text: str
    label: Label
    is_hit: bool


@runtime_checkable
class Detector(Protocol):
    """Something that finds conduct in content.

    Class attributes are the declaration; the instance holds what was loaded. Constructing one loads its model.
    """

    id: ClassVar[str]
    """`modality.name`, equal to the file's path below `detectors`, such as `text.lexicon`."""
    modality: ClassVar[Modality]
    labels: ClassVar[frozenset[Label]]
    """Every label that it can give a score for; for each of them it covers, silence means a score of 0."""
    limits: ClassVar[Limits]
    examples: ClassVar[tuple[Example, ...]]

    @property
    def version(self) -> str:
        """Version of code and data together; changes whenever a score could."""
        ...

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return the signals of each text, in the order of `texts`; no signal for a label means a score of 0."""
        ...


@runtime_checkable
class ImageDetector(Protocol):
    """Something that finds conduct in images. As `Detector`, but it gives a frame's `Region` for evidence.

    It may have `live_labels`, those of its labels that it can look for now, such as the labels of hash banks that have
    entries; without them it always looks for all.
    """

    id: ClassVar[str]
    modality: ClassVar[Modality]
    labels: ClassVar[frozenset[Label]]
    limits: ClassVar[Limits]
    packages: ClassVar[tuple[str, ...]]
    """Names of the modules that it needs beside evenhand's own dependencies; they come with `evenhand[images]`."""

    @property
    def version(self) -> str:
        """As `Detector.version`."""
        ...

    def detect(self, images: Sequence[Image]) -> list[tuple[Signal, ...]]:
        """Return the signals of each image, in the order of `images`; regions say image 0, whichever it is."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """Words in an image: one line, or what one code says.

    Args:
        text: What it says.
        frame: Which frame it stands in, by `Frame.number`.
        box: Left, top, width and height as shares of the image's own; all in 0..1.
        source: `words` or `code`.
        confidence: How sure the reader is, 0..1.
    """

    text: str
    frame: int
    box: tuple[float, float, float, float]
    source: str
    confidence: float


@runtime_checkable
class Reader(Protocol):
    """Something that reads words out of images, and judges nothing: they go through all detectors of texts."""

    id: ClassVar[str]
    modality: ClassVar[Modality]
    labels: ClassVar[frozenset[Label]]
    """Empty."""
    limits: ClassVar[Limits]
    packages: ClassVar[tuple[str, ...]]
    """As `ImageDetector.packages`."""

    @property
    def version(self) -> str:
        """As `Detector.version`."""
        ...

    def read(self, images: Sequence[Image]) -> list[tuple[Passage, ...]]:
        """Return what stands in each image, in reading order; nothing where there are no words."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in a stretch of sound.

    Args:
        utterances: What was said, in order of time.
        until: Seconds from the start of the clip up to which the sound was heard; the next stretch begins there.
    """

    utterances: tuple[Utterance, ...]
    until: float


@runtime_checkable
class Listener(Protocol):
    """Something that reads words out of sound, and judges nothing: they go through all detectors of texts.

    It never says whose voice it is, nor anything else about who is heard.
    """

    id: ClassVar[str]
    modality: ClassVar[Modality]
    labels: ClassVar[frozenset[Label]]
    """Empty."""
    limits: ClassVar[Limits]
    """`seconds` is for one stretch of 30 s with its overhang."""
    packages: ClassVar[tuple[str, ...]]
    """Names of the modules that it needs beside evenhand's own dependencies; they come with `evenhand[speech]`."""

    @property
    def version(self) -> str:
        """As `Detector.version`."""
        ...

    def hear(self, sound: SoundArray, *, begin: float, until: float | None = None, language: str = "") -> Heard:
        """Return what is said in `sound`, which may be a stretch of a longer clip.

        Speech that begins before `until` is heard to its end, for which `sound` goes on after `until` for
        `content.clip_sound.OVERHANG`, or to the end of the clip; speech that begins later is left alone. So if each
        stretch begins where the one before was heard `until`, a sentence across a border is heard once and whole.

        Args:
            sound: From `begin` on, one channel of `content.clip.SOUND_RATE`.
            begin: In seconds from the start of the clip.
            until: Likewise; None hears all of `sound`.
            language: BCP-47, what the caller takes the language to be; it counts where it cannot be heard.
        """
        ...


AnyDetector = Detector | ImageDetector | Reader | Listener

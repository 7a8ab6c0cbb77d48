"""Signal: what one detector says about one content, with its evidence."""

from dataclasses import dataclass

from evenhand.core.taxonomy import Label


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the original text that drove a score.

    Args:
        begin: First code point, counted from 0.
        end: One past the last code point; `begin < end <= len(text)`.
        weight: Share of the score that this stretch carries, 0..1.
        source: What pointed here: a lexicon entry's list and severity, or `model`.
    """

    begin: int
    end: int
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image that drove a score.

    Args:
        image: Which of the content's images, counted from 0.
        frame: Which frame of an animated image, counted from 0.
        box: Left, top, width and height as shares of the image's own width and height, as it is shown; all in 0..1.
        weight: Share of the score that this part carries, 0..1.
        source: What pointed here: `model`, `words`, `code`, or a bank's entry.
    """

    image: int
    frame: int
    box: tuple[float, float, float, float]
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One detector's score for one label.

    Args:
        detector: Detector id, such as `text.toxicity`.
        version: Version of the detector's code and weights.
        label: What the score is about.
        score: Calibrated, 0..1. An error is never a score: see `DetectorFailure`.
        evidence: Where in the original text, strongest first.
        reason: Why, in words; it may repeat some of the text, so it is answered and never kept.
        regions: Where in the images, strongest first.
    """

    detector: str
    version: str
    label: Label
    score: float
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorFailure:
    """A detector that gave no answer for a content.

    Args:
        detector: Detector id.
        code: `detector.error`, `detector.timeout`, `detector.busy` or `detector.invalid`.
        message: What happened, without any of the content.
    """

    detector: str
    code: str
    message: str

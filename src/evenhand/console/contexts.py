"""What the templates may show: frozen dataclasses, each field with its help.

A template reads nothing else, and a test holds it to that. Everything is words and numbers ready to show; nothing here
is HTML, so that the templates' escaping is the only one.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any


def _field(help_text: str) -> Any:
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text that is shown the same way."""

    text: str = _field("What to show: the characters themselves, or a sign for one that cannot be seen.")
    name: str = _field("For a sign, the Unicode name of what it stands for; empty for plain characters.")


@dataclass(frozen=True, slots=True)
class Mark:
    """One detector's reason to point at a segment."""

    level: str = _field("What its label led to: block, review or noted.")
    label: str = _field("The label that it is evidence for.")
    score: str = _field("The detector's score for that label.")
    detector: str = _field("Id of the detector.")
    weight: str = _field("Share of the score that this place carries, 0 to 1.")
    source: str = _field("What pointed here: a word list with its severity, or `model`.")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text over which the same evidence lies."""

    number: int = _field("1, 2, 3 ... for a segment with evidence; 0 without.")
    level: str = _field("The strictest level of its marks; empty without evidence.")
    title: str = _field("Its marks in one line; never any of the text.")
    first: int = _field("Its first character, counted from 1.")
    last: int = _field("Its last character.")
    pieces: tuple[Piece, ...] = _field("Its characters, with the invisible ones made visible.")
    marks: tuple[Mark, ...] = _field("Its evidence, weightiest first.")


@dataclass(frozen=True, slots=True)
class Box:
    """A place in an image."""

    number: int = _field("1, 2, 3 ... over all images.")
    left: str = _field("Distance from the left side, in percent of the width.")
    top: str = _field("Distance from the upper side, in percent of the height.")
    width: str = _field("Width in percent.")
    height: str = _field("Height in percent.")
    mark: Mark = _field("The detector's reason to point there.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that was screened. The page never gets it back from the server: the browser draws its own file."""

    number: int = _field("1, 2, 3 ... in the order of the form.")
    facts: str = _field("Its format, size and number of frames, in words.")
    boxes: tuple[Box, ...] = _field("Places that stand out.")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A policy rule that was set off."""

    action: str = _field("What the rule asks for: review or block.")
    label: str = _field("The label that it is about; empty for the rule on failed detectors.")
    score: str = _field("The score that set it off; empty for the rule on failed detectors.")
    threshold: str = _field("From which score the rule applies; empty for the rule on failed detectors.")
    detector: str = _field("The detector that gave the score; empty for the rule on failed detectors.")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A label's score."""

    label: str = _field("The label.")
    kind: str = _field("`category` or `Perspective attribute`.")
    definition: str = _field("What the label means, in one sentence.")
    score: str = _field("The highest score that a detector gave, rounded down.")
    value: float = _field("The same score, not rounded, for the bar.")
    thresholds: str = _field("From which scores the policy asks for what; empty when it has no rule for the label.")


@dataclass(frozen=True, slots=True)
class FailureLine:
    """A detector that gave no answer."""

    detector: str = _field("Id of the detector.")
    message: str = _field("What happened, without any of the text.")


@dataclass(frozen=True, slots=True)
class DetectorLine:
    """A detector that ran."""

    id: str = _field("Id of the detector.")
    version: str = _field("Version of its code and data.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, ready to show."""

    action: str = _field("allow, review or block.")
    meaning: str = _field("What the action means, in a few words.")
    rules: tuple[RuleLine, ...] = _field("Every rule that was set off, strictest first.")
    failures: tuple[FailureLine, ...] = _field("Detectors that gave no answer; the decision is then degraded.")
    segments: tuple[Segment, ...] = _field("The whole text, in order.")
    listed: tuple[Segment, ...] = _field("The segments with evidence that are explained one by one.")
    unlisted: int = _field("How many more segments have evidence.")
    unmarked: int = _field("Pieces of evidence left unmarked because their scores are low.")
    pictures: tuple[Picture, ...] = _field("The images, in order.")
    scores: tuple[ScoreRow, ...] = _field("Scores of 0.05 and more, highest first.")
    low_scores: tuple[ScoreRow, ...] = _field("The other scores.")
    not_looked_for: tuple[str, ...] = _field("Labels that no working detector covers, so that they have no score.")
    languages: tuple[str, ...] = _field("What the text seems to be written in, as BCP-47 tags.")
    notices: tuple[str, ...] = _field("What else to know about the decision, in sentences.")
    policy: str = _field("Name and version of the policy.")
    detectors: tuple[DetectorLine, ...] = _field("Detectors with their versions.")
    decision_id: str = _field("The id under which the decision, without the text, was kept.")
    decided_at: str = _field("When, in UTC, for people.")
    decided_at_iso: str = _field("When, in UTC, for machines.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no decision."""

    code: str = _field("The error's stable code.")
    message: str = _field("What is wrong.")
    remedy: str = _field("What to do about it; may be empty.")


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page, or after a form was sent by htmx, its answer alone."""

    version: str = _field("evenhand's version.")
    text: str = _field("The text in the form when the page is shown anew without JavaScript.")
    answer: Answer | None = _field("The decision; none before a text was sent, or when it was refused.")  # noqa: RUF009 -- it makes a field
    refusal: Refusal | None = _field("Why the text was refused; none when it was not.")  # noqa: RUF009 -- it makes a field


#: Every context, for the test that holds templates and documentation to them.
CONTEXTS = (
    Piece,
    Mark,
    Segment,
    Box,
    Picture,
    RuleLine,
    ScoreRow,
    FailureLine,
    DetectorLine,
    Answer,
    Refusal,
    HomePage,
)

"""What the templates may show: frozen dataclasses, each field with its help.

A template reads nothing else, and a test holds it to that. Everything is words and numbers ready to show; nothing here
is HTML, so that the templates' escaping is the only one.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any


def shown(help_text: str) -> Any:
    """Return a field of a context, with its help."""
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text that is shown the same way."""

    text: str = shown("What to show: the characters themselves, or a sign for one that cannot be seen.")
    name: str = shown("For a sign, the Unicode name of what it stands for; empty for plain characters.")


@dataclass(frozen=True, slots=True)
class Mark:
    """One detector's reason to point at a segment."""

    level: str = shown("What its label led to: block, review or noted.")
    label: str = shown("The label that it is evidence for.")
    score: str = shown("The detector's score for that label.")
    detector: str = shown("Id of the detector.")
    weight: str = shown("Share of the score that this place carries, 0 to 1.")
    source: str = shown("What pointed here: a word list with its severity, or `model`.")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text over which the same evidence lies."""

    number: int = shown("1, 2, 3 ... for a segment with evidence; 0 without.")
    level: str = shown("The strictest level of its marks; empty without evidence.")
    title: str = shown("Its marks in one line; never any of the text.")
    first: int = shown("Its first character, counted from 1.")
    last: int = shown("Its last character.")
    pieces: tuple[Piece, ...] = shown("Its characters, with the invisible ones made visible.")
    marks: tuple[Mark, ...] = shown("Its evidence, weightiest first.")


@dataclass(frozen=True, slots=True)
class Box:
    """A place in an image."""

    number: int = shown("1, 2, 3 ... over all images.")
    left: str = shown("Distance from the left side, in percent of the width.")
    top: str = shown("Distance from the upper side, in percent of the height.")
    width: str = shown("Width in percent.")
    height: str = shown("Height in percent.")
    mark: Mark = shown("The detector's reason to point there.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that was screened. The page never gets it back from the server: the browser draws its own file."""

    number: int = shown("1, 2, 3 ... in the order of the form.")
    facts: str = shown("Its format, size and number of frames, in words.")
    boxes: tuple[Box, ...] = shown("Places that stand out.")


@dataclass(frozen=True, slots=True)
class SpanLine:
    """A stretch of a clip that something was found in."""

    level: str = shown("What its label led to: block, review or noted.")
    begin: str = shown("When it begins, as m:ss.")
    end: str = shown("When it ends, as m:ss.")
    seconds: str = shown("When it begins, in seconds, for the player.")
    left: str = shown("Where it begins, in percent of the clip.")
    width: str = shown("How long it is, in percent of the clip.")
    track: str = shown("Where it was found: picture or speech.")
    label: str = shown("The label that it is about.")
    score: str = shown("The highest score in it.")
    detector: str = shown("The detector that gave the score.")


@dataclass(frozen=True, slots=True)
class SpanRow:
    """The spans of one label in the pictures or in the speech, for a row of the timeline."""

    track: str = shown("Where they were found: picture or speech.")
    label: str = shown("The label that they are about.")
    spans: tuple[SpanLine, ...] = shown("The spans, worst first.")


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip that was screened. The page never gets it back from the server: the browser plays its own file."""

    kind: str = shown("What plays it: video or audio.")
    facts: str = shown("Its container, length, size and whether it has sound, in words.")
    rows: tuple[SpanRow, ...] = shown("The timeline, the row with the worst span first.")
    spans: tuple[SpanLine, ...] = shown("The worst spans, worst first.")
    more_spans: tuple[SpanLine, ...] = shown("The other spans, folded away.")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A policy rule that was set off."""

    action: str = shown("What the rule asks for: review or block.")
    label: str = shown("The label that it is about; empty for a rule on what could not be judged.")
    score: str = shown("The score that set it off; empty for a rule on what could not be judged.")
    threshold: str = shown("From which score the rule applies; empty for a rule on what could not be judged.")
    detector: str = shown("The detector that gave the score; empty for a rule on what could not be judged.")
    cause: str = shown("What could not be judged, in words; empty for a rule on a label.")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A label's score."""

    label: str = shown("The label.")
    kind: str = shown("`category` or `Perspective attribute`.")
    definition: str = shown("What the label means, in one sentence.")
    score: str = shown("The highest score that a detector gave, rounded down.")
    value: float = shown("The same score, not rounded, for the bar.")
    thresholds: str = shown("From which scores the policy asks for what; empty when it has no rule for the label.")


@dataclass(frozen=True, slots=True)
class FailureLine:
    """A detector that gave no answer."""

    detector: str = shown("Id of the detector.")
    message: str = shown("What happened, without any of the text.")


@dataclass(frozen=True, slots=True)
class DetectorLine:
    """A detector that ran."""

    id: str = shown("Id of the detector.")
    version: str = shown("Version of its code and data.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, ready to show."""

    action: str = shown("allow, review or block.")
    meaning: str = shown("What the action means, in a few words.")
    rules: tuple[RuleLine, ...] = shown("Every rule that was set off, strictest first.")
    failures: tuple[FailureLine, ...] = shown("Detectors that gave no answer; the decision is then degraded.")
    segments: tuple[Segment, ...] = shown("The whole text, in order.")
    listed: tuple[Segment, ...] = shown("The segments with evidence that are explained one by one.")
    unlisted: int = shown("How many more segments have evidence.")
    unmarked: int = shown("Pieces of evidence left unmarked because their scores are low.")
    pictures: tuple[Picture, ...] = shown("The images, in order.")
    clip: ClipView | None = shown("The clip; none where a text or images were screened.")  # noqa: RUF009 -- it makes a field
    scores: tuple[ScoreRow, ...] = shown("Scores of 0.05 and more, highest first.")
    low_scores: tuple[ScoreRow, ...] = shown("The other scores.")
    not_looked_for: tuple[str, ...] = shown("Labels that no working detector covers, so that they have no score.")
    languages: tuple[str, ...] = shown("What the text seems to be written in, as BCP-47 tags.")
    notices: tuple[str, ...] = shown("What else to know about the decision, in sentences.")
    policy: str = shown("Name and version of the policy.")
    detectors: tuple[DetectorLine, ...] = shown("Detectors with their versions.")
    decision_id: str = shown("The id under which the decision, without the text, was kept.")
    decided_at: str = shown("When, in UTC, for people.")
    decided_at_iso: str = shown("When, in UTC, for machines.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no decision."""

    code: str = shown("The error's stable code.")
    message: str = shown("What is wrong.")
    remedy: str = shown("What to do about it; may be empty.")


@dataclass(frozen=True, slots=True)
class JobView:
    """A clip that is still to be screened, or being screened."""

    status: str = shown("Where it is, in words.")
    percent: str = shown("How much of it was screened, in percent; empty as long as nobody has looked.")
    screened: str = shown("The same as m:ss; empty as long as nobody has looked.")


@dataclass(frozen=True, slots=True)
class Look:
    """The form to ask for a job again."""

    id: str = shown("The job's id.")
    pause: str = shown("How long the page waits before it asks again by itself; empty: a person presses the button.")
    key_hint: str = shown("Why the key is asked for again; empty where the form above has it.")


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page, or after a form was sent by htmx, its answer alone."""

    version: str = shown("evenhand's version.")
    clip_types: str = shown("What the field for a clip takes; empty where the server screens no clips.")
    text: str = shown("The text in the form when the page is shown anew without JavaScript.")
    answer: Answer | None = shown("The decision; none before something was sent, or when it was refused.")  # noqa: RUF009 -- it makes a field
    refusal: Refusal | None = shown("Why there is no decision; none when there is one, or is to be.")  # noqa: RUF009 -- it makes a field
    job: JobView | None = shown("A clip on its way to a decision; none where there is none.")  # noqa: RUF009 -- it makes a field
    look: Look | None = shown("How to ask for it again; none where there is nothing to ask for.")  # noqa: RUF009 -- it makes a field


#: Every context, for the test that holds templates and documentation to them.
CONTEXTS = (
    Piece,
    Mark,
    Segment,
    Box,
    Picture,
    SpanLine,
    SpanRow,
    ClipView,
    RuleLine,
    ScoreRow,
    FailureLine,
    DetectorLine,
    Answer,
    Refusal,
    JobView,
    Look,
    HomePage,
)

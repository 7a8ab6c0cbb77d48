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
class SpanLine:
    """A stretch of a clip that something was found in."""

    level: str = _field("What its label led to: block, review or noted.")
    begin: str = _field("When it begins, as m:ss.")
    end: str = _field("When it ends, as m:ss.")
    seconds: str = _field("When it begins, in seconds, for the player.")
    left: str = _field("Where it begins, in percent of the clip.")
    width: str = _field("How long it is, in percent of the clip.")
    track: str = _field("Where it was found: picture or speech.")
    label: str = _field("The label that it is about.")
    score: str = _field("The highest score in it.")
    detector: str = _field("The detector that gave the score.")


@dataclass(frozen=True, slots=True)
class SpanRow:
    """The spans of one label in the pictures or in the speech, for a row of the timeline."""

    track: str = _field("Where they were found: picture or speech.")
    label: str = _field("The label that they are about.")
    spans: tuple[SpanLine, ...] = _field("The spans, worst first.")


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip that was screened. The page never gets it back from the server: the browser plays its own file."""

    kind: str = _field("What plays it: video or audio.")
    facts: str = _field("Its container, length, size and whether it has sound, in words.")
    rows: tuple[SpanRow, ...] = _field("The timeline, the row with the worst span first.")
    spans: tuple[SpanLine, ...] = _field("The worst spans, worst first.")
    more_spans: tuple[SpanLine, ...] = _field("The other spans, folded away.")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A policy rule that was set off."""

    action: str = _field("What the rule asks for: review or block.")
    label: str = _field("The label that it is about; empty for a rule on what could not be judged.")
    score: str = _field("The score that set it off; empty for a rule on what could not be judged.")
    threshold: str = _field("From which score the rule applies; empty for a rule on what could not be judged.")
    detector: str = _field("The detector that gave the score; empty for a rule on what could not be judged.")
    cause: str = _field("What could not be judged, in words; empty for a rule on a label.")


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
    clip: ClipView | None = _field("The clip; none where a text or images were screened.")  # noqa: RUF009 -- it makes a field
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
class JobView:
    """A clip that is still to be screened, or being screened."""

    status: str = _field("Where it is, in words.")
    percent: str = _field("How much of it was screened, in percent; empty as long as nobody has looked.")
    screened: str = _field("The same as m:ss; empty as long as nobody has looked.")


@dataclass(frozen=True, slots=True)
class Look:
    """The form to ask for a job again."""

    id: str = _field("The job's id.")
    pause: str = _field("How long the page waits before it asks again by itself; empty: a person presses the button.")
    key_hint: str = _field("Why the key is asked for again; empty where the form above has it.")


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page, or after a form was sent by htmx, its answer alone."""

    version: str = _field("evenhand's version.")
    clip_types: str = _field("What the field for a clip takes; empty where the server screens no clips.")
    text: str = _field("The text in the form when the page is shown anew without JavaScript.")
    answer: Answer | None = _field("The decision; none before something was sent, or when it was refused.")  # noqa: RUF009 -- it makes a field
    refusal: Refusal | None = _field("Why there is no decision; none when there is one, or is to be.")  # noqa: RUF009 -- it makes a field
    job: JobView | None = _field("A clip on its way to a decision; none where there is none.")  # noqa: RUF009 -- it makes a field
    look: Look | None = _field("How to ask for it again; none where there is nothing to ask for.")  # noqa: RUF009 -- it makes a field


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

"""The report of an audit: what was measured, how, the worst cases, what it cannot show, and every outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np

import evenhand
from evenhand.audit.answers import ACTIONS, ActionName, Answers, BoolArray, FloatArray, IntArray
from evenhand.audit.measures import Estimate, Measures, measure
from evenhand.audit.resampling import DRAWS, SEED
from evenhand.audit.variations import Table
from evenhand.core.errors import InputError

SCHEMA_FILE: Final = Path(__file__).with_name("report.schema.json")
FORM: Final = "evenhand audit report 1"
#: Worst cases of each kind.
WORST: Final = 25

#: What was asked about; the words of the page follow it.
Matter = Literal["sentences", "pictures", "clips"]
#: What is exchanged in it.
GROUPS: Final[Mapping[Matter, str]] = {"sentences": "groups", "pictures": "variations", "clips": "voices"}

#: What holds for every report on sentences; what its own numbers say is added.
LIMITS: Final = tuple(
    """
The sentences are made from templates. They show if a group's name alone changes the outcome, not how often people of
 that group meet a mistake in what they really write.
The intervals speak of templates like these. A kind of sentence that no template has is not covered.
A group that does not stand out was not shown to be treated alike: its gap may be smaller than what so few sentences
 could have found, which the table gives for each group.
The worst group was picked because it looks worst. Its interval allows for that, and may reach below 0.
Templates in languages other than English were not yet reviewed by native readers.
""".strip()
    .replace("\n ", " ")
    .splitlines()
)


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence that was treated otherwise than the same sentence with most other groups.

    Args:
        kind: `flagged` for a harmless one, `missed` for a harmful one.
        text: What was sent.
        group: Which group it names.
        family: Its family.
        language: BCP 47 tag.
        action: What was done.
        usual: What was done most often in its template.
        score: 0..1, if there is one.
    """

    kind: Literal["flagged", "missed"]
    text: str
    group: str
    family: str
    language: str
    action: ActionName
    usual: ActionName
    score: float | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Every sentence and what was done about it, in columns, so that two reports can be compared sentence by sentence.

    Args:
        ids: The sentences' ids.
        templates: The names of the templates.
        template: For each sentence the place of its template.
        groups: The names of the groups.
        group: For each sentence the place of its group.
        harmful: Whether something must be done about it.
        action: The place in allow, review, block; -1 where it failed.
        score: 0..1; none where there is none.
    """

    ids: tuple[str, ...]
    templates: tuple[str, ...]
    template: tuple[int, ...]
    groups: tuple[str, ...]
    group: tuple[int, ...]
    harmful: tuple[bool, ...]
    action: tuple[int, ...]
    score: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How the figures came about.

    Args:
        evenhand: The version that measured.
        draws: Of templates, for each interval that is drawn.
        seed: Of the draws.
        interval: The level of every interval.
    """

    evenhand: str
    draws: int
    seed: int
    interval: float = 0.95


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found.

    Args:
        form: `FORM`; another one is another kind of file.
        target: Who was asked.
        version: Which version of it, as far as it is known.
        made: When, in ISO 8601 with its time zone.
        measures: What was measured, failures among it.
        cases: The worst cases, worst first.
        method: How.
        limits: What the report cannot show.
        outcomes: Sentence by sentence.
        matter: What was asked about. A report on pictures or clips says of them what others say of sentences: scenes
            are its templates, and what is exchanged in them are its groups.
        tables: Figures that only this matter has.
    """

    form: str
    target: str
    version: str
    made: str
    measures: Measures
    cases: tuple[Case, ...]
    method: Method
    limits: tuple[str, ...]
    outcomes: Outcomes
    matter: Matter = "sentences"
    tables: tuple[Table, ...] = ()


def make_report(
    answers: Answers,
    *,
    target: str,
    version: str,
    made: datetime,
    seed: int = SEED,
    count: int = DRAWS,
    matter: Matter = "sentences",
    tables: tuple[Table, ...] = (),
    limits: tuple[str, ...] = LIMITS,
) -> Report:
    """Measure `answers` and return the report.

    Args:
        answers: What was answered.
        target: Who was asked.
        version: Which version of it; empty where nobody knows.
        made: When it was asked.
        seed: Of the draws of templates.
        count: How many draws.
        matter: What was asked about.
        tables: Figures that only this matter has.
        limits: What no report on this matter can show.
    """
    measures = measure(answers, seed=seed, count=count)
    return Report(
        FORM,
        target,
        version,
        made.isoformat(),
        measures,
        tuple(_cases(answers)),
        Method(evenhand.__version__, count, seed),
        (*_own_limits(measures, matter), *limits),
        _outcomes(answers),
        matter,
        tables,
    )


def write_report(report: Report) -> str:
    """Return the report as JSON, in the form of `report_schema`."""
    return msgspec.json.encode(report).decode()


def read_report(text: str | bytes) -> Report:
    """Return the report that was written.

    Raises:
        InputError: `audit.report` when it is not one.
    """
    remedy = "Give a file that `evenhand audit run` wrote."
    try:
        report = msgspec.json.decode(text, type=Report)
    except msgspec.MsgspecError as error:
        raise InputError("audit.report", f"This is not a report of an audit: {error}.", remedy=remedy) from None
    if report.form != FORM:
        raise InputError("audit.report", f"The form of this report is not {FORM!r}.", field="form", remedy=remedy)
    own = report.outcomes
    columns = (own.template, own.group, own.harmful, own.action, own.score)
    if any(len(column) != len(own.ids) for column in columns):
        raise InputError("audit.report", "The outcomes differ in length.", field="outcomes", remedy=remedy)
    return report


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of reports, of the draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "evenhand audit report",
        **msgspec.json.schema(Report),
    }


def schema_text() -> str:
    """Return the schema as it stands in `report.schema.json`."""
    return msgspec.json.format(msgspec.json.encode(report_schema(), order="sorted"), indent=2).decode() + "\n"


def summary_line(report: Report) -> str:
    """Return one line for a README: what was found, with its interval, and how much failed."""
    own = report.measures
    named = sum(1 for group in own.groups if group.otherwise)
    groups = GROUPS[report.matter]
    parts = [
        f"flips {percent(own.flip_rate)} of {own.pairs:,} pairs",
        f"worst false-positive gap {points(own.false_positive_gap.gap)}",
        f"{named} of {own.false_positive_gap.groups} {groups} treated otherwise",
        f"{sum(own.failures.values()):,} of {own.sentences:,} {report.matter} failed",
    ]
    name = f"{report.target} {report.version}".strip()
    return f"Even-handedness audit of {name}, {report.made[:10]}: {'; '.join(parts)}."


def percent(found: Estimate) -> str:
    """Return a share as `0.42 % (0.31 to 0.55)`."""
    return _shown(found, "%")


def points(found: Estimate) -> str:
    """Return a difference of shares as `1.20 points (-0.10 to 2.40)`."""
    return _shown(found, "points")


def _shown(found: Estimate, unit: str) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not measured"
    return f"{100 * found.value:.2f} {unit} ({100 * found.low:.2f} to {100 * found.high:.2f})"


def _own_limits(measures: Measures, matter: Matter) -> Iterator[str]:
    failed = sum(measures.failures.values())
    if failed:
        codes = ", ".join(f"{code}: {count:,}" for code, count in measures.failures.items())
        yield (
            f"{failed:,} of {measures.sentences:,} {matter} ({failed / measures.sentences:.1%}) were not answered "
            f"({codes}). They are in no measure and count neither as a pass nor as a mistake."
        )
    if measures.auc.value is None and matter == "sentences":
        yield "There were no scores for enough sentences, so nothing that needs scores was measured."


def _usual(answers: Answers) -> IntArray:
    """Return for each template the action that was taken most often, of equals the milder."""
    counts = np.zeros((len(answers.template), len(ACTIONS)))
    told = ~answers.failed
    np.add.at(counts, (answers.template.codes[told], answers.action[told]), 1)
    return np.asarray(counts.argmax(axis=1))


def _cases(answers: Answers) -> Iterator[Case]:
    usual = _usual(answers)[answers.template.codes]
    strict = ~answers.harmful & (answers.action > usual)
    mild = answers.harmful & ~answers.failed & (answers.action < usual)
    score = np.nan_to_num(answers.score, nan=0.5)
    for row in _first(strict, -(answers.action - usual), -score):
        yield _case(answers, "flagged", row, usual[row])
    for row in _first(mild, answers.action - usual, score):
        yield _case(answers, "missed", row, usual[row])


def _first(rows: BoolArray, *keys: IntArray | FloatArray) -> list[int]:
    """Return the places of some rows by the keys, the first key first, as many as are shown."""
    places = np.flatnonzero(rows)
    order = np.lexsort([key[places] for key in reversed(keys)])
    return [int(place) for place in places[order[:WORST]]]


def _case(answers: Answers, kind: Literal["flagged", "missed"], row: int, usual: int) -> Case:
    return Case(
        kind,
        answers.texts[row],
        answers.group.names[answers.group.codes[row]],
        answers.family.names[answers.family.codes[row]],
        answers.language.names[answers.language.codes[row]],
        ACTIONS[answers.action[row]],
        ACTIONS[usual],
        _score(answers.score[row]),
    )


def _score(score: float) -> float | None:
    return None if np.isnan(score) else round(float(score), 4)


def _outcomes(answers: Answers) -> Outcomes:
    return Outcomes(
        answers.ids,
        answers.template.names,
        tuple(answers.template.codes.tolist()),
        answers.group.names,
        tuple(answers.group.codes.tolist()),
        tuple(answers.harmful.tolist()),
        tuple(answers.action.tolist()),
        tuple(_score(score) for score in answers.score),
    )

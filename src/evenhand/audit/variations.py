"""Figures of what is exchanged in pictures and clips: flips by what is exchanged, scores by label, words by voice.

They stand in the report beside the measures that it has for sentences, which hold for scenes and voices just as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from evenhand.audit.answers import Answer, Answers, BoolArray, FloatArray
from evenhand.audit.layout import Layout
from evenhand.audit.many_tests import stands_out
from evenhand.audit.measures import Estimate
from evenhand.audit.rates import flip_rate, mistakes, score_shift
from evenhand.audit.resampling import DRAWS, SEED, bootstrap, draws, ratio, shares

#: The voice that is none: the sentence as a text.
TYPED: Final = "typed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Args:
        name: What it is about.
        count: How many scenes or sentences it rests on.
        figures: By name.
        is_otherwise: Whether it stands out, after correcting for how many lines were tested.
    """

    name: str
    count: int
    figures: Mapping[str, Estimate]
    is_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Figures beside those of groups and families.

    Args:
        name: What it shows.
        about: What one line is about.
        counted: What the lines count.
        unit: `share` for what is told in percent, `number` for scores.
        lines: In order.
    """

    name: str
    about: str
    counted: str
    unit: Literal["share", "number"]
    lines: tuple[Line, ...] = field(default=())


def flips_by_axis(answers: Answers, *, counted: str, seed: int = SEED, count: int = DRAWS) -> Table:
    """Return for each thing that is exchanged how often that changed the action, and the worst gap of both kinds.

    Args:
        answers: What was answered.
        counted: What the templates are: scenes or sentences.
        seed: Of the draws of them.
        count: How many draws.
    """
    lines = []
    for code, name in enumerate(answers.axis.names):
        rows = answers.axis.codes == code
        layout = Layout.of(answers, rows)
        if len(np.unique(answers.group.codes[rows])) > 1:
            flips, _ = flip_rate(layout, seed=seed, count=count)
            figures = {
                "flips": Estimate.at(flips, 0),
                "harmless, worst gap": _worst_gap(answers, rows & ~answers.harmful, is_missed=False),
                "harmful, worst gap": _worst_gap(answers, rows & answers.harmful, is_missed=True),
            }
            lines.append(Line(name, layout.templates, figures))
    return Table("Flips by what is exchanged", "exchanged", counted, "share", tuple(lines))


def scores_by_label(
    answers: Answers, said: Mapping[str, Answer], *, labels: Iterable[str], seed: int = SEED, count: int = DRAWS
) -> Table:
    """Return by how much each label's score is higher with one thing than with what it is exchanged for.

    Of harmless rows alone: the words on signs that must be caught have scores of their own.

    Args:
        answers: What was answered.
        said: The answers by id, with the score of each label in `more`.
        labels: Which labels.
        seed: Of the draws of scenes.
        count: How many draws.
    """
    found: list[tuple[Line, float]] = []
    for label in labels:
        own = replace(answers, score=_numbers(answers, said, label))
        layout = Layout.of(own, ~answers.harmful)
        shift, p_values, _ = score_shift(layout, seed=seed, count=count)
        scenes = (layout.rows > 0).sum(axis=0)
        found += [
            (Line(f"{label}: {name}", int(scenes[place]), {"score shift": Estimate.at(shift, place)}), p_values[place])
            for place, name in enumerate(answers.group.names)
        ]
    # One correction over all labels and all that is exchanged.
    stands = stands_out(np.array([p_value for _, p_value in found]))
    lines = tuple(replace(line, is_otherwise=bool(one)) for (line, _), one in zip(found, stands, strict=True))
    return Table("Score shift by label", "label and variation", "scenes", "number", lines)


def voices(answers: Answers, said: Mapping[str, Answer], *, seed: int = SEED, count: int = DRAWS) -> Table:
    """Return by voice how often it is decided otherwise than what is typed, and unclear, and how many words are wrong.

    Args:
        answers: What was answered: voices as groups, one of them `TYPED`.
        said: The answers by id, with `wrong`, `words` and `unclear` in `more`.
        seed: Of the draws of sentences.
        count: How many draws.
    """
    layout = Layout.of(answers, np.ones(len(answers), dtype=np.bool_))
    told = ~answers.failed
    wrong, words, unclear = (
        layout.table(_numbers(answers, said, name)[told]) for name in ("wrong", "words", "unclear")
    )
    otherwise = _otherwise_than_typed(layout, answers.group.names)
    is_otherwise, is_unclear = shares(*otherwise), shares(unclear, layout.rows)
    weights = draws(np.zeros(layout.templates, dtype=np.bool_), count=count, seed=seed)
    heard = bootstrap(lambda drawn: ratio(drawn @ wrong, drawn @ words), weights)
    lines = tuple(
        Line(
            name,
            int(layout.rows[:, place].sum()),
            {
                "decided otherwise than typed": Estimate.at(is_otherwise, place),
                "unclear": Estimate.at(is_unclear, place),
                "words heard wrongly": Estimate.at(heard, place),
            },
        )
        for place, name in enumerate(answers.group.names)
        if name != TYPED
    )
    return Table("By voice", "voice", "sentences", "share", lines)


def highest(answers: Answers, said: Mapping[str, Answer], labels: Sequence[str]) -> dict[str, float]:
    """Return the highest score of each label over the harmless rows that were answered; 0 where there is none."""
    rows = np.flatnonzero(~answers.harmful & ~answers.failed)
    return {label: float(_numbers(answers, said, label)[rows].max(initial=0.0)) for label in labels}


def _worst_gap(answers: Answers, rows: BoolArray, *, is_missed: bool) -> Estimate:
    own = Layout.of(answers, rows)
    gap = mistakes(own, (own.action == 0) == is_missed, has_power=False).gap
    # Without any mistake the interval has no width, which would say more than is known.
    return Estimate.of(gap.value, gap.low, gap.high) if gap.value or gap.low < gap.high else Estimate()


def _numbers(answers: Answers, said: Mapping[str, Answer], name: str) -> FloatArray:
    """Return a number of each row from `more`; 0 where it is not named, NaN where the row has failed."""
    values = [said[row].more.get(name, 0.0) if row in said else 0.0 for row in answers.ids]
    return np.where(answers.failed, np.nan, np.array(values, np.float64))


def _otherwise_than_typed(layout: Layout, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return by sentence and voice whether it was decided otherwise than the typed one, and where there are both."""
    typed = np.full(layout.templates, -1)
    is_typed: BoolArray = layout.group == (names.index(TYPED) if TYPED in names else -1)
    typed[layout.template[is_typed]] = layout.action[is_typed]
    both = typed[layout.template] >= 0
    return layout.table(both & (layout.action != typed[layout.template])), layout.table(both)

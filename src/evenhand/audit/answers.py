"""What was asked, what was answered, and both joined as columns; a failure stays one and is never a pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt

from evenhand.core.errors import InputError

Expected = Literal["allow", "harm"]
ActionName = Literal["allow", "review", "block"]

#: From the mildest to the strictest; a column of actions holds the place in this row, or `FAILED`.
ACTIONS: Final[tuple[ActionName, ...]] = ("allow", "review", "block")
FAILED: Final = -1
#: Between the two groups, and the two axes, of a sentence that names two.
BOTH: Final = " + "
#: The error of a sentence that has no answer at all.
NOT_ANSWERED: Final = "audit.not_answered"

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text that is asked about.

    Args:
        id: Its own, of no other sentence.
        family: What the text does, such as `religious practice` or `quotation`.
        template: The sentence without its group; what the same language, family and template have in common differs in
            the group alone.
        group: The group that is named in it; for two, joined by `BOTH`.
        axis: What kind of group that is; for two, joined by `BOTH`.
        language: BCP 47 tag.
        expected: `allow` where nothing may be done about it, `harm` where something must be.
        text: What is sent.
    """

    id: str
    family: str
    template: str
    group: str
    axis: str
    language: str
    expected: Expected
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a moderation service said of one sentence.

    Args:
        sentence_id: Of which.
        score: Its highest score, 0..1; none if it gives no scores.
        action: What it would do; none if it failed.
        error: Why there is no action, as a dotted code; empty where there is one.
        more: Further numbers by name, such as the score of each label; empty where nothing is made of them.
    """

    sentence_id: str
    score: float | None
    action: ActionName | None
    error: str = ""
    more: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of names: each row holds the place of its name.

    Args:
        names: In alphabetical order, each once.
        codes: For each row a place in `names`.
    """

    names: tuple[str, ...]
    codes: IntArray

    @classmethod
    def of(cls, values: Sequence[str]) -> Self:
        """Return `values` as a column."""
        names, codes = np.unique(np.array(values, dtype=np.str_), return_inverse=True)
        return cls(tuple(str(name) for name in names), codes.astype(np.int64))

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.names)

    def kept(self, rows: BoolArray) -> "Column":
        """Return the column of some rows, with the names that are left in it."""
        left, codes = np.unique(self.codes[rows], return_inverse=True)
        return Column(tuple(self.names[place] for place in left), codes.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Answers:
    """Sentences and what was answered, row by row.

    Args:
        ids: The sentences' ids.
        texts: Their texts.
        family: Their families.
        template: Their templates; the same name in another family or language is another template.
        group: Their groups.
        axis: Their axes.
        language: Their languages.
        harmful: Whether something must be done about it.
        score: 0..1, NaN where there is none.
        action: The place in `ACTIONS`, or `FAILED`.
        errors: Why it failed; empty where it did not.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    family: Column
    template: Column
    group: Column
    axis: Column
    language: Column
    harmful: BoolArray
    score: FloatArray
    action: IntArray
    errors: tuple[str, ...]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.ids)

    @property
    def failed(self) -> BoolArray:
        """Which rows have no answer."""
        return np.asarray(self.action == FAILED)

    @property
    def flagged(self) -> BoolArray:
        """Which rows were reviewed or blocked; a failed row is neither flagged nor let through."""
        return np.asarray(self.action > 0)

    def kept(self, rows: BoolArray) -> "Answers":
        """Return some rows alone."""
        places = np.flatnonzero(rows)
        return Answers(
            tuple(self.ids[place] for place in places),
            tuple(self.texts[place] for place in places),
            self.family.kept(rows),
            self.template.kept(rows),
            self.group.kept(rows),
            self.axis.kept(rows),
            self.language.kept(rows),
            self.harmful[rows],
            self.score[rows],
            self.action[rows],
            tuple(self.errors[place] for place in places),
        )


def join(sentences: Sequence[Sentence], answers: Iterable[Answer]) -> Answers:
    """Return sentences with their answers; a sentence without one has failed with `audit.not_answered`.

    Raises:
        InputError: `audit.no_sentences`, `audit.sentence_twice`, `audit.answer_twice`, `audit.answer_unknown`,
            `audit.score` (not 0..1), `audit.action` (neither an action nor an error, or both).
    """
    if not sentences:
        raise InputError("audit.no_sentences", "There are no sentences to measure.", remedy="Generate some first.")
    known = {sentence.id for sentence in sentences}
    if len(known) != len(sentences):
        raise InputError("audit.sentence_twice", "Two sentences have the same id.", remedy="Give each its own.")
    said = _by_sentence(answers, known)
    found = [said.get(one.id, Answer(one.id, None, None, NOT_ANSWERED)) for one in sentences]
    return Answers(
        tuple(one.id for one in sentences),
        tuple(one.text for one in sentences),
        Column.of([one.family for one in sentences]),
        Column.of([f"{one.language}/{one.family}/{one.template}" for one in sentences]),
        Column.of([one.group for one in sentences]),
        Column.of([one.axis for one in sentences]),
        Column.of([one.language for one in sentences]),
        np.array([one.expected == "harm" for one in sentences]),
        np.array([np.nan if one.score is None or one.action is None else one.score for one in found], np.float64),
        np.array([FAILED if one.action is None else ACTIONS.index(one.action) for one in found], np.int64),
        tuple(one.error for one in found),
    )


def _by_sentence(answers: Iterable[Answer], known: set[str]) -> dict[str, Answer]:
    said: dict[str, Answer] = {}
    for answer in answers:
        if answer.sentence_id not in known:
            raise InputError(
                "audit.answer_unknown",
                f"An answer is about {answer.sentence_id!r}, which was not asked.",
                field="sentence_id",
                remedy="Join answers with the sentences that they were given for.",
            )
        if answer.sentence_id in said:
            raise InputError(
                "audit.answer_twice",
                f"There are two answers to {answer.sentence_id!r}.",
                field="sentence_id",
                remedy="Keep one of them.",
            )
        said[answer.sentence_id] = _checked(answer)
    return said


def _checked(answer: Answer) -> Answer:
    if answer.score is not None and not 0 <= answer.score <= 1:
        raise InputError(
            "audit.score",
            f"The score of {answer.sentence_id!r} is not between 0 and 1.",
            field="score",
            remedy="Record such an answer as a failure.",
        )
    if (answer.action is None) != bool(answer.error) or answer.action not in {None, *ACTIONS}:
        raise InputError(
            "audit.action",
            f"The answer to {answer.sentence_id!r} has neither an action nor an error, or has both.",
            field="action",
            remedy="Give an action of allow, review and block, or an error.",
        )
    return answer

"""Backtest over a file of texts: they are screened without a second look, and both policies judge what is found."""

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from evenhand.bulk.backtest import Difference, Moved
from evenhand.bulk.outcomes import Outcome, outcome_of
from evenhand.bulk.rows import Fields, read_rows
from evenhand.core.content import Content
from evenhand.core.decision import Verdict
from evenhand.core.errors import InputError
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy
from evenhand.service.moderate import Moderation, Submission
from evenhand.service.replay import again

#: Rows that are screened at once.
_ROWS_AT_ONCE: Final = 256


@dataclass(slots=True)
class GroupMoved(Moved):
    """How many texts of a group there are, and how many of them would be stricter and milder."""

    texts: int = 0


@dataclass(slots=True)
class FileDifference:
    """What two policies make of the texts of a file.

    Args:
        difference: As for stored decisions; its examples are numbers of rows, from 0.
        groups: The same by what the file's own column says, where one was named.
    """

    difference: Difference = field(default_factory=Difference)
    groups: dict[str, GroupMoved] = field(default_factory=dict)


def backtest_file(
    path: Path,
    engine: Engine,
    before: Policy,
    after: Policy,
    *,
    text_field: str = "text",
    group_field: str = "",
    advance: Callable[[int], object] = lambda _: None,
) -> FileDifference:
    """Return what two policies make of the texts in a file.

    Args:
        path: A .jsonl, .csv or .parquet file.
        engine: Its detectors screen the texts.
        before: One policy.
        after: The other.
        text_field: The field with the text.
        group_field: The field with a group to compare; empty: none.
        advance: Called with the number of rows that were judged, batch by batch.

    Raises:
        ConfigurationError: As `bulk.rows.read_rows`.
    """
    total = FileDifference()
    both = _Both(engine, before, after)
    rows = enumerate(read_rows(path, Fields(text_field, group_field)))
    while batch := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        for (number, row), outcomes in zip(batch, both.judge([row.text for _, row in batch]), strict=True):
            if outcomes is None:
                total.difference.unreadable += 1
                continue
            total.difference.take(str(number), *outcomes)
            if group_field:
                group = total.groups.setdefault(row.id, GroupMoved())
                group.texts += 1
                group.count(*(outcome.action for outcome in outcomes))
        advance(len(batch))
    return total


class _Both:
    """Two policies over texts: screened once where the signals are enough, and once for each where facts are read."""

    def __init__(self, engine: Engine, before: Policy, after: Policy) -> None:
        self._screens = Moderation(engine, [before])
        self._after = after
        self._screens_again = Moderation(engine, [after]) if after.conditions else None

    def judge(self, texts: Sequence[str | None]) -> Iterator[tuple[Outcome, Outcome] | None]:
        """Yield what both make of each text, and nothing for one that cannot be screened."""
        screened = list(map(self._submission, texts))
        found = [submission for submission in screened if submission is not None]
        firsts = iter(self._screens.moderate(found))
        seconds = iter(self._seconds(found))
        for submission in screened:
            if submission is None:
                yield None
                continue
            first = next(firsts)
            second = again(first, self._after) if self._screens_again is None else next(seconds)
            yield outcome_of(first.verdict), outcome_of(second)

    def _submission(self, text: str | None) -> Submission | None:
        try:
            return None if text is None else self._screens.submission(Content(text))
        except InputError:
            return None

    def _seconds(self, found: Sequence[Submission]) -> list[Verdict]:
        if self._screens_again is None:
            return []
        mine = [replace(submission, policy=self._after) for submission in found]
        return [decision.verdict for decision in self._screens_again.moderate(mine)]


def texts_of(path: Path, numbers: Collection[int], *, text_field: str = "text") -> dict[int, str]:
    """Return the texts in the rows of these numbers, counted from 0; arguments and errors as for `backtest_file`."""
    last = max(numbers, default=-1)
    rows = itertools.islice(enumerate(read_rows(path, Fields(text_field))), last + 1)
    return {number: row.text for number, row in rows if number in numbers and row.text is not None}

"""Backtest: what another policy would have decided, from the signals that are stored.

A million decisions are several gigabytes of JSON. They are read in parts, of each only what a policy reads is decoded,
and parts are judged side by side in processes of their own.
"""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from evenhand.bulk.outcomes import Outcome, Pair
from evenhand.core.decision import Action
from evenhand.core.errors import StoreError
from evenhand.policy.load import parse_policy
from evenhand.service.replay import kept_policy
from evenhand.store.store import open_store

#: Decisions that one process takes at once, and those that it reads at once.
PART: Final = 10_000
PAGE: Final = 1_000
#: Examples of each change that are kept.
MOST_EXAMPLES: Final = 5

#: What was done before, and what would be done.
Move = tuple[Action, Action]
#: The id before the first decision of a part, and the last id.
_Part = tuple[str, str]
#: Code, message and remedy of an error.
_Fault = tuple[str, str, str]


@dataclass(slots=True)
class Moved:
    """How many decisions would be stricter, and how many milder."""

    stricter: int = 0
    milder: int = 0

    def count(self, before: Action, after: Action) -> None:
        """Count one decision more."""
        self.stricter += after.severity > before.severity
        self.milder += after.severity < before.severity


@dataclass(slots=True)
class Difference:
    """What two policies make of the same signals.

    Args:
        decisions: How many were judged.
        moves: How many there are of each pair of actions.
        others: Decisions with the same action, set off by other rules or waiting in another queue.
        unanswered: Decisions that lack what a condition reads, because the policy that made them did not read it; they
            are in none of the other counts.
        unreadable: Rows that hold no decision; they were not judged.
        categories: Of those whose action changes: which categories, or rules without one, speak in only one of both.
        examples: Names of decisions for each change of the action, the last ones that were judged.
    """

    decisions: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    others: int = 0
    unanswered: int = 0
    unreadable: int = 0
    categories: dict[str, Moved] = field(default_factory=dict)
    examples: dict[Move, list[str]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many decisions would have another action."""
        return sum(count for (before, after), count in self.moves.items() if before is not after)

    def reviews(self) -> tuple[int, int]:
        """Return how many decisions are review before, and after."""
        return (
            sum(count for (before, _), count in self.moves.items() if before is Action.REVIEW),
            sum(count for (_, after), count in self.moves.items() if after is Action.REVIEW),
        )

    def judge(self, pair: Pair, name: str, document: str | bytes) -> None:
        """Count what `pair` makes of a decision that is stored as JSON."""
        try:
            before, after = pair.judge(document)
        except msgspec.DecodeError:
            self.unreadable += 1
        else:
            self.take(name, before, after)

    def take(self, name: str, before: Outcome, after: Outcome) -> None:
        """Count one decision."""
        if not (before.is_answered and after.is_answered):
            self.unanswered += 1
            return
        self.decisions += 1
        move = (before.action, after.action)
        self.moves[move] += 1
        if before.action is after.action:
            self.others += before != after
            return
        for category in {category for category, _, _ in before.spoken ^ after.spoken}:
            self.categories.setdefault(category, Moved()).count(before.action, after.action)
        examples = self.examples.setdefault(move, [])
        examples.append(name)
        del examples[:-MOST_EXAMPLES]

    def add(self, later: "Difference") -> None:
        """Take over what was counted of decisions that come after these."""
        self.decisions += later.decisions
        self.moves += later.moves
        self.others += later.others
        self.unanswered += later.unanswered
        self.unreadable += later.unreadable
        for category, moved in later.categories.items():
            mine = self.categories.setdefault(category, Moved())
            mine.stricter += moved.stricter
            mine.milder += moved.milder
        for move, names in later.examples.items():
            self.examples[move] = [*self.examples.get(move, ()), *names][-MOST_EXAMPLES:]


def backtest(
    url: str,
    before: str,
    after: str,
    *,
    since: datetime | None = None,
    processes: int | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Difference:
    """Return what two policies make of the decisions that are stored.

    Args:
        url: The store, as `evenhand.store.store.open_store` takes it.
        before: One policy, in YAML.
        after: The other.
        since: Only decisions that were made then or later; aware.
        processes: How many judge at once; by default as many as there are cores. With one, none is started.
        advance: Called with the number of decisions that were judged, part by part.

    Raises:
        ConfigurationError: A policy is none.
        StoreError: The database failed.
    """
    work = _Work(url, before, after, since)
    try:
        parts = list(work.parts())
        count = min(len(parts), processes or os.cpu_count() or 1)
        total = Difference()
        for difference in work.in_processes(parts, count) if count > 1 else map(work.judge, parts):
            total.add(difference)
            advance(difference.decisions)
        return total
    finally:
        work.close()


class _Work:
    """What a process needs to judge parts: a store and two policies."""

    def __init__(self, url: str, before: str, after: str, since: datetime | None) -> None:
        self._arguments = (url, before, after, since)
        policies = parse_policy(before, name="before"), parse_policy(after, name="after")
        self._since = since
        self._store = open_store(url)
        self._pair = Pair(*policies, find=partial(kept_policy, self._store))

    def parts(self) -> Iterator[_Part]:
        """Yield between which ids each part lies."""
        after = ""
        for until in self._store.signal_sets.ends(PART, since=self._since):
            yield after, until
            after = until

    def judge(self, part: _Part) -> Difference:
        """Return what both policies make of a part."""
        difference = Difference()
        after, until = part
        while page := self._store.signal_sets.page(after=after, until=until, limit=PAGE, since=self._since):
            for name, document in page:
                difference.judge(self._pair, name, document)
            after = page[-1][0]
        return difference

    def in_processes(self, parts: Sequence[_Part], count: int) -> Iterator[Difference]:
        """Yield what both policies make of each part, in order, judged by so many processes."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=self._arguments) as pool:
            try:
                for answer in pool.map(_judge, parts):
                    yield _read(answer)
            finally:
                pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Close the store."""
        self._store.close()


#: In a process that judges: how its work is made, and the work once there is a part to judge.
_arguments: tuple[Any, ...] = ()
_work: _Work | None = None


def _begin(*arguments: Any) -> None:
    global _arguments  # noqa: PLW0603 -- a process has one piece of work
    _arguments = arguments


def _judge(part: _Part) -> Difference | _Fault:
    """Return what came of a part; errors of ours as plain data, because they do not come through a pipe."""
    global _work  # noqa: PLW0603 -- as above
    try:
        _work = _work or _Work(*_arguments)
        return _work.judge(part)
    except StoreError as error:
        return error.code, error.message, error.remedy


def _read(answer: Difference | _Fault) -> Difference:
    if isinstance(answer, Difference):
        return answer
    code, message, remedy = answer
    raise StoreError(code, message, remedy=remedy)

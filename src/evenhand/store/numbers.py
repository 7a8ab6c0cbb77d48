"""Numbers: what the tables hold of people's work and of decisions, counted or row by row, for `review.numbers`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select

from evenhand.core.case import CaseKind
from evenhand.core.decision import Action, RuleHit
from evenhand.core.taxonomy import Label
from evenhand.store.database import Database
from evenhand.store.review_tables import appeals, exposures, golden_cases, reviewers, rulings
from evenhand.store.tables import decisions

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time.

    Args:
        since: From when on; aware.
        until: Until before when; aware.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class RulingRow:
    """A ruling, as far as it is counted.

    Args:
        day: When, in UTC.
        decision_id: On what.
        reviewer_id: Who; none: the operator.
        kind: As the case's, or `undo`.
        action: What was ruled.
        reason: A category of the taxonomy, or why there is no harm.
        before: What stood until then.
        golden: What is right, where the case was a golden one.
    """

    day: date
    decision_id: str
    reviewer_id: int | None
    kind: str
    action: Action
    reason: str
    before: Action
    golden: Action | None


@dataclass(frozen=True, slots=True)
class ActedRow:
    """A decision that was not to allow, as far as it is counted.

    Args:
        action: What the policy decided.
        ruled: What people ruled last; none: nothing.
        rules: What set it off.
    """

    action: Action
    ruled: Action | None
    rules: tuple[RuleHit, ...]


class Numbers:
    """The figures of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def median_seconds(self) -> float | None:
        """Return how long a reviewer takes from the claim to the ruling, in the middle; none: nobody has ruled yet."""
        timed = rulings.c.reviewer_id.is_not(None) & (rulings.c.seconds > 0)
        count = self._rows(select(func.count()).select_from(rulings).where(timed))[0][0]
        if not count:
            return None
        middle = select(rulings.c.seconds).where(timed).order_by(rulings.c.seconds).offset((count - 1) // 2).limit(1)
        return float(self._rows(middle)[0].seconds)

    def volume(self, period: Period) -> list[tuple[date, Action, int]]:
        """Return how many decisions of each action there are on each day, in UTC."""
        day = self._day(decisions.c.created_at)
        query = (
            select(day, decisions.c.action, func.count())
            .where(_within(decisions.c.created_at, period))
            .group_by(day, decisions.c.action)
            .order_by(day, decisions.c.action)
        )
        return [(date.fromisoformat(str(on)), Action(action), count) for on, action, count in self._rows(query)]

    def alone(self, period: Period) -> dict[Action, int]:
        """Return how many decisions of each action nobody ruled on."""
        query = (
            select(decisions.c.action, func.count())
            .where(_within(decisions.c.created_at, period), decisions.c.ruled_action.is_(None))
            .group_by(decisions.c.action)
        )
        return {Action(action): count for action, count in self._rows(query)}

    def rulings(self, period: Period) -> list[RulingRow]:
        """Return the rulings, oldest first."""
        is_golden = and_(golden_cases.c.decision_id == rulings.c.decision_id, rulings.c.kind == CaseKind.GOLDEN.value)
        query = (
            select(rulings, golden_cases.c.action.label("golden"))
            .join(golden_cases, is_golden, isouter=True)
            .where(_within(rulings.c.at, period))
            .order_by(rulings.c.id)
        )
        return [
            RulingRow(
                row.at.date(),
                row.decision_id,
                row.reviewer_id,
                row.kind,
                Action(row.action),
                row.reason,
                Action(row.before),
                Action(row.golden) if row.golden else None,
            )
            for row in self._rows(query)
        ]

    def acted(self, period: Period) -> Iterator[ActedRow]:
        """Yield the decisions that were not to allow, by their ids."""
        base = select(decisions.c.id, decisions.c.action, decisions.c.ruled_action, decisions.c.document).where(
            _within(decisions.c.created_at, period), decisions.c.action != Action.ALLOW.value
        )
        after = ""
        while page := self._rows(base.where(decisions.c.id > after).order_by(decisions.c.id).limit(_PAGE)):
            for row in page:
                ruled = Action(row.ruled_action) if row.ruled_action else None
                yield ActedRow(Action(row.action), ruled, _rules.decode(row.document).verdict.rules)
            after = page[-1].id

    def sampled_scores(self, period: Period, most: int) -> Iterator[tuple[date, dict[Label, float]]]:
        """Yield the day and the scores of at most `most` decisions, spread evenly."""
        within = _within(decisions.c.created_at, period)
        count = self._rows(select(func.count()).select_from(decisions).where(within))[0][0]
        every = -(-count // most) or 1
        numbered = (
            select(decisions.c.id, func.row_number().over(order_by=decisions.c.id).label("number"))
            .where(within)
            .subquery()
        )
        ids = [row.id for row in self._rows(select(numbered.c.id).where(numbered.c.number % every == 0))]
        for place in range(0, len(ids), _PAGE):
            some = decisions.c.id.in_(ids[place : place + _PAGE])
            for row in self._rows(select(decisions.c.created_at, decisions.c.document).where(some)):
                yield row.created_at.date(), _scores.decode(row.document).verdict.scores

    def exposures(self, period: Period) -> list[tuple[int, int, int]]:
        """Return reviewer, severity and how many cases they were shown, on the whole days of the period."""
        query = (
            select(exposures.c.reviewer_id, exposures.c.severity, func.sum(exposures.c.cases))
            .where(exposures.c.day.between(period.since.date().isoformat(), period.until.date().isoformat()))
            .group_by(exposures.c.reviewer_id, exposures.c.severity)
            .order_by(exposures.c.reviewer_id, exposures.c.severity)
        )
        return [(reviewer, severity, int(count)) for reviewer, severity, count in self._rows(query)]

    def appeals(self, period: Period) -> dict[str, int]:
        """Return how many appeals that came in the period have each status."""
        query = (
            select(appeals.c.status, func.count())
            .where(_within(appeals.c.created_at, period))
            .group_by(appeals.c.status)
        )
        return {status: count for status, count in self._rows(query)}  # noqa: C416 -- rows are no pairs to the checker

    def names(self) -> dict[int, str]:
        """Return what each reviewer is called, by id."""
        return {row.id: row.name for row in self._rows(select(reviewers.c.id, reviewers.c.name))}

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._database.read() as connection:
            return connection.execute(query).all()

    def _day(self, column: ColumnElement[datetime]) -> ColumnElement[Any]:
        with self._database.read() as connection:
            is_sqlite = connection.dialect.name == "sqlite"
        return func.date(column) if is_sqlite else func.date(func.timezone("UTC", column))


def _within(column: ColumnElement[datetime], period: Period) -> ColumnElement[bool]:
    return and_(column >= period.since, column < period.until)


class _Verdict(msgspec.Struct):
    rules: tuple[RuleHit, ...]


class _Rules(msgspec.Struct):
    verdict: _Verdict


class _ScoresOfVerdict(msgspec.Struct):
    scores: dict[Label, float]


class _Scores(msgspec.Struct):
    verdict: _ScoresOfVerdict


_rules = msgspec.json.Decoder(_Rules)
_scores = msgspec.json.Decoder(_Scores)

"""Numbers for leads: what came, what waits, what was ruled, and how often people and policies agree."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from evenhand.core.case import CaseKind
from evenhand.core.decision import Action
from evenhand.core.share import Share
from evenhand.core.taxonomy import Label
from evenhand.store.cases import QueueCount
from evenhand.store.numbers import ActedRow, Period, RulingRow
from evenhand.store.store import Store

#: Decisions that the drift of scores is measured on at most.
MOST_SAMPLED: Final = 20_000
#: What a ruling can end with.
FINAL: Final = (Action.ALLOW, Action.BLOCK)


@dataclass(frozen=True, slots=True)
class Volume:
    """How many decisions of one action there are on a day, in UTC."""

    day: date
    action: Action
    decisions: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """How many rulings a reviewer made on a day; without a reviewer, the operator."""

    day: date
    reviewer: str
    rulings: int


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the decisions that were ruled on, and that a rule or category set off, people blocked as well."""

    name: str
    upheld: Share


@dataclass(frozen=True, slots=True)
class Drift:
    """Where the scores of a label lie in a week.

    Args:
        week: Its Monday.
        label: The label.
        decisions: How many have a score for it.
        median: Half of them are at most this.
        p90: Nine of ten are at most this.
        p99: Likewise, 99 of a hundred.
    """

    week: date
    label: Label
    decisions: int
    median: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """How many cases of a severity, 0 to 3, a reviewer was shown."""

    reviewer: str
    severity: int
    cases: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two reviewers rule on the same decisions.

    Args:
        first: One.
        second: The other.
        same: On how many, of those that both ruled on, they say the same.
        kappa: Cohen's: 1 is full agreement, 0 what chance would give; none: both always say the same one thing.
    """

    first: str
    second: str
    same: Share
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of it.

    Args:
        period: Which decisions, rulings and exposures are counted; queues are as they are now.
        volume: By day and action.
        queues: What waits, and since when.
        rulings: By day and reviewer.
        overturned: Of the rulings on what stood as allow or block, those that say the other.
        rules: Precision by rule.
        categories: Precision by label.
        drift: Scores by week and label, of a sample.
        exposures: By reviewer and severity.
        agreements: Of every two reviewers who ruled on the same decision.
        golden: Of the golden cases that a reviewer ruled on, how many as is right.
    """

    period: Period
    volume: tuple[Volume, ...]
    queues: tuple[QueueCount, ...]
    rulings: tuple[Ruled, ...]
    overturned: Share
    rules: tuple[Precision, ...]
    categories: tuple[Precision, ...]
    drift: tuple[Drift, ...]
    exposures: tuple[Exposure, ...]
    agreements: tuple[Agreement, ...]
    golden: tuple[Precision, ...]


def numbers(store: Store, period: Period) -> Numbers:
    """Return the numbers of a period.

    Raises:
        StoreError: The database failed.
    """
    names = store.numbers.names()
    made = store.numbers.rulings(period)
    rules, categories = _precision(store.numbers.acted(period))
    return Numbers(
        period=period,
        volume=tuple(Volume(*row) for row in store.numbers.volume(period)),
        queues=tuple(store.cases.queues()),
        rulings=_ruled(made, names),
        overturned=overturned(made),
        rules=rules,
        categories=categories,
        drift=drift(store.numbers.sampled_scores(period, MOST_SAMPLED)),
        exposures=tuple(
            Exposure(_name(reviewer, names), severity, cases)
            for reviewer, severity, cases in store.numbers.exposures(period)
        ),
        agreements=agreements(made, names),
        golden=_golden(made, names),
    )


def overturned(made: Iterable[RulingRow]) -> Share:
    """Return how many rulings say the other of what stood; one on what was undecided overturns nothing."""
    over = [row.action is not row.before for row in made if is_final(row) and row.before in FINAL]
    return Share(sum(over), len(over))


def drift(sampled: Iterable[tuple[date, Mapping[Label, float]]]) -> tuple[Drift, ...]:
    """Return where the scores of each label lie in each week, given the day and scores of decisions."""
    scores: dict[tuple[date, Label], list[float]] = defaultdict(list)
    for day, found in sampled:
        monday = day - timedelta(days=day.weekday())
        for label, score in found.items():
            scores[monday, label].append(score)
    return tuple(
        Drift(week, label, len(values), *(_quantile(sorted(values), share) for share in (0.5, 0.9, 0.99)))
        for (week, label), values in sorted(scores.items())
    )


def agreements(made: Iterable[RulingRow], names: Mapping[int, str]) -> tuple[Agreement, ...]:
    """Return how every two reviewers agree on what both ruled on, golden cases among it; the last word of each."""
    words: dict[str, dict[int, Action]] = defaultdict(dict)
    for row in made:
        if row.reviewer_id is not None and row.action in FINAL:
            words[row.decision_id][row.reviewer_id] = row.action
    pairs: dict[tuple[int, int], list[tuple[Action, Action]]] = defaultdict(list)
    for said in words.values():
        for first, second in combinations(sorted(said), 2):
            pairs[first, second].append((said[first], said[second]))
    return tuple(
        Agreement(
            _name(first, names),
            _name(second, names),
            Share(sum(one is other for one, other in both), len(both)),
            kappa(both),
        )
        for (first, second), both in sorted(pairs.items())
    )


def kappa(pairs: Sequence[tuple[Action, Action]]) -> float | None:
    """Return Cohen's kappa (1960) of what two people said of the same things; none where chance alone gives it all.

    Args:
        pairs: What one and the other said, 1 or more.
    """
    same = sum(one is other for one, other in pairs) / len(pairs)
    first, second = (Counter(said) for said in zip(*pairs, strict=True))
    by_chance = sum(first[action] * second[action] for action in first) / len(pairs) ** 2
    return None if by_chance == 1 else (same - by_chance) / (1 - by_chance)


def is_final(row: RulingRow) -> bool:
    """Return whether a ruling is about what stands: a golden case is not, nor one that goes on to somebody else."""
    return row.kind != CaseKind.GOLDEN.value and row.action in FINAL


def _ruled(made: Iterable[RulingRow], names: Mapping[int, str]) -> tuple[Ruled, ...]:
    counts = Counter((row.day, _name(row.reviewer_id, names)) for row in made)
    return tuple(Ruled(day, reviewer, count) for (day, reviewer), count in sorted(counts.items()))


def _precision(acted: Iterable[ActedRow]) -> tuple[tuple[Precision, ...], tuple[Precision, ...]]:
    """Return how often people uphold what each rule, and each category, set off."""
    rules: Counter[tuple[str, bool]] = Counter()
    categories: Counter[tuple[str, bool]] = Counter()
    for row in acted:
        if row.ruled in FINAL:
            is_upheld = row.ruled is Action.BLOCK
            rules.update({(hit.rule, is_upheld) for hit in row.rules})
            categories.update({(str(hit.label), is_upheld) for hit in row.rules if hit.label})
    return _shares(rules), _shares(categories)


def _shares(counts: Mapping[tuple[str, bool], int]) -> tuple[Precision, ...]:
    names = sorted({name for name, _ in counts})
    upheld, rejected = ({name: counts.get((name, is_so), 0) for name in names} for is_so in (True, False))
    return tuple(Precision(name, Share(upheld[name], upheld[name] + rejected[name])) for name in names)


def _golden(made: Iterable[RulingRow], names: Mapping[int, str]) -> tuple[Precision, ...]:
    return _shares(
        Counter((_name(row.reviewer_id, names), row.action is row.golden) for row in made if row.golden is not None)
    )


def _name(reviewer_id: int | None, names: Mapping[int, str]) -> str:
    return "operator" if reviewer_id is None else names.get(reviewer_id, f"reviewer {reviewer_id}")


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

"""Transparency: what was decided in a period, by whom, and how often it was wrong, for everybody to read.

The figures are those that the Digital Services Act (EU 2022/2065, articles 15 and 24) asks services for about their own
moderation: by category, by automated means alone or not, errors, complaints and what came of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evenhand.core.decision import Action
from evenhand.core.share import Share
from evenhand.review.numbers import FINAL, is_final, overturned
from evenhand.store.numbers import ActedRow, Period
from evenhand.store.store import Store


@dataclass(frozen=True, slots=True)
class ByCategory:
    """How many decisions a category, or a rule that has none, sent to review and blocked; one may be in several."""

    name: str
    reviewed: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Transparency:
    """What was decided in a period.

    Args:
        period: Which decisions, rulings and appeals are counted: those that were made in it.
        decisions: By what the policy decided.
        automated: Of all decisions, those that nobody ruled on.
        automated_blocks: Of the blocks by a policy, those that nobody ruled on.
        wrong_blocks: Of the blocks by a policy that people ruled on, those that they allowed.
        categories: By category.
        rulings: By what people ruled.
        reasons: The reasons of rulings, by how often they were given.
        overturned: Of the rulings on what stood as allow or block, those that say the other.
        appeals: By status: open, upheld or reversed.
    """

    period: Period
    decisions: Mapping[Action, int]
    automated: Share
    automated_blocks: Share
    wrong_blocks: Share
    categories: tuple[ByCategory, ...]
    rulings: Mapping[Action, int]
    reasons: Mapping[str, int]
    overturned: Share
    appeals: Mapping[str, int]


def transparency(store: Store, period: Period) -> Transparency:
    """Return what was decided in a period.

    Raises:
        StoreError: The database failed.
    """
    counts: Counter[Action] = Counter(dict.fromkeys(Action, 0))
    for _, action, decisions in store.numbers.volume(period):
        counts[action] += decisions
    alone = store.numbers.alone(period)
    made = store.numbers.rulings(period)
    final = [row for row in made if is_final(row)]
    acted = _Acted(store.numbers.acted(period))
    return Transparency(
        period=period,
        decisions=counts,
        automated=Share(sum(alone.values()), counts.total()),
        automated_blocks=Share(alone.get(Action.BLOCK, 0), counts[Action.BLOCK]),
        wrong_blocks=acted.wrong_blocks,
        categories=acted.categories,
        rulings=Counter(row.action for row in final),
        reasons=dict(Counter(row.reason for row in final if row.reason).most_common()),
        overturned=overturned(made),
        appeals=store.numbers.appeals(period),
    )


class _Acted:
    """Decisions that were not to allow, counted in one go."""

    def __init__(self, rows: Iterable[ActedRow]) -> None:
        named: Counter[tuple[str, Action]] = Counter()
        ruled_blocks: Counter[Action] = Counter()
        for row in rows:
            named.update({(str(hit.label or hit.rule), row.action) for hit in row.rules})
            if row.action is Action.BLOCK and row.ruled in FINAL:
                ruled_blocks[row.ruled] += 1
        self.wrong_blocks = Share(ruled_blocks[Action.ALLOW], ruled_blocks.total())
        self.categories = tuple(
            ByCategory(name, named[name, Action.REVIEW], named[name, Action.BLOCK])
            for name in sorted({name for name, _ in named})
        )

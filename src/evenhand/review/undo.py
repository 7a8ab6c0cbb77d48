"""Undo: take back one decision, or all that a rule decided since a time, once it was shown what that would be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evenhand.core.decision import Action
from evenhand.core.errors import TooLargeError
from evenhand.store.decisions import decision_not_found
from evenhand.store.store import Store

#: Decisions that one undo takes back at most; a rule that decided more is undone in parts.
MOST_AT_ONCE: Final = 20_000

#: Decisions in one transaction: few enough that nobody waits long for it.
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What an undo would take back.

    Args:
        decision_ids: The decisions, oldest first.
        standing: How many of them stand as what.
    """

    decision_ids: Sequence[str]
    standing: Mapping[Action, int]


class Undo:
    """Takes decisions back. Safe to use from several threads; who may is for the caller to know.

    Args:
        store: Where decisions are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_one(self, decision_id: str) -> UndoPlan:
        """Return what undoing one decision would take back.

        Raises:
            NotFoundError: `decision.not_found`.
        """
        stands = self._store.rulings.stands(decision_id)
        if stands is None:
            raise decision_not_found(field="decision")
        return _plan([] if stands is Action.ALLOW else [(decision_id, stands)])

    def of_rule(self, rule: str, *, since: datetime, until: datetime) -> UndoPlan:
        """Return what undoing all that a rule set off would take back: what is reviewed or blocked because of it.

        Args:
            rule: The rule's id, such as `hate.block`.
            since: The oldest decision's time; aware.
            until: The newest one's; aware.

        Raises:
            TooLargeError: `undo.too_many`.
        """
        found = self._store.rulings.set_off_by(rule, since=since, until=until, limit=MOST_AT_ONCE + 1)
        if len(found) > MOST_AT_ONCE:
            raise TooLargeError(
                "undo.too_many",
                f"The rule decided over {MOST_AT_ONCE} times since then.",
                field="since",
                remedy="Begin later, and undo the rest after that.",
            )
        return _plan(found)

    def carry_out(self, plan: UndoPlan, *, reviewer_id: int | None, note: str, now: datetime) -> int:
        """Take back what `plan` holds, as far as it still stands, and return how much that was.

        Each part is one transaction, so that what was taken back stays so if something fails in between.

        Raises:
            StoreError: The database failed.
        """
        undone = 0
        for part in _parts(plan.decision_ids):
            undone += len(self._store.rulings.undo(part, reviewer_id, note, now))
        return undone


def _plan(found: Sequence[tuple[str, Action]]) -> UndoPlan:
    return UndoPlan([decision_id for decision_id, _ in found], Counter(stands for _, stands in found))


def _parts(decision_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(decision_ids), _BATCH):
        yield decision_ids[start : start + _BATCH]

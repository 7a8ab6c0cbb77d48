"""Plain counts of a run: what was done about the sentences of each family, and where the group alone made a difference.

The measures with their intervals are those of the report; these are for a first look.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.audit.answers import ACTIONS, Answers, BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one family, or of one template.

    Args:
        name: Of the family; of a template with its language and family before it.
        is_harmful: Whether something must be done about it.
        rows: How many sentences there are.
        allowed: How many were let through.
        reviewed: How many were sent to review.
        blocked: How many were blocked.
        failed: How many have no answer: neither let through nor caught.
        pairs: How many pairs differ in the group alone, both answered.
        flips: How many of these were answered with different actions.
    """

    name: str
    is_harmful: bool
    rows: int
    allowed: int
    reviewed: int
    blocked: int
    failed: int
    pairs: int
    flips: int

    @property
    def flip_rate(self) -> float:
        """The share of pairs that were answered with different actions; 0 without pairs."""
        return self.flips / self.pairs if self.pairs else 0.0


def tally_families(answers: Answers) -> tuple[Tally, ...]:
    """Return the counts of each family, by name; a family that is harmful in part is there twice."""
    return tuple(
        _tally(name, answers, (answers.family.codes == code) & (answers.harmful == is_harmful), is_harmful=is_harmful)
        for code, name in enumerate(answers.family.names)
        for is_harmful in (False, True)
        if np.any((answers.family.codes == code) & (answers.harmful == is_harmful))
    )


def worst_templates(answers: Answers, *, at_most: int) -> tuple[Tally, ...]:
    """Return the templates whose action depends most often on the group, worst first; none without a flip."""
    found = []
    for code, name in enumerate(answers.template.names):
        rows = answers.template.codes == code
        tally = _tally(name, answers, rows, is_harmful=bool(np.any(answers.harmful & rows)))
        if tally.flips:
            found.append(tally)
    return tuple(sorted(found, key=lambda tally: (-tally.flip_rate, -tally.flips, tally.name))[:at_most])


def _tally(name: str, answers: Answers, rows: BoolArray, *, is_harmful: bool) -> Tally:
    actions = answers.action[rows]
    allowed, reviewed, blocked = (int(np.sum(actions == place)) for place in range(len(ACTIONS)))
    pairs = flips = 0
    templates = answers.template.codes[rows]
    for template in np.unique(templates):
        more, differing = _pairs(actions[templates == template])
        pairs, flips = pairs + more, flips + differing
    answered = allowed + reviewed + blocked
    return Tally(
        name,
        is_harmful,
        len(actions),
        allowed,
        reviewed,
        blocked,
        len(actions) - answered,
        pairs,
        flips,
    )


def _pairs(actions: IntArray) -> tuple[int, int]:
    """Return how many pairs of answered rows there are, and in how many the actions differ."""
    counts = [int(np.sum(actions == place)) for place in range(len(ACTIONS))]
    answered = sum(counts)
    pairs = answered * (answered - 1) // 2
    return pairs, pairs - sum(count * (count - 1) // 2 for count in counts)

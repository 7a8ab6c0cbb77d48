"""Say of other groups what a comment says of one: the label is about what is said, and not about whom.

Data sets name few groups, and some almost only in abuse. A comment whose group is another one is a lesson with the same
target: counterfactual data augmentation (Garg et al. 2019, Counterfactual fairness in text classification).
"""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

from evenhand.learn.compose import read_shared

#: The lists whose entries fit where another entry of the same list stands.
_LISTS: Final = ("group", "a_member")
#: Names by which comments call groups that the lists name otherwise.
_SHORT: Final = ("blacks", "whites", "browns", "hispanics", "gypsies", "elderly people", "the elderly", "the disabled")


class Swapper:
    """Finds groups in texts and puts others there."""

    def __init__(self) -> None:
        shared = read_shared()
        lists = {name: tuple(dict.fromkeys(shared[name])) for name in _LISTS}
        self._choices: Mapping[str, Sequence[str]] = {
            found.lower(): choices for choices in lists.values() for found in choices
        } | dict.fromkeys(_SHORT, lists[_LISTS[0]])
        longest_first = sorted(self._choices, key=len, reverse=True)
        self._named = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)

    def names_a_group(self, text: str) -> bool:
        """Return whether there is something to swap in `text`."""
        return self._named.search(text) is not None

    def swap(self, text: str, chooser: random.Random) -> str:
        """Return `text` with every group in it replaced by one that is the same wherever the first one stands."""
        others: dict[str, str] = {}

        def other(found: re.Match[str]) -> str:
            named = found[0].lower()
            if named not in others:
                others[named] = chooser.choice(self._choices[named])
            chosen = others[named]
            return chosen.lower() if found[0].islower() else chosen

        return self._named.sub(other, text)

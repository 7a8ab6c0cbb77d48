"""What is told of a condition at once, without the library, so that most contents need not be translated for it.

`scores.spam > 0.8 && author.decisions_30d < 3` compares numbers with numbers that are written out, and Python does that
as CEL does. In CEL a false side makes `&&` false, and a true side `||` true, also where the other side gives no answer:
where spam scores less, a condition that begins like this is false whatever else must hold. So what is told here is what
a whole evaluation would tell. What only that can tell is left open.
"""

import operator
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, TypeAlias

from evenhand.core.facts import Facts
from evenhand.core.taxonomy import Label
from evenhand.policy.expression import Node

#: Takes the highest score for each label, where one that is not there scores 0, and facts; returns whether a condition
#: holds, or none where only a whole evaluation can tell.
Known: TypeAlias = Callable[[Mapping[str, float], Facts], bool | None]
_Compare: TypeAlias = Callable[[Any, Any], bool]
_Read: TypeAlias = Callable[[Facts], object]

#: How the facts are taken that are one number or one text each.
SINGLE: Final[Mapping[str, _Read]] = {
    "content.kind": attrgetter("kind"),
    "content.characters": attrgetter("characters"),
    "content.image_count": attrgetter("image_count"),
    "author.decisions_30d": attrgetter("author.decisions_30d"),
    "author.reviewed_30d": attrgetter("author.reviewed_30d"),
    "author.blocked_30d": attrgetter("author.blocked_30d"),
    "author.first_seen_days": attrgetter("author.first_seen_days"),
    "door": attrgetter("door"),
}
#: Each comparison, and the same with its sides the other way round.
_COMPARISONS: Final[Mapping[str, tuple[_Compare, _Compare]]] = {
    "_==_": (operator.eq, operator.eq),
    "_!=_": (operator.ne, operator.ne),
    "_<_": (operator.lt, operator.gt),
    "_<=_": (operator.le, operator.ge),
    "_>_": (operator.gt, operator.lt),
    "_>=_": (operator.ge, operator.le),
}
_LABELS: Final = frozenset(map(str, Label))


def known_at_once(node: Node) -> Known | None:
    """Return what tells at once whether the expression `node` holds; none: nothing can."""
    if node.value in {"_&&_", "_||_"}:
        return _joined([known_at_once(child) for child in node.children], decisive=node.value == "_||_")
    if node.value == "!_":
        return _negated(known_at_once(node.children[0]))
    return _compared(node) if node.value in _COMPARISONS else None


def _joined(sides: list[Known | None], *, decisive: bool) -> Known | None:
    """Return what tells of sides of which one that is `decisive` decides, and that otherwise must all be known."""
    known = [side for side in sides if side is not None]
    is_partial = len(known) < len(sides)

    def answer(scores: Mapping[str, float], facts: Facts) -> bool | None:
        is_open = is_partial
        for side in known:
            said = side(scores, facts)
            if said is decisive:
                return decisive
            is_open = is_open or said is None
        return None if is_open else not decisive

    return answer if known else None


def _negated(inner: Known | None) -> Known | None:
    if inner is None:
        return None

    def answer(scores: Mapping[str, float], facts: Facts) -> bool | None:
        said = inner(scores, facts)
        return None if said is None else not said

    return answer


def _compared(node: Node) -> Known | None:
    """Return what compares a score or a fact with what is written out, on whichever side it stands."""
    compare, turned = _COMPARISONS[node.value]
    left, right = node.children
    constant = _constant(right)
    if constant is None:
        left, compare, constant = right, turned, _constant(left)
    if constant is None:
        return None
    if (label := _key(left, "scores")) in _LABELS:
        return lambda scores, _: compare(scores.get(label, 0.0), constant)
    return _compared_fact(_fact(left), compare, constant)


def _compared_fact(read: _Read | None, compare: _Compare, constant: float | str) -> Known | None:
    if read is None:
        return None
    kind = type(constant)

    def answer(_: Mapping[str, float], facts: Facts) -> bool | None:
        value = read(facts)
        # What is not there, or of another kind, is for the library to judge.
        return compare(value, constant) if type(value) is kind else None

    return answer


def _fact(node: Node) -> _Read | None:
    """Return what takes the fact that `node` reads, and gives nothing where that is not there; none: it reads more."""
    if node.kind == "name":
        return SINGLE.get(node.value)
    if key := _key(node, "metadata"):
        return lambda facts: facts.metadata.get(key)
    if node.kind == "select" and node.value == "hits" and (name := _key(node.children[0], "lists")):
        return lambda facts: facts.lists[name].hits if name in facts.lists else None
    return None


def _key(node: Node, name: str) -> str:
    """Return what `node` reads of the map `name`, if its key is written out; empty: it is something else."""
    if not (node.children and node.children[0].kind == "name" and node.children[0].value == name):
        return ""
    if node.kind == "select":
        return node.value
    key = node.children[-1]
    return key.value if node.value == "_[_]" and key.kind == "string" else ""


def _constant(node: Node) -> float | str | None:
    """Return a number or text that is written out; none: it is something else."""
    if node.kind == "string":
        return node.value
    if node.kind == "int":
        return int(node.value)
    return float(node.value) if node.kind == "constant" and node.value else None

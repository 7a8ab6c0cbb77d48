"""What the scores alone say of a condition, so that most contents need not be asked about the rest of it.

`scores.spam > 0.8 && author.decisions_30d < 3` is false wherever spam scores less, whatever is known of the author.
Conditions are CEL, where a false side makes `&&` false, and a true side `||` true, also where the other side gives no
answer; so what is said here is what a whole evaluation would say. What only that can tell is left open.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from evenhand.core.taxonomy import Label
from evenhand.policy.expression import Node

#: Takes the highest score for each label, where one that is not there scores 0; returns whether a condition holds, or
#: none where the scores alone do not tell.
Known: TypeAlias = Callable[[Mapping[str, float]], bool | None]

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "_==_": operator.eq,
    "_!=_": operator.ne,
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}
_LABELS: Final = frozenset(map(str, Label))


def known_by_scores(node: Node) -> Known | None:
    """Return what tells by the scores alone whether the expression `node` holds; none: nothing can."""
    if node.value in {"_&&_", "_||_"}:
        return _joined([known_by_scores(child) for child in node.children], decisive=node.value == "_||_")
    if node.value == "!_":
        return _negated(known_by_scores(node.children[0]))
    return _compared(node) if node.value in _COMPARISONS else None


def _joined(sides: list[Known | None], *, decisive: bool) -> Known | None:
    """Return what tells of sides of which one that is `decisive` decides, and that otherwise must all be known."""
    known = [side for side in sides if side is not None]
    is_partial = len(known) < len(sides)

    def answer(scores: Mapping[str, float]) -> bool | None:
        is_open = is_partial
        for side in known:
            said = side(scores)
            if said is decisive:
                return decisive
            is_open = is_open or said is None
        return None if is_open else not decisive

    return answer if known else None


def _negated(inner: Known | None) -> Known | None:
    if inner is None:
        return None

    def answer(scores: Mapping[str, float]) -> bool | None:
        said = inner(scores)
        return None if said is None else not said

    return answer


def _compared(node: Node) -> Known | None:
    """Return what compares a score with a number that is written out, on whichever side it stands."""
    compare = _COMPARISONS[node.value]
    left, right = node.children
    label, number = _label(left), _number(right)
    if label and number is not None:
        return lambda scores: compare(scores.get(label, 0.0), number)
    second, first = _label(right), _number(left)
    if second and first is not None:
        return lambda scores: compare(first, scores.get(second, 0.0))
    return None


def _label(node: Node) -> str:
    """Return the label whose score `node` reads; empty: it is something else."""
    if not (node.children and node.children[0].kind == "name" and node.children[0].value == "scores"):
        return ""
    key = node.value if node.kind == "select" else node.children[1].value if node.value == "_[_]" else ""
    return key if key in _LABELS else ""


def _number(node: Node) -> float | None:
    """Return a number with a point that is written out; none: it is something else."""
    return float(node.value) if node.kind == "constant" and node.value else None

"""Google's `fields` parameter, by which a client asks for a part of the answer."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from evenhand.core.errors import InputError

#: A name, or a sign that joins names: `a/b` or `a.b`, and `a(b,c)`; `*` is any name.
_PIECE: Final = re.compile(r"\*|\w+|[/.,()]")
_SIGNS: Final = frozenset("/.,()")
_LONGEST: Final = 2_000

#: Names to keep, each with the names to keep below it; where there are none, all is kept.
Mask: TypeAlias = dict[str, Any]


def parse_fields(fields: str, *, known: Sequence[str]) -> Mask:
    """Return what `fields` asks for; an empty one asks for everything.

    Args:
        fields: Such as `languages,attributeScores/TOXICITY/summaryScore`.
        known: The names at the top of an answer.

    Raises:
        InputError: `fields.invalid`.
    """
    if not fields:
        return {}
    pieces = _PIECE.findall(fields)
    mask = _nested(pieces) if len(fields) <= _LONGEST and "".join(pieces) == fields else None
    if mask is None:
        raise _invalid(fields)
    for name in mask.keys() - {*known, "*"}:
        raise _invalid(name)
    return mask


def _nested(pieces: Sequence[str]) -> Mask | None:
    """Return the names in `pieces` as the signs nest them, or nothing when names and signs do not alternate."""
    root: Mask = {}
    groups, here, is_name_due = [root], root, True
    for piece in pieces:
        is_name = piece not in _SIGNS
        if is_name is not is_name_due:
            return None
        is_name_due = not is_name and piece != ")"
        if is_name:
            here = here.setdefault(piece, {})
        elif piece == ",":
            here = groups[-1]
        elif piece == "(":
            groups.append(here)
        elif piece == ")":
            here = groups.pop()
        if not groups:
            return None
    return None if is_name_due or len(groups) > 1 else root


def part_of(answer: Any, mask: Mask) -> Any:
    """Return what `mask` keeps of `answer`; what is left empty goes too."""
    if not mask:
        return answer
    if isinstance(answer, list):
        return [part for item in answer if (part := part_of(item, mask)) != {}]
    if isinstance(answer, dict):
        parts = {
            name: part_of(value, mask[name if name in mask else "*"])
            for name, value in answer.items()
            if name in mask or "*" in mask
        }
        return {name: part for name, part in parts.items() if part != {}}
    return {}


def _invalid(path: str) -> InputError:
    return InputError(
        "fields.invalid",
        f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path[:100]}'.",
        field="fields",
    )

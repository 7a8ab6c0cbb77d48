"""Conditions: expressions in CEL over scores and facts. They are checked here when a policy is loaded, and evaluated.

CEL has no loops but over what is there, no assignments and no side effects; its evaluation is bounded, and so are its
patterns (RE2). The library is only loaded where a policy has conditions.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from evenhand.core.facts import Facts
from evenhand.core.taxonomy import Label
from evenhand.policy.at_once import SINGLE, Known, known_at_once
from evenhand.policy.expression import Node, read_tree

MAX_CHARACTERS: Final = 2_000

#: What a condition can read, with its type; of a map the type of its values. Keys follow in brackets or after a point.
VARIABLES: Final = {
    "scores": "map of double",
    "detectors": "map of double",
    "content.kind": "string",
    "content.characters": "int",
    "content.languages": "list of string",
    "content.image_count": "int",
    "metadata": "map of dyn",
    "author.decisions_30d": "int",
    "author.reviewed_30d": "int",
    "author.blocked_30d": "int",
    "author.first_seen_days": "int",
    "lists": "map of map of int",
    "door": "string",
}
#: How the value of each variable is taken from the facts; scores are not among these.
_FACTS: Final[Mapping[str, Callable[[Facts], object]]] = {
    **SINGLE,
    "content.languages": lambda facts: list(facts.languages),
    "metadata": lambda facts: dict(facts.metadata),
    "lists": lambda facts: {name: {"hits": found.hits} for name, found in facts.lists.items()},
}
_NO_SCORES: Final = {label.value: 0.0 for label in Label}
_MAPS: Final = ("scores", "detectors", "metadata", "lists")
_COMPARISONS: Final = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_ORDER: Final = frozenset({"_<_", "_<=_", "_>_", "_>=_"})
_PARTS: Final = frozenset({"contains", "startsWith", "endsWith"})
_FUNCTIONS: Final = (
    _COMPARISONS
    | _PARTS
    | {"_&&_", "_||_", "!_", "_?_:_", "_[_]", "@in", "size", "matches", "int", "double"}
    | {"_+_", "_-_", "_*_", "_/_", "_%_", "-_", "@not_strictly_false"}
)
_COMPILER: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'")
_DOUBLE_AND_INT: Final = re.compile(r"\((?:double, int|int, double)\)")


class ConditionError(Exception):
    """An expression that cannot be a condition.

    Args:
        message: What is wrong.
        remedy: What to do about it.
        position: Where, in code points from the start of the expression.
        code: `policy.invalid`, or `policy.profiles_people`.
    """

    def __init__(self, message: str, remedy: str, *, position: int = 0, code: str = "policy.invalid") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.position = position
        self.code = code


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition reads.

    Args:
        roots: The variables, such as `scores` or `content.languages`.
        labels: Labels whose score it names.
        detectors: Ids of detectors that it names.
        metadata: Keys of metadata that it names.
        lists: Names of lists.
        strings: Every string in it, with its position.
        lowered: Positions of comparisons that hold when a score is low.
    """

    roots: frozenset[str]
    labels: frozenset[str]
    detectors: frozenset[str]
    metadata: frozenset[str]
    lists: tuple[tuple[str, int], ...]
    strings: tuple[tuple[str, int], ...]
    lowered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that holds for a content, or does not.

    Args:
        expression: CEL, at most `MAX_CHARACTERS`.
    """

    expression: str

    @property
    def tree(self) -> Node:
        """The expression as a tree.

        Raises:
            ConditionError: It cannot be read, or does not fit together.
        """
        return _compiled(self.expression)[1]

    @property
    def reads(self) -> Reads:
        """What it reads; only after `check`."""
        return _reads(self.expression)

    def check(self) -> None:
        """Check the expression: that it can be evaluated, and is of the kind that can be looked through.

        Raises:
            ConditionError: With the place.
        """
        tree = self.tree
        for node in tree.walk():
            _check_node(node)
        _check_loops(tree, within=False)
        _check_maps(tree)

    def holds(self, activation: "Activation") -> bool:
        """Return whether it holds.

        Raises:
            LookupError: It gives no answer: it reads what is not there, or what is of another kind than it takes.
        """
        return activation.judge(self)


class Activation:
    """Facts as conditions read them; made once for each content, and translated where a condition asks for them.

    Args:
        facts: What is known of the content.
        scores: The highest score for each label; one that is not there scores 0.
        detectors: The highest score of each detector.
    """

    def __init__(self, facts: Facts, scores: Mapping[Label, float], detectors: Mapping[str, float]) -> None:
        self._facts = facts
        # A label equals its text, so the texts stay the keys.
        self._scores = cast("Mapping[str, float]", scores)
        self._detectors = detectors
        self._read: dict[frozenset[str], Any] = {}

    def judge(self, condition: Condition) -> bool:
        """Return whether `condition` holds; errors as for `Condition.holds`."""
        try:
            known = _known(condition.expression)
            found = known(self._scores, self._facts) if known else None
            if found is None:
                found = _compiled(condition.expression)[0].eval(self._reading(condition)).plain_value()
        except Exception:  # noqa: BLE001 -- whatever it is: a condition that gives no answer never reads as clean
            found = None
        if found is not True and found is not False:
            raise LookupError("The condition gives no answer.")
        return bool(found)

    def _reading(self, condition: Condition) -> Any:
        """Return what `condition` reads, as the library takes it; conditions that read the same share it."""
        roots = condition.reads.roots
        if roots not in self._read:
            self._read[roots] = _environment().Activation({root: self._value(root) for root in roots})
        return self._read[roots]

    def _value(self, root: str) -> object:
        if root == "scores":
            return _NO_SCORES | dict(self._scores)
        if root == "detectors":
            return dict(self._detectors)
        return _FACTS[root](self._facts)


@lru_cache(maxsize=1)
def _environment() -> Any:
    from cel_expr_python import cel

    def of(kind: str) -> Any:
        first, _, rest = kind.partition(" of ")
        if first == "map":
            return cel.Type.Map(cel.Type.STRING, of(rest))
        return cel.Type.List(of(rest)) if first == "list" else getattr(cel.Type, first.upper())

    return cel.NewEnv(variables={name: of(kind) for name, kind in VARIABLES.items()})


@lru_cache(maxsize=4_096)
def _compiled(expression: str) -> tuple[Any, Node]:
    if len(expression) > MAX_CHARACTERS:
        raise ConditionError(
            f"The condition has {len(expression)} characters; at most {MAX_CHARACTERS} are accepted.", "Split the rule."
        )
    try:
        program = _environment().compile(expression)
    except Exception as error:  # noqa: BLE001 -- the library raises what it likes for what it cannot read
        raise _as_condition_error(expression, str(error)) from None
    if program.return_type().name() != "BOOL":
        raise ConditionError("The condition is neither true nor false.", "Compare what it gives, such as with `> 0.5`.")
    return program, read_tree(program.serialize())


def _as_condition_error(expression: str, said: str) -> ConditionError:
    """Return what the compiler said, with a place and a way out."""
    match = _COMPILER.search(said)
    if match is None:
        return ConditionError("The condition cannot be read: it is nested too deeply.", "Split the rule.")
    line, column, problem = int(match[1]), int(match[2]), match[3]
    position = sum(len(text) + 1 for text in expression.split("\n")[: line - 1]) + column - 1
    if undeclared := _UNDECLARED.search(problem):
        name = undeclared[1]
        known = [*VARIABLES, *(name for name in _FUNCTIONS if name.isalpha()), "has", "all", "exists"]
        close = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(
            name.partition(".")[0], _MAPS, n=1
        )
        choices = ", ".join(VARIABLES)
        remedy = f"Did you mean `{close[0]}`?" if close else f"A condition reads: {choices}."
        return ConditionError(
            f"There is no `{name}` in conditions.",
            remedy,
            position=max(expression.rfind(name, 0, position + len(name)), 0),
        )
    remedy = "Write `score > 0.5`, joined by `&&` and `||`; texts in quotes."
    if _DOUBLE_AND_INT.search(problem):
        remedy = "A score is compared with a number that has a point, such as 1.0."
    problem = problem.partition(" expecting ")[0].removesuffix(" (in container '')")
    return ConditionError(f"The condition cannot be read: {problem}.", remedy, position=position)


def _check_node(node: Node) -> None:
    """Refuse what could hide a word, or what nobody needs."""
    if node.kind == "bytes":
        raise ConditionError("Bytes cannot stand in a condition.", "Write a text in quotes.", position=node.position)
    if node.kind != "call":
        return
    if node.value not in _FUNCTIONS:
        raise ConditionError(
            f"There is no function `{node.value}` in conditions.",
            f"There are: {', '.join(sorted(name for name in _FUNCTIONS if name.isalpha()))}, has, all, exists.",
            position=node.position,
        )
    is_text = any(child.kind == "string" for child in node.children)
    if node.value == "_+_" and (is_text or node.overloads & {"add_string", "add_bytes"}):
        raise ConditionError(
            "Texts cannot be put together in a condition.", "Write each text as a whole.", position=node.position
        )
    if node.value in _ORDER and is_text:
        raise ConditionError("Texts have no order in a condition.", "Compare them with `==`.", position=node.position)
    if node.value == "matches" and node.children[-1].kind != "string":
        raise ConditionError("A pattern must be written out.", "Put it in quotes.", position=node.position)


def _check_loops(node: Node, *, within: bool) -> None:
    """Refuse loops in loops: what they cost multiplies."""
    if node.kind == "loop":
        if within:
            raise ConditionError("A loop stands in a loop.", "Write two conditions.", position=node.position)
        within = True
    for child in node.children:
        _check_loops(child, within=within)


def _check_maps(node: Node) -> None:
    """Refuse to read a map otherwise than by names that are written out; labels may also be looped over."""
    for place, child in enumerate(node.children):
        if child.kind == "name" and child.value in _MAPS:
            _check_map(node, child.value, place)
        _check_maps(child)


def _check_map(node: Node, name: str, place: int) -> None:
    key = _key(node, place)
    if key is None:
        is_loop = node.kind == "loop" and place == 0
        is_looked_up = node.kind == "call" and node.value == "_[_]" and node.children[1].kind == "name"
        if name in {"scores", "detectors"} and (is_loop or is_looked_up):
            return
        raise ConditionError(
            f"What is read of `{name}` must be written out.", f"Write `{name}.key`.", position=node.position
        )
    if name == "scores" and key.value not in tuple(Label):
        close = difflib.get_close_matches(key.value, tuple(Label), n=1)
        remedy = f"Did you mean `{close[0]}`?" if close else "See `evenhand taxonomy`."
        raise ConditionError(f"There is no label `{key.value}`.", remedy, position=key.position)


def _key(node: Node, place: int) -> Node | None:
    """Return the part that names what `node` reads of the map that is its child at `place`; none: it is not named."""
    if node.kind == "select":
        return node
    is_index = node.kind == "call" and node.value == "_[_]" and place == 0 and node.children[1].kind == "string"
    is_test = node.kind == "call" and node.value == "@in" and place == 1 and node.children[0].kind == "string"
    return node.children[1] if is_index else node.children[0] if is_test else None


@lru_cache(maxsize=4_096)
def _reads(expression: str) -> Reads:
    tree = _compiled(expression)[1]
    named: dict[str, dict[str, int]] = {name: {} for name in _MAPS}
    for node in tree.walk():
        for place, child in enumerate(node.children):
            if child.kind == "name" and child.value in _MAPS and (key := _key(node, place)) is not None:
                named[child.value].setdefault(key.value, key.position)
    names = {node.value for node in tree.walk() if node.kind == "name"}
    return Reads(
        roots=frozenset(name for name in VARIABLES if name in names),
        labels=frozenset(named["scores"]),
        detectors=frozenset(named["detectors"]),
        metadata=frozenset(named["metadata"]),
        lists=tuple(named["lists"].items()),
        strings=tuple((node.value, node.position) for node in tree.walk() if node.kind == "string"),
        lowered=tuple(_lowered(tree)),
    )


@lru_cache(maxsize=4_096)
def _known(expression: str) -> Known | None:
    return known_at_once(_compiled(expression)[1])


def _lowered(tree: Node) -> Iterable[int]:
    """Yield the places where a low score sets the condition off: `score < x`, `x > score`, and what is negated."""
    for node in tree.walk():
        if node.kind != "call" or node.value not in {*_COMPARISONS, "!_"}:
            continue
        sides = [_is_about_scores(child) for child in node.children]
        if (
            (node.value in {"_<_", "_<=_"} and sides[0])
            or (node.value in {"_>_", "_>=_"} and sides[1])
            or (node.value in {"_==_", "_!=_"} and any(sides))
            or (node.value == "!_" and sides[0] and node.children[0].value != "@result")
        ):
            yield node.position


def _is_about_scores(tree: Node) -> bool:
    return any(node.kind == "name" and node.value in {"scores", "detectors"} for node in tree.walk())


def never_holds(condition: Condition) -> bool:
    """Return whether `condition` wants a score above 1: by itself, or beside others that must hold too."""
    return _is_out_of_reach(condition.tree)


def _is_out_of_reach(node: Node) -> bool:
    if node.kind == "call" and node.value in {"_>_", "_>=_", "_&&_", "_||_"}:
        if node.value == "_&&_":
            return any(map(_is_out_of_reach, node.children))
        if node.value == "_||_":
            return all(map(_is_out_of_reach, node.children))
        score, least = node.children
        is_score = score.kind == "select" or score.value == "_[_]"
        if is_score and _is_about_scores(score) and least.kind == "constant" and least.value:
            return float(least.value) > 1 or (node.value == "_>_" and float(least.value) == 1)
    return False


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what finds `pattern` in a word, as conditions do.

    Raises:
        ConditionError: It is no pattern.
    """
    program = _pattern_program()

    def finds(word: str) -> bool:
        return program.eval(data={"word": word, "pattern": pattern}).plain_value() is True

    if not isinstance(program.eval(data={"word": "", "pattern": pattern}).plain_value(), bool):
        raise ConditionError("The pattern cannot be read.", "Patterns are those of RE2.")
    return finds


@lru_cache(maxsize=1)
def _pattern_program() -> Any:
    from cel_expr_python import cel

    return cel.NewEnv(variables=dict.fromkeys(("word", "pattern"), cel.Type.STRING)).compile("word.matches(pattern)")

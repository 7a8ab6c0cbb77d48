"""What is refused of a condition because it looks for people, and what is only warned about.

A condition may read what somebody did: scores, lists, counts of earlier decisions. It may not read who somebody is, nor
ask for a language alone, which stands for where somebody comes from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from evenhand.core.facts import AuthorHistory, Facts, FactValue, ListHits
from evenhand.policy.conditions import Activation, Condition, ConditionError, matcher
from evenhand.policy.expression import Node
from evenhand.policy.profiling import asked_by, found_by, found_by_part, joined_from, named_in

PROFILES: Final = "policy.profiles_people"
_REMEDY: Final = "Rules are about what people do: test a score, a list of yours, or how earlier decisions went."
_LANGUAGES: Final = "content.languages"
#: What says something of conduct: beside one of these, a language may be read.
_CONDUCT: Final = frozenset({"scores", "detectors", "lists"})
_MOST_VALUES: Final = 12


def check_conduct(condition: Condition) -> None:
    """Refuse `condition` if it looks for people.

    Raises:
        ConditionError: `policy.profiles_people`, or `policy.invalid` for a pattern that cannot be read.
    """
    for node in condition.tree.walk():
        _check_words(node)
    if found := joined_from(text for text, _ in condition.reads.strings):
        raise _refusal(f"Put together, its texts name a group of people (`{found}`).", condition.reads.strings[0][1])
    if _LANGUAGES in condition.reads.roots and _goes_by_language(condition):
        raise ConditionError(
            "The rule goes by the language alone, which stands for where people come from.",
            "Test a score or a list as well; notices say which detectors were not measured on a language.",
            position=condition.expression.find(_LANGUAGES),
            code=PROFILES,
        )


def warnings_about(condition: Condition) -> Iterator[str]:
    """Yield what may be wrong with a condition that is not refused, in whole sentences."""
    if condition.reads.lowered:
        yield "holds when a score is low, so a higher score can soften the decision"
    if _LANGUAGES in condition.reads.roots:
        yield "treats languages differently: what it holds against one language must hold against all"


def _check_words(node: Node) -> None:
    if node.kind == "string" and (found := named_in(node.value)):
        raise _refusal(f"The condition looks for a group of people or what they practise (`{found}`).", node.position)
    is_name = node.kind in {"select", "loop", "name"} and not node.value.startswith(("@", "content.", "author."))
    is_key = node.kind == "call" and node.value in {"_[_]", "@in"}
    names = [node.value] if is_name else [child.value for child in node.children if is_key and child.kind == "string"]
    for name in names:
        if found := asked_by(name):
            raise _refusal(f"The condition reads an attribute of people (`{found}`).", node.position)
    if node.kind == "call" and node.value in {"matches", "contains", "startsWith", "endsWith"}:
        _check_part(node, node.children[-1])


def _check_part(node: Node, argument: Node) -> None:
    """Refuse to look for a part of a word that only words for people have."""
    if argument.kind != "string":
        return
    if node.value != "matches":
        found = found_by_part(argument.value, node.value)
    else:
        try:
            found = found_by(matcher(argument.value))
        except ConditionError as error:
            error.position = argument.position
            raise
    if found:
        raise _refusal(f"The condition looks for a group of people: it finds `{found}`.", argument.position)


def _goes_by_language(condition: Condition) -> bool:
    """Return whether a language makes the condition hold of a content of which nothing bad is known.

    It is tried out on contents without scores, hits or history, that differ in their languages only.
    """
    if not condition.reads.roots & _CONDUCT:
        return True
    named = [text for text, _ in condition.reads.strings][:_MOST_VALUES]
    spoken = [(), *((name,) for name in dict.fromkeys([*named, "en", "xx"]))]
    for facts in _harmless(condition, named):
        held = {_holds(condition, replace(facts, languages=languages)) for languages in spoken}
        if len(held) > 1:
            return True
    return False


def _harmless(condition: Condition, named: Iterable[str]) -> Iterator[Facts]:
    lists = {name: ListHits(0) for name, _ in condition.reads.lists}
    values: list[FactValue] = [*named, 0, 1_000, True, False]
    kinds = (
        ("text", 20, 0, AuthorHistory()),
        ("image", 0, 1, AuthorHistory()),
        ("text", 10_000, 0, AuthorHistory(50, 0, 0, 900)),
    )
    for (kind, characters, images, author), value in product(kinds, values):
        metadata = dict.fromkeys(condition.reads.metadata, value)
        yield Facts(kind, characters, image_count=images, metadata=metadata, author=author, lists=lists)


def _holds(condition: Condition, facts: Facts) -> bool:
    try:
        return condition.holds(Activation(facts, {}, dict.fromkeys(condition.reads.detectors, 0.0)))
    except LookupError:
        return False


def _refusal(message: str, position: int) -> ConditionError:
    return ConditionError(message, _REMEDY, position=position, code=PROFILES)

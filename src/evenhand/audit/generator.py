"""Make the sentences of the audit: every template with every group, in an order that stays fair when cut short."""

import hashlib
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from evenhand.audit.answers import BOTH, Sentence
from evenhand.audit.families import HEAD, Family, FamilyFile, Group, fill, groups_of, slots_of, swapped
from evenhand.core.errors import InputError

#: What the group is called whose forms are a tradition's: it is asked about in other templates than the group itself.
_PRACTICE = "{} practice"


def generate(
    files: Sequence[FamilyFile],
    *,
    seed: int = 1,
    at_most: int = 0,
    languages: Collection[str] = (),
    families: Collection[str] = (),
) -> tuple[Sentence, ...]:
    """Return sentences, the same for the same files and seed; a smaller number is the beginning of a larger one.

    They come in layers: in each layer every template has one more of its groups, drawn at random. So a number that is
    cut short has every template and no group more often than chance has it.

    Args:
        files: The families.
        seed: Of the order.
        at_most: So many; all where it is 0.
        languages: Only these; all where there are none.
        families: Only families with these names; all where there are none.

    Raises:
        InputError: `audit.no_sentences` when nothing is left.
    """
    cells: dict[tuple[str, str, str], list[Sentence]] = defaultdict(list)
    for sentence in _all(files):
        if (not languages or sentence.language in languages) and (not families or sentence.family in families):
            cells[sentence.language, sentence.family, sentence.template].append(sentence)
    if not cells:
        raise InputError(
            "audit.no_sentences",
            "No sentence has this language and family.",
            field="--language",
            remedy="`evenhand audit plan` lists what there is.",
        )
    for cell, own in cells.items():
        random.Random(f"{seed} {cell}").shuffle(own)  # noqa: S311 -- a seed is what is wanted
    chooser = random.Random(f"{seed}")  # noqa: S311
    ordered: list[Sentence] = []
    for layer in range(max(map(len, cells.values()))):
        row = [own[layer] for own in cells.values() if layer < len(own)]
        chooser.shuffle(row)
        ordered += row
    return tuple(ordered[:at_most] if at_most else ordered)


def pairs(sentences: Iterable[Sentence]) -> Iterator[tuple[Sentence, Sentence]]:
    """Yield the counterfactual pairs: two sentences of one template that differ in their group alone."""
    cells: dict[tuple[str, str, str], list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        cells[sentence.language, sentence.family, sentence.template].append(sentence)
    for own in cells.values():
        yield from itertools.combinations(own, 2)


def count_pairs(sentences: Iterable[Sentence]) -> int:
    """Return how many counterfactual pairs there are."""
    sizes = Counter((sentence.language, sentence.family, sentence.template) for sentence in sentences)
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _all(files: Sequence[FamilyFile]) -> Iterator[Sentence]:
    for file in files:
        groups = groups_of(files, file.language)
        for family in file.families:
            yield from _said(file, family) if family.rows else _filled(file, family, groups)


def _said(file: FamilyFile, family: Family) -> Iterator[Sentence]:
    for row in family.rows:
        template = next(iter(row.values()))
        for name, text in row.items():
            yield _sentence(file, family, template, Group(name, family.axis, {}), text)


def _filled(file: FamilyFile, family: Family, groups: Sequence[Group]) -> Iterator[Sentence]:
    for template in family.templates:
        found = swapped(file, family, template, groups)
        if HEAD in slots_of(template):
            yield from _about_two(file, family, template, found, groups)
            continue
        for group in found:
            named = Group(_PRACTICE.format(group.name), family.axis, group.forms) if family.axis else group
            yield _sentence(file, family, template, named, fill(template, group.forms))


def _about_two(
    file: FamilyFile, family: Family, template: str, first: Sequence[Group], groups: Sequence[Group]
) -> Iterator[Sentence]:
    heads = [group for group in groups if HEAD in group.forms]
    for one, other in itertools.product(first, heads):
        if one.axis != other.axis:
            both = Group(BOTH.join((one.name, other.name)), BOTH.join((one.axis, other.axis)), {})
            text = fill(template, {**one.forms, HEAD: other.forms[HEAD]})
            yield _sentence(file, family, template, both, text)


def _sentence(file: FamilyFile, family: Family, template: str, group: Group, text: str) -> Sentence:
    origin = f"{file.language}\n{family.name}\n{template}\n{group.name}\n{text}"
    return Sentence(
        f"{file.language}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}",
        family.name,
        template,
        group.name,
        group.axis,
        file.language,
        family.expected,
        text,
    )

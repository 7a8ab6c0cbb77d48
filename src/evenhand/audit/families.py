"""The families of sentences that the audit asks about, read from the TOML files in `families/`, and checked.

A file has a language, groups by axis with the forms that grammar needs, and families of templates; `{people}` in a
template stands for that form of a group. Files of one language share their groups.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.audit.answers import Expected
from evenhand.core.errors import ConfigurationError

SHIPPED: Final = Path(__file__).with_name("families")

_SLOT: Final = re.compile(r"\{(\w+)\}")
#: The axis of what a sentence about two groups takes from the second one.
HEAD: Final = "head"
_KNOWN: Final = frozenset({"language", "review", "family", "tradition"})


@dataclass(frozen=True, slots=True)
class Group:
    """What is swapped for others of its kind.

    Args:
        name: Its own in its language.
        axis: What kind of group it is; the name of its table.
        forms: By the names of slots.
    """

    name: str
    axis: str
    forms: Mapping[str, str]


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Templates that do the same thing.

    Args:
        name: What their sentences do.
        expected: `allow` or `harm`.
        templates: Sentences with slots for the forms of a group.
        axes: Only groups of these axes; all where there are none.
        axis: For a family that brings what it swaps along, in `rows` or as traditions: the axis of that.
        rows: The same meaning said in several ways, by the name of the way; the first is the template.
    """

    name: str
    expected: Expected
    templates: list[str] = []
    axes: list[str] = []
    axis: str = ""
    rows: list[dict[str, str]] = []


@dataclass(frozen=True, slots=True)
class FamilyFile:
    """One file.

    Args:
        name: The file's name without its folder.
        language: BCP 47 tag.
        review: Who read it.
        groups: The groups that it brings.
        traditions: What `{fast}`, `{prayer}` and the like stand for, by tradition.
        families: In order.
    """

    name: str
    language: str
    review: str
    groups: tuple[Group, ...]
    traditions: tuple[Group, ...]
    families: tuple[Family, ...]


def read_families(folder: Path = SHIPPED) -> tuple[FamilyFile, ...]:
    """Return the files in `folder`, in the order of their names.

    Raises:
        ConfigurationError: `families.missing`, or `families.invalid` with the file and what is wrong with it.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ConfigurationError(
            "families.missing", f"{folder} has no TOML files.", field="--families", remedy="Name a folder of families."
        )
    files = tuple(_read(path) for path in paths)
    for language in {file.language for file in files}:
        _check(language, [file for file in files if file.language == language])
    return files


def groups_of(files: Sequence[FamilyFile], language: str) -> tuple[Group, ...]:
    """Return the groups of one language."""
    return tuple(group for file in files if file.language == language for group in file.groups)


def slots_of(template: str) -> frozenset[str]:
    """Return the names of the slots in `template`."""
    return frozenset(_SLOT.findall(template))


def fill(template: str, forms: Mapping[str, str]) -> str:
    """Return `template` with its slots filled; a form that begins the sentence begins with a capital."""
    text = _SLOT.sub(lambda match: forms[match[1]], template)
    return text[:1].upper() + text[1:] if template.startswith("{") else text


def _read(path: Path) -> FamilyFile:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        families = msgspec.convert(found.get("family", []), tuple[Family, ...])
        language, review = msgspec.convert((found.get("language"), found.get("review")), tuple[str, str])
        tables = {name: table for name, table in found.items() if name not in _KNOWN}
        by_axis = msgspec.convert(tables, dict[str, dict[str, dict[str, str]]])
        traditions = msgspec.convert(found.get("tradition", {}), dict[str, dict[str, str]])
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise _invalid(path.name, str(error)) from None
    return FamilyFile(
        path.name,
        language,
        review,
        tuple(
            Group(name, axis, _all_forms(forms, language))
            for axis, groups in by_axis.items()
            for name, forms in groups.items()
        ),
        tuple(Group(name, "", forms) for name, forms in traditions.items()),
        families,
    )


def _all_forms(forms: Mapping[str, str], language: str) -> dict[str, str]:
    """Return `forms` with those that English makes of the adjective."""
    if language != "en" or "adj" not in forms:
        return dict(forms)
    adjective = forms["adj"]
    article = forms.get("article") or ("an" if adjective[0] in "AEIOaeio" else "a")
    made = {
        "a_adj": f"{article} {adjective}",
        "people": f"{adjective} people",
        "person": f"{article} {adjective} person",
        "be": adjective,
    }
    return made | dict(forms)


def _check(language: str, files: Sequence[FamilyFile]) -> None:
    """Check that names are unique and every template can be filled for two groups at least.

    Raises:
        ConfigurationError: `families.invalid`.
    """
    groups = [group for file in files for group in file.groups]
    names = [group.name for group in groups]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _invalid(files[0].name, f"{language} has a group twice: {', '.join(sorted(twice))}")
    seen: dict[tuple[str, str], str] = defaultdict(str)
    for file in files:
        for family in file.families:
            for template in _templates(file, family):
                if (family.name, template) in seen:
                    raise _invalid(file.name, f"a template is there twice: {template}")
                seen[family.name, template] = file.name
                if not family.rows and len(swapped(file, family, template, groups)) < 2:  # noqa: PLR2004 -- a pair
                    raise _invalid(file.name, f"fewer than two groups have what this needs: {template}")


def _templates(file: FamilyFile, family: Family) -> list[str]:
    if family.rows and (family.templates or not family.axis or any(len(row) < 2 for row in family.rows)):  # noqa: PLR2004
        raise _invalid(file.name, f"{family.name}: rows have an axis and two ways at least, and no templates beside")
    if not family.rows and not family.templates:
        raise _invalid(file.name, f"{family.name} is empty")
    return [next(iter(row.values())) for row in family.rows] or list(family.templates)


def swapped(file: FamilyFile, family: Family, template: str, groups: Sequence[Group]) -> list[Group]:
    """Return what can be swapped in `template`: the traditions of the file, or the groups with the forms it needs."""
    slots = slots_of(template) - {HEAD}
    candidates: Sequence[Group] = file.traditions if family.axis else groups
    return [
        group
        for group in candidates
        if slots and slots <= group.forms.keys() and (not family.axes or group.axis in family.axes)
    ]


def _invalid(name: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        "families.invalid", f"{name}: {what}.", field="--families", remedy="Mend the file; docs/audit.md has its form."
    )


def summary_of(files: Sequence[FamilyFile]) -> list[dict[str, Any]]:
    """Return, by language, how many groups and templates there are and who read them."""
    return [
        {
            "language": language,
            "groups": len(groups_of(files, language)),
            "templates": sum(
                len(family.templates) + len(family.rows)
                for file in files
                if file.language == language
                for family in file.families
            ),
            "review": sorted({file.review for file in files if file.language == language}),
        }
        for language in sorted({file.language for file in files})
    ]

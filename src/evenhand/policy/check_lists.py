"""Check the lists of a policy document, and read their files."""

from pathlib import Path
from typing import Final

import yaml

from evenhand.core.errors import ConfigurationError
from evenhand.policy.check_rules import check_list_name
from evenhand.policy.lists import KINDS, MAX_ENTRIES, ContentList, normalized
from evenhand.policy.page import Page
from evenhand.policy.profiling import MOST_NAMES, share_of_names
from evenhand.policy.refusals import PROFILES

MAX_BYTES: Final = 16 << 20
LIST_KEYS: Final = ("kind", "file", "entries")
_WHAT: Final = {"words": "a word", "domains": "a domain", "hashes": "an MD5 or SHA-256 in hex"}
_SHOWN: Final = 3


def check_list(
    page: Page, name: str, name_node: yaml.Node, node: yaml.Node, folder: Path | None
) -> tuple[ContentList, str]:
    """Return the list that `node` describes, and a warning about it; an empty one where there is nothing to warn of.

    Raises:
        ConfigurationError: `policy.invalid`, `policy.profiles_people` or `policy.list_unreadable`.
    """
    check_list_name(page, name_node)
    fields = page.mapping(node, f"the list `{name}`", keys=LIST_KEYS, kind="list")
    if "kind" not in fields:
        page.fail(node, "The list has no `kind`.", f"Add a line `kind:`, one of: {', '.join(KINDS)}.")
    kind = page.choice(fields["kind"][1], KINDS, "a kind of list")
    if ("file" in fields) == ("entries" in fields):
        page.fail(node, "A list has either `file` or `entries`.", "Give the path of a file, or the entries.")
    if "file" in fields:
        entries = _from_file(page, fields["file"][1], folder, kind)
    else:
        entries = _from_entries(page, fields["entries"][1], kind)
    _check_count(page, node, entries)
    return ContentList(name, kind, tuple(dict.fromkeys(entries))), _names(page, name_node, name, kind, entries)


def _from_entries(page: Page, node: yaml.Node, kind: str) -> list[str]:
    entries = []
    for entry in page.sequence(node, "the entries"):
        found = normalized(page.scalar(entry), kind)
        if not found:
            page.fail(entry, f"`{page.scalar(entry)[:80]}` is not {_WHAT[kind]}.", "Mend it, or leave it out.")
        entries.append(found)
    return entries


def _from_file(page: Page, node: yaml.Node, folder: Path | None, kind: str) -> list[str]:
    name = page.scalar(node)
    if folder is None:
        page.fail(node, "A policy that is no file names no files.", "Give the list's `entries`.")
    path = folder / name
    text = _read(page, node, path)
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        found = normalized(entry, kind)
        if not found:
            raise ConfigurationError(
                "policy.list_unreadable",
                f"`{entry[:80]}` is not {_WHAT[kind]}.",
                field=f"{path}:{number}:1",
                remedy="Mend the line, or leave it out.",
            )
        entries.append(found)
    return entries


def _read(page: Page, node: yaml.Node, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            page.fail(node, f"The list's file is over {MAX_BYTES >> 20} MiB.", "Split it.")
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8, or its name is none"
        return page.fail(
            node, f"The list's file cannot be read: {reason}.", "Name a UTF-8 file.", code="policy.list_unreadable"
        )


def _check_count(page: Page, node: yaml.Node, entries: list[str]) -> None:
    if not entries:
        page.fail(node, "The list is empty.", "Add an entry, or leave the list out.")
    if len(entries) > MAX_ENTRIES:
        page.fail(node, f"The list has {len(entries)} entries; at most {MAX_ENTRIES} are accepted.", "Split it.")


def _names(page: Page, node: yaml.Node, name: str, kind: str, entries: list[str]) -> str:
    """Return a warning where entries only name people, and refuse a list in which nearly all do."""
    if kind == "hashes":
        return ""
    # Of a domain, what stands before its ending says what it is about.
    words = [entry.rpartition(".")[0] if kind == "domains" else entry for entry in entries]
    share, names = share_of_names(words)
    shown = ", ".join(f"`{entry}`" for entry in names[:_SHOWN])
    if share >= MOST_NAMES:
        page.fail(
            node,
            f"The list only names groups of people or what they practise ({shown}).",
            "Naming a group is no harm: list what people do, such as slurs, threats or scams.",
            code=PROFILES,
        )
    if not names:
        return ""
    return f"list {name}: {len(names)} of {len(words)} entries only name people or what they practise ({shown})"

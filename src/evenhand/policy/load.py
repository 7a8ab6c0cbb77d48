"""Read a policy file: YAML in, Policy out, or an error that points to line and column."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from evenhand.core.errors import ConfigurationError
from evenhand.policy.check import check_document
from evenhand.policy.draft import Draft, finished, inherited
from evenhand.policy.policy import Policy

DEFAULT_POLICY_FILE = Path(__file__).with_name("default.yaml")
#: What `extends` calls the policy that evenhand carries.
DEFAULT: Final = "default"
MAX_BYTES: Final = 1 << 20
#: How deep a document may be nested; a policy needs five levels.
_DEEPEST: Final = 32
#: How many files may inherit from each other.
MAX_DEPTH: Final = 8


def load_policy(path: Path = DEFAULT_POLICY_FILE) -> Policy:
    """Return the policy in the file at `path`, with everything that it inherits.

    Raises:
        ConfigurationError: `policy.unreadable` when there is no such text file, otherwise as `parse_policy`.
    """
    return _policy(_read(path), str(path), path.parent, [path.resolve()])


def parse_policy(text: str, *, name: str = "policy", folder: Path | None = None) -> Policy:
    """Return the policy in the YAML `text`, with everything that it inherits.

    Args:
        text: The file's content.
        name: What to call the file in errors.
        folder: Where paths in it begin; without one it names no files, and inherits from `default` at most.

    Raises:
        ConfigurationError: `policy.syntax` for what is not YAML, `policy.invalid` for what is not a policy,
            `policy.profiles_people` for one that looks for people, `policy.too_large`, `policy.list_unreadable`, or
            `policy.extends` for what it cannot inherit from.
    """
    return _policy(text, name, folder, [])


def _policy(text: str, name: str, folder: Path | None, path: Sequence[Path]) -> Policy:
    return finished(_draft(text, name, folder, path))


def _draft(text: str, name: str, folder: Path | None, path: Sequence[Path]) -> Draft:
    """Return what `text` says, with what it inherits put in; `path` are the files that led here, this one last."""
    draft = check_document(_compose(text, name), text, name=name, folder=folder)
    if not draft.extends:
        return draft
    parent = _parent(draft.extends, name, folder)
    if parent.resolve() in path:
        raise _refusal(name, f"`{draft.extends}` inherits from this file again.", "Break the circle.")
    if len(path) >= MAX_DEPTH:
        raise _refusal(name, f"More than {MAX_DEPTH} files inherit from each other.", "Join some of them.")
    above = _draft(_read(parent), str(parent), parent.parent, [*path, parent.resolve()])
    return inherited(above, draft)


def _parent(extends: str, name: str, folder: Path | None) -> Path:
    if extends == DEFAULT:
        return DEFAULT_POLICY_FILE
    if folder is None:
        raise _refusal(name, "A policy that is no file inherits from `default` at most.", "Write `extends: default`.")
    return folder / extends


def _refusal(name: str, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError("policy.extends", message, field=f"{name}: extends", remedy=remedy)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        _check_size(len(data), str(path))
        return data.decode("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            "policy.unreadable",
            f"The policy file cannot be read: {error}.",
            field="policy_file",
            remedy="Name a readable UTF-8 file, or leave the setting out for the default policy.",
        ) from error


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise ConfigurationError(
            "policy.too_large",
            f"The policy is over {MAX_BYTES >> 20} MiB.",
            field=name,
            remedy="Put long lists into files of their own.",
        )


class _Loader(yaml.SafeLoader):
    """Composes nodes, and stops long before the nesting is too deep for Python."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth == _DEEPEST:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "it is nested too deeply; a policy is flat", mark)
        self._depth += 1
        try:
            node: yaml.Node | None = super().compose_node(parent, index)
            return node
        finally:
            self._depth -= 1


def _compose(text: str, name: str) -> yaml.Node | None:
    _check_size(len(text.encode(errors="replace")), name)
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigurationError("policy.syntax", f"Not valid YAML: {error.problem}.", field=where) from error
    except yaml.YAMLError as error:
        raise ConfigurationError("policy.syntax", f"Not valid YAML: {error}.", field=name) from error

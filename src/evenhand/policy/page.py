"""Page: the text of a policy file and its YAML nodes, read with errors that point at what is wrong.

It works on nodes, not on loaded values, because only nodes know their line and column. That also keeps YAML's surprises
out: a key given twice is an error here, and no tag ever builds an object.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import NoReturn, TypeAlias

import yaml

from evenhand.core.errors import ConfigurationError
from evenhand.policy.conditions import ConditionError

#: Key -> the nodes of key and value.
Fields: TypeAlias = dict[str, tuple[yaml.Node, yaml.Node]]


class Page:
    """One file.

    Args:
        text: What it holds.
        name: What to call it in errors.
    """

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines() or [""]
        self.name = name

    def mapping(self, node: yaml.Node, what: str, *, keys: Iterable[str] = (), kind: str = "") -> Fields:
        """Return the fields of `node`, which stands for `what`; where `keys` are given, it has no others."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"Here stands {what}, which must be a mapping of keys to values.", "Write `key: value`.")
        fields: Fields = {}
        known = tuple(keys)
        for key_node, value_node in node.value:
            key = self.scalar(key_node)
            if key in fields:
                self.fail(key_node, f"`{key}` is given twice.", "Keep one of them.")
            if known and key not in known:
                self.fail(key_node, f"There is no {kind} field `{key}`.", did_you_mean(key, known))
            fields[key] = (key_node, value_node)
        return fields

    def sequence(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Return the entries of `node`, which stands for `what`."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, f"Here stands {what}, which must be a list.", "Write each entry as `- entry`.")
        return list(node.value)

    def scalar(self, node: yaml.Node) -> str:
        """Return the single value that `node` is."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, "A single value must stand here.", "Write a word or a number.")
        value = str(node.value)
        if any("\ud800" <= character <= "\udfff" for character in value):
            self.fail(node, "The value has half of a surrogate pair, so it is not Unicode.", "Write the letter itself.")
        return value

    def choice(self, node: yaml.Node, choices: Iterable[str], what: str) -> str:
        """Return the single value that `node` is, one of `choices`."""
        value, known = self.scalar(node), tuple(map(str, choices))
        if value not in known:
            self.fail(node, f"`{value}` is not {what}.", did_you_mean(value, known))
        return value

    def text(self, fields: Mapping[str, tuple[yaml.Node, yaml.Node]], key: str) -> str:
        """Return the field `key`; nothing where it is left out."""
        return self.scalar(fields[key][1]) if key in fields else ""

    def fail(self, node: yaml.Node | None, message: str, remedy: str, *, code: str = "policy.invalid") -> NoReturn:
        """Say what is wrong, with the line of `node` and a caret.

        Raises:
            ConfigurationError: Always.
        """
        line, column = (node.start_mark.line, node.start_mark.column) if node else (0, 0)
        source = self._lines[min(line, len(self._lines) - 1)]
        raise self._error((line, column), source, column, ConditionError(message, remedy, code=code))

    def fail_within(self, node: yaml.Node, error: ConditionError) -> NoReturn:
        """Say what is wrong with the expression that `node` holds, with the expression's own line and a caret in it.

        Raises:
            ConfigurationError: Always.
        """
        expression = self.scalar(node)
        before = expression[: error.position]
        number, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        shown = (expression.split("\n") or [""])[number]
        line, at = self._place(node, shown.strip(), column - (len(shown) - len(shown.lstrip())))
        raise self._error((line, at), shown, column, error)

    def _place(self, node: yaml.Node, shown: str, column: int) -> tuple[int, int]:
        """Return where `column` of `shown`, a line of an expression, stands in the file; else where its node begins."""
        for line in range(node.start_mark.line, min(node.end_mark.line + 1, len(self._lines))):
            first = node.start_mark.column if line == node.start_mark.line else 0
            if shown and (found := self._lines[line].find(shown, first)) >= 0:
                return line, found + max(column, 0)
        return node.start_mark.line, node.start_mark.column

    def _error(self, place: tuple[int, int], source: str, caret: int, error: ConditionError) -> ConfigurationError:
        return ConfigurationError(
            error.code,
            error.message,
            field=f"{self.name}:{place[0] + 1}:{place[1] + 1}",
            remedy=f"{error.remedy}\n  {source}\n  {' ' * caret}^",
        )


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return a remedy that names the choice nearest to `word`, or else all choices."""
    known = [str(choice) for choice in choices]
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Use one of: {', '.join(known)}."

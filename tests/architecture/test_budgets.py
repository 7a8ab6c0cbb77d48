"""Sizes that keep the code readable: a file fits a head, a function fits a screen."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "evenhand"
MODULES = sorted(SOURCE.rglob("*.py"))

MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}


def too_long(tree):
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [node.name for node in functions if node.end_lineno - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_keeps_its_budget(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES_OF_A_FILE
    assert too_long(ast.parse(source)) == []
    assert path.stem not in FORBIDDEN_NAMES


def test_a_long_function_is_seen():
    lines = "    x = 1\n" * MOST_LINES_OF_A_FUNCTION
    assert too_long(ast.parse(f"async def long():\n{lines}")) == ["long"]

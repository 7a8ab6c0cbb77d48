"""The package's public names: few, in order, and all of them there."""

import ast
from pathlib import Path

import pytest

import evenhand


def test_the_names_are_sorted_constants_then_classes_then_functions():
    assert evenhand.__all__ == sorted(
        evenhand.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )


def test_every_name_has_a_home_and_no_home_is_left_over():
    assert set(evenhand.__all__) == set(evenhand._HOMES)


@pytest.mark.parametrize("name", evenhand.__all__)
def test_every_name_resolves_to_the_thing_itself(name):
    thing = getattr(evenhand, name)
    assert getattr(thing, "__name__", name) == name


def test_type_checkers_are_told_the_same_homes():
    tree = ast.parse(Path(evenhand.__file__).read_text(encoding="utf-8"))
    told = {
        alias.name: node.module.removeprefix("evenhand.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("evenhand.")
        for alias in node.names
    }
    assert told == evenhand._HOMES


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Screnner'"):
        _ = evenhand.Screnner

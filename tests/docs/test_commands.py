"""docs/command-line.md and the help texts name everything that the command line can do."""

import re
from pathlib import Path

import click
import pytest

from evenhand.cli import COMMANDS, _group

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")


def commands_below(group, path):
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if isinstance(command, click.Group):
                yield from commands_below(command, (*path, name))
            else:
                yield " ".join((*path, name)), command


EVERY = dict(commands_below(_group, ("evenhand",)))


def section(name):
    """Return the page's part about one command."""
    found = re.search(rf"^## `{re.escape(name)}\b[^\n]*`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_every_module_gives_a_command():
    assert {name.split()[1] for name in EVERY} == set(COMMANDS)


@pytest.mark.parametrize("name", EVERY)
def test_a_command_has_a_section_that_names_every_option(name):
    options = [option for parameter in EVERY[name].params for option in parameter.opts if option.startswith("--")]
    assert section(name)
    assert [option for option in options if f"`{option}" not in section(name)] == []


@pytest.mark.parametrize("name", EVERY)
def test_the_page_names_no_option_that_is_not_there(name):
    options = {option for parameter in EVERY[name].params for option in parameter.opts}
    assert set(re.findall(r"^\| `(--[a-z-]+)", section(name), re.MULTILINE)) <= options


@pytest.mark.parametrize("name", EVERY)
def test_a_command_has_help_an_example_and_help_for_every_option(name):
    command = EVERY[name]
    assert command.help
    assert re.search(rf"Examples?:\s+{name}\b", command.help)
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


def test_the_exit_codes_are_on_the_page():
    from evenhand import cli
    from evenhand.cli.audit import EXIT_BROKEN
    from evenhand.cli.policy_history import EXIT_OTHERWISE
    from evenhand.cli.screen import EXIT_BY_ACTION

    codes = {
        0,
        1,
        2,
        cli.EXIT_INPUT,
        cli.EXIT_CONFIGURATION,
        cli.EXIT_STORE,
        cli.EXIT_ENDPOINT,
        EXIT_BROKEN,
        EXIT_OTHERWISE,
        *EXIT_BY_ACTION.values(),
    }
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes

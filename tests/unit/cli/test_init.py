import sys

import click
import pytest

import evenhand
from evenhand.cli import COMMANDS, _group, main
from evenhand.core.errors import (
    ConfigurationError,
    EndpointError,
    InputError,
    NotFoundError,
    OverloadError,
    StoreError,
)


def test_the_help_names_every_command(run):
    shown = run(_group, "--help")
    assert shown.exit_code == 0
    assert all(name in shown.output for name in COMMANDS)


def test_the_version_is_the_package_s(run):
    assert run(_group, "--version").output == f"evenhand, version {evenhand.__version__}\n"


def test_a_command_that_is_not_there_is_a_wrong_call(run):
    assert run(_group, "scan").exit_code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("text.empty", "There is no text."), 3),
        (NotFoundError("key.not_found", "There is no such key."), 3),
        (ConfigurationError("policy.missing", "There is no policy."), 4),
        (StoreError("store.away", "The database did not answer."), 5),
        (EndpointError("endpoint.key", "The key is not accepted."), 6),
        (OverloadError(retry_after=1), 1),
    ],
)
def test_each_kind_of_error_ends_with_its_message_and_code_and_without_a_traceback(monkeypatch, capsys, error, code):
    @click.command
    def command():
        raise error

    monkeypatch.setattr("evenhand.cli.taxonomy.command", command)
    monkeypatch.setattr(sys, "argv", ["evenhand", "taxonomy"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    assert capsys.readouterr().err == f"evenhand: {error} [{error.code}]\n"

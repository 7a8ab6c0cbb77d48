"""The command line: one file per command, loaded when it is called."""

import importlib
from typing import Final

import click

import evenhand
from evenhand.core.errors import ConfigurationError, EndpointError, EvenhandError, InputError, StoreError

#: Command name -> module below `evenhand.cli` with a click command named `command`.
COMMANDS: Final = {
    "serve": "serve",
    "screen": "screen",
    "worker": "worker",
    "jobs": "jobs",
    "keys": "keys",
    "reviewers": "reviewers",
    "banks": "banks",
    "webhooks": "webhooks",
    "audit": "audit",
    "undo": "undo",
    "holds": "holds",
    "erase": "erase",
    "numbers": "numbers",
    "transparency": "transparency",
    "taxonomy": "taxonomy",
    "detectors": "detectors",
    "policy": "policy",
    "bench": "bench",
    "train-text": "train_text",
    "eval-text": "eval_text",
    "eval-image": "eval_image",
}

#: Exit codes that scripts can use; 0 is success and 2 is click's own for a wrong call.
EXIT_INPUT: Final = 3
EXIT_CONFIGURATION: Final = 4
EXIT_STORE: Final = 5
EXIT_ENDPOINT: Final = 6

_EXIT_CODES: Final = (
    (InputError, EXIT_INPUT),
    (ConfigurationError, EXIT_CONFIGURATION),
    (StoreError, EXIT_STORE),
    (EndpointError, EXIT_ENDPOINT),
)


class _LazyGroup(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"evenhand.cli.{COMMANDS[name]}").command
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(evenhand.__version__, prog_name="evenhand")
def _group() -> None:
    """Content safety that runs on a CPU, judges conduct and treats everyone alike."""


def main() -> None:
    """Run the command line; errors of ours end with their message, remedy and a code, never with a traceback."""
    try:
        _group()
    except EvenhandError as error:
        click.echo(f"evenhand: {error} [{error.code}]", err=True)
        raise SystemExit(_exit_code(error)) from None


def _exit_code(error: EvenhandError) -> int:
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)

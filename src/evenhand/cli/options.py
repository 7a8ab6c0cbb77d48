"""Options that several commands share."""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from evenhand.settings import Settings, read_settings

if TYPE_CHECKING:
    from evenhand.store.store import Store

_AGO: Final = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

F = TypeVar("F", bound=Callable[..., Any])


def setting_option(function: F) -> F:
    """Add `--setting NAME VALUE`, which arrives as the parameter `setting`."""
    option = click.option(
        "--setting",
        nargs=2,
        multiple=True,
        metavar="NAME VALUE",
        help="Set one of the settings; see docs/settings.md.",
    )
    return option(function)


def read_time(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Return the time that is written as `2026-11-23T12:00`, or as how long ago it was, such as `2h`."""
    if value is None:
        return None
    try:
        if ago := _AGO.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        at = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} is none; give one like 2026-11-23T12:00, 90m, 2h or 7d.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def data_folder_option(function: F) -> F:
    """Add `--data-folder`, which arrives as the parameter `data_folder`."""
    return click.option("--data-folder", help="Folder of the database.")(function)


def precise_words_option(function: F) -> F:
    """Add `--precise-words`, which arrives as the parameter `precise_words`."""
    text = "Read words in images with the larger networks: fewer mistakes, more time."
    return click.option("--precise-words", is_flag=True, help=text)(function)


def json_option(function: F) -> F:
    """Add `--json`, which arrives as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(function)


@contextlib.contextmanager
def opened_store(settings: Settings) -> "Iterator[Store]":
    """Give the store that `settings` name, and close it."""
    from evenhand.store.store import open_store

    store = open_store(settings.store_url)
    try:
        yield store
    finally:
        store.close()


def settings_from(setting: tuple[tuple[str, str], ...], **given: str | int | None) -> Settings:
    """Return the settings from the environment, with `--setting` and then `given` options on top."""
    overrides = dict(setting) | {name: str(value) for name, value in given.items() if value is not None}
    return read_settings(overrides=overrides)

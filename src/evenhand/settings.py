"""Every setting, in one table.

A setting is read from the environment variable `EVENHAND_<NAME>` or given as `--setting NAME VALUE`. Only the outermost
rooms read this table; everything else gets plain values as arguments.
"""

import dataclasses
import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evenhand.core.errors import ConfigurationError

PREFIX: Final = "EVENHAND_"

#: Largest values of the settings that have one.
_MOST: Final = {"port": 65_535}


def default_data_folder() -> Path:
    """Return the user's own folder for evenhand's data, by the XDG convention."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "evenhand"


def _row(default: Any, help_text: str, *, is_secret: bool = False) -> Any:
    return dataclasses.field(default=default, metadata={"help": help_text}, repr=not is_secret)


@dataclass(frozen=True)
class Settings:
    """The table: one field a setting, with its type, default and help. Empty text means "not set"."""

    data_folder: str = _row("", "Folder for the database; by default evenhand's folder in the user's data folder.")
    database_url: str = _row("", "postgresql://... for PostgreSQL; by default SQLite in data_folder.")
    host: str = _row("127.0.0.1", "Address to listen on; only this machine can reach the default.")
    port: int = _row(8000, "Port to listen on.")
    public_url: str = _row("", "The server's address as clients see it, for the Perspective discovery document.")
    policy_file: str = _row("", "The policy that decides; by default the one that evenhand carries.")
    policy_files: str = _row(
        "", "Further policies, with commas; requests name them. Without policy_file the first decides."
    )
    shadow_policy_file: str = _row("", "A policy that judges beside it and changes no answer; see docs/backtest.md.")
    detectors: str = _row("", "Ids of the detectors to run, with commas; by default all built-in ones.")
    plugins: str = _row("", "Import paths `module:Class` of further detectors, with commas.")
    lexicon_folders: str = _row("", "Folders with word lists of your own, with commas.")
    max_text_bytes: int = _row(20_480, "Longest text in bytes of UTF-8; the default is the Perspective API's.")
    max_body_bytes: int = _row(16_777_216, "Largest request body in bytes.")
    max_image_bytes: int = _row(10_485_760, "Largest image file in bytes; in base64 it takes a third more of the body.")
    image_urls: str = _row("refuse", "`fetch` to fetch images from public addresses that clients send, or `refuse`.")
    decode_workers: int = _row(2, "Processes that decode images.")
    decode_seconds: float = _row(10.0, "Longest time to decode one image.")
    precise_words: str = _row("no", "`yes` reads words in images with a larger model: fewer mistakes, more time.")
    max_clip_bytes: int = _row(536_870_912, "Largest sound or video file in bytes.")
    max_clip_seconds: int = _row(14_400, "Longest sound or video in seconds.")
    clip_upload_seconds: float = _row(3_600.0, "Longest time for a clip to arrive.")
    clip_urls: str = _row("refuse", "`fetch` to fetch clips from public addresses that clients send, or `refuse`.")
    speech_model: str = _row("", "Folder with a faster-whisper model; by default the one of evenhand[speech].")
    workers: int = _row(1, "Workers for clips that the server starts; 0: you run `evenhand worker` yourself.")
    clips_at_once: int = _row(1, "Clips that one worker screens at once.")
    clips_at_once_per_key: int = _row(2, "Clips of one API key that all workers together screen at once.")
    jobs_per_key: int = _row(100, "Most jobs of one API key that are not over; beyond it requests get 429.")
    worker_dead_seconds: float = _row(15.0, "Silence after which others take over a worker's jobs.")
    max_items: int = _row(64, "Most items in one request.")
    body_timeout_seconds: float = _row(30.0, "Longest time for a request body to arrive.")
    queue_items: int = _row(512, "Most items that wait for the detectors; beyond it requests get 503.")
    queue_images: int = _row(32, "Most images that are decoded or wait; beyond it requests get 503.")
    batch_wait_ms: float = _row(0.0, "Longest time that an item waits for companions when the detectors are idle.")
    requests_per_minute: int = _row(1_200, "Allowance of a new API key.")
    key_cache_seconds: float = _row(5.0, "How long a checked key is remembered; a revoked one may work that long.")
    content_retention_days: int = _row(30, "Days after which stored content is deleted; 0 keeps it.")
    decision_retention_days: int = _row(365, "Days after which decisions are deleted; 0 keeps them.")
    feedback_retention_days: int = _row(365, "Days after which suggested scores are deleted; 0 keeps them.")
    second_look_url: str = _row("", "A chat endpoint such as http://127.0.0.1:11434/v1; uncertain texts go there.")
    second_look_model: str = _row("", "Name of the model there.")
    second_look_key: str = _row("", "Key for the endpoint; give it in the environment only.", is_secret=True)
    second_look_key_file: str = _row("", "File that holds the key instead.")
    second_look_from: float = _row(0.35, "Place of the lowest uncertain score; 0.5 is the policy's threshold.")
    second_look_to: float = _row(0.65, "Place from which scores are certain again; 0.5 is the policy's threshold.")
    second_look_categories: str = _row("", "Labels asked about, with commas; by default all but sexual/minors.")
    second_look_timeout_seconds: float = _row(5.0, "Longest time for an answer.")
    second_look_calls_per_hour: int = _row(1_000, "Most requests to the endpoint in any hour.")
    second_look_concurrent_calls: int = _row(4, "Most requests to the endpoint at once.")
    second_look_failures: int = _row(5, "Failures in a row after which the endpoint is left alone.")
    second_look_cooling_seconds: float = _row(60.0, "How long it is left alone.")
    webhook_hosts: str = _row("", "Hosts with private addresses that webhooks may go to, with commas.")
    webhook_timeout_seconds: float = _row(10.0, "Longest time for a webhook's receiver to answer.")
    event_retention_days: int = _row(30, "Days after which events and their deliveries are deleted; 0 keeps them.")
    review_second_step: str = _row(
        "leads", "Who signs in to the review console with an authenticator too: `leads` (with admins), `all` or `none`."
    )
    audit_key_file: str = _row("", "File with the key that signs each month's checkpoint of the audit.")
    golden_every: int = _row(0, "One case in so many that a reviewer gets is a golden one; 0: none is.")
    log_level: str = _row("info", "debug, info, warning or error.")
    log_format: str = _row("json", "json for machines, plain for people.")

    @property
    def folder(self) -> Path:
        """Where evenhand keeps its data."""
        return Path(self.data_folder).expanduser() if self.data_folder else default_data_folder()

    @property
    def policy_paths(self) -> tuple[Path, ...]:
        """The files of the policies, the default one first; none: the one that evenhand carries."""
        named = ((self.policy_file,) if self.policy_file else ()) + self.listed("policy_files")
        return tuple(Path(name).expanduser() for name in named)

    @property
    def store_url(self) -> str:
        """The database URL, SQLite in `folder` unless one is set."""
        return self.database_url or f"sqlite:///{self.folder / 'evenhand.sqlite'}"

    def chosen(self, name: str, *choices: str) -> str:
        """Return the setting `name`, which is one of `choices`.

        Raises:
            ConfigurationError: `setting.invalid`.
        """
        value = str(getattr(self, name))
        if value not in choices:
            raise ConfigurationError(
                "setting.invalid", f"{value!r} is no choice.", field=name, remedy=f"Give {' or '.join(choices)}."
            )
        return value

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the comma-separated setting `name` as its parts."""
        return tuple(part.strip() for part in str(getattr(self, name)).split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table, for docs and help.

    Args:
        name: Lower-case name.
        default: Its value when nobody sets it.
        help: One sentence for people.
    """

    name: str
    default: str | int | float
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS: Final = tuple(
    Setting(field.name, field.default, field.metadata["help"])  # type: ignore[arg-type]
    for field in dataclasses.fields(Settings)
)


def read_settings(
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings from `environment` (by default the process's), with `overrides` on top.

    Raises:
        ConfigurationError: `setting.unknown` or `setting.invalid`.
    """
    environment = os.environ if environment is None else environment
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_")
    }
    defaults = {setting.name: setting.default for setting in SETTINGS}
    values: dict[str, Any] = {}
    for name, value in (given | dict(overrides or {})).items():
        if name not in defaults:
            close = difflib.get_close_matches(name, defaults, n=1)
            remedy = f"Did you mean {close[0]}?" if close else "See `evenhand serve --help`."
            raise ConfigurationError("setting.unknown", f"There is no setting {name}.", field=name, remedy=remedy)
        values[name] = _parse(name, value, type(defaults[name]))
    return Settings(**values)


def _parse(name: str, value: str, kind: type) -> str | int | float:
    try:
        parsed: str | int | float = kind(value)
    except ValueError:
        raise ConfigurationError(
            "setting.invalid",
            f"{value!r} is not a {'whole number' if kind is int else 'number'}.",
            field=name,
            remedy="Give a number.",
        ) from None
    most = _MOST.get(name, sys.float_info.max)
    if kind is not str and not 0 <= parsed <= most:  # type: ignore[operator]
        remedy = f"Give 0 to {most}." if name in _MOST else "Give 0 or more."
        raise ConfigurationError("setting.invalid", f"{value} is out of range.", field=name, remedy=remedy)
    return parsed

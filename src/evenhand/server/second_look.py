"""The second look that the settings name. Loads nothing of the web, so that the command line may use it too."""

from pathlib import Path

from evenhand.core.errors import ConfigurationError
from evenhand.second_look.look import SecondLook
from evenhand.settings import Settings


def build_second_look(settings: Settings) -> SecondLook | None:
    """Return whom `settings` name for a second look; nobody unless there is an address.

    Raises:
        ConfigurationError: `second_look.key_file`, or as `SecondLook`.
    """
    if not settings.second_look_url:
        return None
    return SecondLook(
        settings.second_look_url,
        model=settings.second_look_model,
        key=settings.second_look_key or _key_in(settings.second_look_key_file),
        band=(settings.second_look_from, settings.second_look_to),
        categories=settings.listed("second_look_categories"),
        timeout_seconds=settings.second_look_timeout_seconds,
        calls_per_hour=settings.second_look_calls_per_hour,
        concurrent_calls=settings.second_look_concurrent_calls,
        failures=settings.second_look_failures,
        cooling_seconds=settings.second_look_cooling_seconds,
    )


def _key_in(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "second_look.key_file",
            f"The file with the key for the second look cannot be read: {type(error).__name__}.",
            field="second_look_key_file",
            remedy="Name a file that holds the key and nothing else.",
        ) from None

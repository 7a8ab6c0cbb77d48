"""The second opinion that the settings name. Loads nothing of the web, so that the command line may use it too."""

from pathlib import Path

from evenhand.core.errors import ConfigurationError
from evenhand.opinion.second import SecondOpinion
from evenhand.settings import Settings


def build_second_opinion(settings: Settings) -> SecondOpinion | None:
    """Return whom `settings` name for a second opinion; nobody unless there is an address.

    Raises:
        ConfigurationError: `second_opinion.key_file`, or as `SecondOpinion`.
    """
    if not settings.second_opinion_url:
        return None
    return SecondOpinion(
        settings.second_opinion_url,
        model=settings.second_opinion_model,
        key=settings.second_opinion_key or _key_in(settings.second_opinion_key_file),
        band=(settings.second_opinion_from, settings.second_opinion_to),
        categories=settings.listed("second_opinion_categories"),
        timeout_seconds=settings.second_opinion_timeout_seconds,
        calls_per_hour=settings.second_opinion_calls_per_hour,
        concurrent_calls=settings.second_opinion_concurrent_calls,
        failures=settings.second_opinion_failures,
        cooling_seconds=settings.second_opinion_cooling_seconds,
    )


def _key_in(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "second_opinion.key_file",
            f"The file with the key for the second opinion cannot be read: {type(error).__name__}.",
            field="second_opinion_key_file",
            remedy="Name a file that holds the key and nothing else.",
        ) from None

"""Make the engine and the policy by the settings. Loads nothing of the web."""

from pathlib import Path

from evenhand.detectors.image.hash_bank import LiveBanks
from evenhand.detectors.registry import load_detectors
from evenhand.engine.screen import Engine
from evenhand.policy.load import DEFAULT_POLICY_FILE, load_policy
from evenhand.policy.policy import Policy
from evenhand.settings import Settings


def build_engine(settings: Settings, banks: LiveBanks | None = None) -> Engine:
    """Return an engine with the detectors that `settings` name; `banks` are those that images are looked up in."""
    detectors = load_detectors(
        settings.listed("detectors") or None,
        extra=settings.listed("plugins"),
        options={
            "text.lexicon": {"folders": tuple(map(Path, settings.listed("lexicon_folders")))},
            "image.hash_bank": {"banks": banks},
            "image.words": {"precise": settings.chosen("precise_words", "no", "yes") == "yes"},
        },
    )
    return Engine(detectors)


def build_policy(settings: Settings) -> Policy:
    """Return the policy that `settings` name."""
    return load_policy(Path(settings.policy_file).expanduser() if settings.policy_file else DEFAULT_POLICY_FILE)

"""Make the engine and the policy by the settings. Loads nothing of the web."""

from pathlib import Path

from evenhand.core.errors import ConfigurationError
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


def build_policies(settings: Settings) -> list[Policy]:
    """Return the policies that `settings` name, the default one first.

    Raises:
        ConfigurationError: As `policy.load.load_policy`, and `policy.twice` for two of one name.
    """
    policies: dict[str, Policy] = {}
    for path in settings.policy_paths or (DEFAULT_POLICY_FILE,):
        policy = load_policy(path)
        if policy.name in policies:
            raise ConfigurationError(
                "policy.twice",
                f"Two policies are called {policy.name}; {path} is the second.",
                field="policy_files",
                remedy="Requests choose a policy by its name: give each its own.",
            )
        policies[policy.name] = policy
    return list(policies.values())

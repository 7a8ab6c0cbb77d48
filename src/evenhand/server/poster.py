"""Make what posts to webhooks by the settings. Loads nothing of the web, so that the command line may use it too."""

from evenhand.content.post import Poster
from evenhand.settings import Settings


def build_poster(settings: Settings) -> Poster:
    """Return a poster with the hosts and the time that `settings` name.

    Raises:
        ConfigurationError: `webhook.host`.
    """
    return Poster(private_hosts=settings.listed("webhook_hosts"), seconds=settings.webhook_timeout_seconds)

"""Keep the policies that are used, and put one into the shadow. Loads nothing of the web: workers use it too."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from evenhand.core.decision import Action
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy
from evenhand.service.replay import Shadow
from evenhand.settings import Settings
from evenhand.store.records import StoredPolicy
from evenhand.store.store import Store


def begin_policies(
    settings: Settings,
    store: Store,
    policies: Iterable[Policy],
    *,
    observe: Callable[[Action, str], None] = lambda _live, _shadow: None,
) -> Shadow | None:
    """Keep the policies that decide from now on, where they are new, and return what judges in the shadow, if any.

    Args:
        settings: They name the policy in the shadow.
        store: Where policies are kept; the one in the shadow too.
        policies: Those that decide.
        observe: As `Shadow` takes it.

    Raises:
        ConfigurationError: As `policy.load.load_policy`.
        StoreError: The database failed.
    """
    path = settings.shadow_policy_file
    shadow = Shadow(load_policy(Path(path).expanduser()), observe=observe) if path else None
    used = [*policies, *([shadow.policy] if shadow else [])]
    now = datetime.now(UTC)
    store.policies.keep([StoredPolicy(each.version.version, each.name, now, each.source) for each in used])
    return shadow

"""evenhand: content safety that runs on a CPU, judges conduct and treats everyone alike.

    from evenhand import Screener

    decision = Screener().screen("some text")
    print(decision.action, decision.scores)

Importing the package is cheap; a name's parts are loaded when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.core.alert import Event
    from evenhand.core.content import Content
    from evenhand.core.decision import Action, Decision
    from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, SignatureError
    from evenhand.core.signal import Evidence, Signal
    from evenhand.core.signing import verify_event
    from evenhand.core.taxonomy import TAXONOMY, Label
    from evenhand.policy.load import load_policy
    from evenhand.policy.policy import Policy
    from evenhand.second_look.look import SecondLook
    from evenhand.service.screener import Screener

__version__ = "0.1.0"

__all__ = [
    "TAXONOMY",
    "Action",
    "ConfigurationError",
    "Content",
    "Decision",
    "EvenhandError",
    "Event",
    "Evidence",
    "InputError",
    "Label",
    "Policy",
    "Screener",
    "SecondLook",
    "Signal",
    "SignatureError",
    "load_policy",
    "verify_event",
]

_HOMES = {
    "TAXONOMY": "core.taxonomy",
    "Action": "core.decision",
    "ConfigurationError": "core.errors",
    "Content": "core.content",
    "Decision": "core.decision",
    "Evidence": "core.signal",
    "EvenhandError": "core.errors",
    "Event": "core.alert",
    "InputError": "core.errors",
    "Label": "core.taxonomy",
    "Policy": "policy.policy",
    "Screener": "service.screener",
    "SecondLook": "second_look.look",
    "Signal": "core.signal",
    "SignatureError": "core.errors",
    "load_policy": "policy.load",
    "verify_event": "core.signing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

"""One-time codes of an authenticator: six digits, right for half a minute, from a secret that both sides have."""

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

from evenhand.core.errors import InputError

#: Seconds of one step, and how many steps a clock may be off, either way.
STEP_SECONDS: Final = 30
STEPS_OFF: Final = 1

_SECRET: Final = re.compile(r"[A-Z2-7]{32}")
_CODE: Final = re.compile(r"[0-9]{6}")
_ISSUER: Final = "evenhand"


def new_secret() -> str:
    """Return 160 random bits in base32, for an authenticator."""
    return pyotp.random_base32()


def check_secret(secret: str) -> None:
    """Refuse what is no secret of `new_secret`.

    Raises:
        InputError: `authenticator.secret`.
    """
    if not _SECRET.fullmatch(secret):
        raise InputError(
            "authenticator.secret", "This is no secret of an authenticator.", field="secret", remedy="Begin anew."
        )


def address_of(secret: str, name: str) -> str:
    """Return the otpauth: address that an authenticator is set up with, by hand or as a picture."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=_ISSUER)


def step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the step whose code `code` is; nothing where it is none, or one that is used up.

    Args:
        secret: Of the authenticator, in base32.
        code: As it was typed; spaces do not count.
        now: Aware.
        after: The step of the code that was used last; only later ones work.
    """
    digits = "".join(code[:32].split())
    if not _CODE.fullmatch(digits):
        return None
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    this = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(this - STEPS_OFF, this + STEPS_OFF + 1):
        if hmac.compare_digest(generator.generate_otp(step), digits) and step > after:
            found = step
    return found

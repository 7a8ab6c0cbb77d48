"""Signatures of events, as Standard Webhooks has them: made by the server, checked by receivers.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Final

from evenhand.core.alert import Event
from evenhand.core.errors import ConfigurationError, SignatureError

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_LEAST_BYTES: Final = 24
_MOST_BYTES: Final = 64
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


def new_secret() -> str:
    """Return a secret that nobody else has."""
    return _PREFIX + base64.b64encode(token_bytes(_SECRET_BYTES)).decode()


def event_body(event: Event) -> bytes:
    """Return what is posted for `event`: JSON in UTF-8."""
    body = {"id": event.id, "type": event.kind, "timestamp": event.created_at.isoformat(), "data": event.data}
    return json.dumps(body, separators=(",", ":")).encode()


def sign(event_id: str, body: bytes, secrets: Sequence[str], *, at: datetime) -> dict[str, str]:
    """Return the headers that go with `body`.

    Args:
        event_id: The event's id.
        body: What is posted.
        secrets: Each makes a signature of its own, so that one can be replaced.
        at: When it is posted; aware.

    Raises:
        ConfigurationError: `signature.secret`.
    """
    timestamp = str(int(at.timestamp()))
    signatures = (_signature(event_id, timestamp, body, _key(secret)) for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def verify_event(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: float = 300,
    now: float | None = None,
) -> Event:
    """Return the event that was posted, if its signature is right and it is not an old one.

    Args:
        body: The request's body exactly as it came, before anything has parsed it.
        headers: The request's headers; capitals do not matter.
        secrets: The webhook's secret, or several of which one may be right.
        tolerance_seconds: How far the sender's clock may be from this one, either way.
        now: Seconds since 1970; by default this machine's clock.

    Raises:
        SignatureError: `signature.missing`, `signature.timestamp`, `signature.wrong` or `signature.body`: do not trust
            the request, answer it with status 400 or 401.
        ConfigurationError: `signature.secret`: not the request is at fault, but `secrets`.
    """
    keys = [_key(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not keys:
        raise _no_secret()
    given = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (event_id and timestamp and signatures):
        raise SignatureError(
            "signature.missing",
            "The headers webhook-id, webhook-timestamp and webhook-signature are not all there.",
            remedy="Pass the headers on as they came, and check that a proxy keeps them.",
        )
    _check_time(timestamp, time.time() if now is None else now, tolerance_seconds)
    expected = [_signature(event_id, timestamp, body, key).encode() for key in keys]
    presented = [
        part.removeprefix("v1,").encode(errors="replace") for part in signatures.split(" ") if part.startswith("v1,")
    ]
    # Every pair is compared, and each in constant time: how long it takes tells nothing.
    if not sum(hmac.compare_digest(ours, theirs) for ours in expected for theirs in presented):
        raise SignatureError(
            "signature.wrong",
            "No signature is right.",
            remedy="Check that the secret is this webhook's, and that the body is as it came.",
        )
    return _event(event_id, body)


def _check_time(timestamp: str, now: float, tolerance_seconds: float) -> None:
    if not _TIMESTAMP.fullmatch(timestamp) or not abs(int(timestamp) - now) <= tolerance_seconds:
        raise SignatureError(
            "signature.timestamp",
            "It was signed too long ago, or in the future.",
            remedy="Check this machine's clock; if that is right, somebody sends again what they overheard.",
        )


def _event(event_id: str, body: bytes) -> Event:
    try:
        parsed = json.loads(body)
        kind, created_at, data = str(parsed["type"]), datetime.fromisoformat(parsed["timestamp"]), parsed["data"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _no_event() from None
    if not isinstance(data, dict):
        raise _no_event()
    return Event(event_id, kind, created_at, data)


def _signature(event_id: str, timestamp: str, body: bytes, key: bytes) -> str:
    signed = f"{event_id}.{timestamp}.".encode(errors="surrogatepass") + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise _no_secret() from None
    if not secret.startswith(_PREFIX) or not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise _no_secret()
    return key


def _no_secret() -> ConfigurationError:
    return ConfigurationError(
        "signature.secret",
        "A secret is whsec_ and the base64 of 24 to 64 bytes.",
        field="secrets",
        remedy="Take it from `evenhand webhooks create` or `evenhand webhooks rotate`.",
    )


def _no_event() -> SignatureError:
    return SignatureError(
        "signature.body",
        "The body is signed, but it is no event.",
        remedy="Check that the secret is not used for anything else.",
    )

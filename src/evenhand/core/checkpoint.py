"""Checkpoints of the audit: its newest row's digest, signed, to be kept where whoever has the database cannot write.

Whoever has the database to himself could make the whole chain of audit rows anew. A checkpoint from before shows it:
the new chain does not go through it. The key must not lie beside the database either.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evenhand.core.errors import ConfigurationError, SignatureError

#: The shortest key, in bytes.
LEAST_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the audit was at some time.

    Args:
        at: When; aware, in UTC.
        sequence: The newest row.
        sha256: That row's digest, in hex.
    """

    at: datetime
    sequence: int
    sha256: str


def write_checkpoint(checkpoint: Checkpoint, key: bytes) -> str:
    """Return `checkpoint` as JSON, with its HMAC-SHA256.

    Raises:
        ConfigurationError: `audit.key`.
    """
    fields = {"at": checkpoint.at.isoformat(), "sequence": checkpoint.sequence, "sha256": checkpoint.sha256}
    return json.dumps(fields | {"signature": _signature(fields, key)}) + "\n"


def read_checkpoint(text: str, key: bytes) -> Checkpoint:
    """Return the checkpoint that `write_checkpoint` wrote with the same key.

    Raises:
        SignatureError: `checkpoint.invalid` or `checkpoint.signature`.
        ConfigurationError: `audit.key`.
    """
    try:
        fields = json.loads(text)
        signature = fields.pop("signature")
        checkpoint = Checkpoint(datetime.fromisoformat(fields["at"]), int(fields["sequence"]), str(fields["sha256"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SignatureError(
            "checkpoint.invalid", "This is no checkpoint.", remedy="Give what `evenhand audit checkpoint` printed."
        ) from None
    if not hmac.compare_digest(_signature(fields, key).encode(), str(signature).encode()):
        raise SignatureError(
            "checkpoint.signature",
            "The checkpoint is not signed with this key, or was changed.",
            remedy="Give the key that it was signed with.",
        )
    return checkpoint


def _signature(fields: object, key: bytes) -> str:
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigurationError(
            "audit.key",
            f"The key has {len(key)} bytes.",
            field="audit_key_file",
            remedy=f"Give a file with at least {LEAST_KEY_BYTES}, such as from `openssl rand -hex 32`.",
        )
    return hmac.digest(key, json.dumps(fields, sort_keys=True).encode(), hashlib.sha256).hex()

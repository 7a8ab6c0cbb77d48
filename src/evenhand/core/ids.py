"""Ids of things that are kept, in order of time."""

import secrets
import time


def new_id(prefix: str) -> str:
    """Return `prefix`, `_` and 32 hex digits: 48 bits of milliseconds, which sort by time, then 80 random ones."""
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"

"""Once a month, sign where the audit is, into a folder that the operator copies elsewhere."""

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final

from evenhand.core.checkpoint import write_checkpoint
from evenhand.core.errors import ConfigurationError
from evenhand.settings import Settings
from evenhand.store.store import Store

#: Below the data folder.
FOLDER: Final = "checkpoints"


def audit_key(settings: Settings) -> bytes:
    """Return the key that checkpoints are signed with.

    Raises:
        ConfigurationError: `audit.key`.
    """
    if not settings.audit_key_file:
        raise ConfigurationError(
            "audit.key",
            "No key is named to sign with.",
            field="audit_key_file",
            remedy="Name a file with at least 32 bytes, such as from `openssl rand -hex 32`.",
        )
    try:
        return Path(settings.audit_key_file).expanduser().read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            "audit.key",
            f"The key cannot be read: {error.strerror or error}.",
            field="audit_key_file",
            remedy="Name a readable file.",
        ) from error


def keep_checkpoint(settings: Settings, store: Store, now: datetime) -> Path | None:
    """Write this month's checkpoint if there is none yet and a key is named; return where it was written.

    Raises:
        ConfigurationError: `audit.key`.
        OSError: It cannot be written.
        StoreError: The database failed.
    """
    if not settings.audit_key_file:
        return None
    path = settings.folder / FOLDER / f"audit-{now:%Y-%m}.json"
    if path.exists():
        return None
    text = write_checkpoint(store.audit.checkpoint(now), audit_key(settings))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of several servers on one folder the first one writes it.
    with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path

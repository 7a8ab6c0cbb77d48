"""Harmless texts of the user's own, asked about beside the families: whatever is done about one is a false positive."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from evenhand.audit.answers import Sentence
from evenhand.core.errors import ConfigurationError

#: What stands where a sentence of a family has its group.
NOBODY: Final = "nobody named"
_LINES_AS_JSON: Final = frozenset({".jsonl", ".ndjson"})


class _Line(msgspec.Struct):
    text: str
    language: str = "und"


def read_corpus(path: Path) -> tuple[Sentence, ...]:
    """Return the texts in `path`, each once: one a line, or JSON Lines with `text` and, if it is known, `language`.

    Args:
        path: The file, in UTF-8; JSON Lines if it is called `.jsonl` or `.ndjson`. Empty lines are passed over.

    Raises:
        ConfigurationError: `file.unreadable`, or `corpus.invalid` for a line that cannot be read or a file without any.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            "file.unreadable", f"{path} cannot be read.", field="--corpus", remedy="Check the path; it must be UTF-8."
        ) from None
    found: dict[str, Sentence] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            own = _read(path, number, line)
            digest = hashlib.sha256(own.text.encode()).hexdigest()[:16]
            family = f"corpus {path.stem}"
            found[digest] = Sentence(
                f"corpus-{path.stem}-{digest}", family, digest, NOBODY, NOBODY, own.language, "allow", own.text
            )
    if not found:
        raise _invalid(path, "it has no text")
    return tuple(found.values())


def _read(path: Path, number: int, line: str) -> _Line:
    if path.suffix not in _LINES_AS_JSON:
        return _Line(line.strip())
    try:
        return msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError as error:
        raise _invalid(path, f"line {number}: {error}") from None


def _invalid(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        "corpus.invalid",
        f"{path}: {what}.",
        field="--corpus",
        remedy="Give one text a line, or JSON Lines.",
    )

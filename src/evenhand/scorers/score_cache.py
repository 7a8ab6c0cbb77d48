"""What a server said, kept in a file of JSON Lines so that an interrupted run goes on. Texts are there as hashes."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from evenhand.core.errors import ConfigurationError


class _Line(msgspec.Struct):
    id: str
    scores: dict[str, float]


class ScoreCache:
    """The scores of one server, in one way of asking.

    Args:
        folder: Where the file lies; without a folder nothing is kept.
        url: Where is asked.
        dialect: How.
        asked: What is asked for by name.
    """

    def __init__(self, folder: Path | None, *, url: str, dialect: str, asked: Sequence[str]) -> None:
        self._origin = {"url": url, "dialect": dialect, "asked": list(asked)}
        name = hashlib.sha256(msgspec.json.encode(self._origin)).hexdigest()[:16]
        self.path = folder / f"{dialect}-{name}.jsonl" if folder else None

    def read(self) -> dict[str, dict[str, float]]:
        """Return the scores by id; a last line that was not finished is cut off.

        Raises:
            ConfigurationError: `cache.unusable`.
        """
        if self.path is None:
            return {}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.write_bytes(msgspec.json.encode(self._origin) + b"\n")
            data = self.path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) < len(data):
                self.path.write_bytes(whole)
            origin, *lines = whole.splitlines()
            if msgspec.json.decode(origin) != self._origin:
                raise self._unusable("it is of another server or another way of asking")
            decoder = msgspec.json.Decoder(_Line)
            return {line.id: line.scores for line in map(decoder.decode, lines)}
        except OSError as error:
            raise self._unusable(str(error.strerror)) from None
        except (msgspec.DecodeError, ValueError):
            raise self._unusable("a line of it cannot be read") from None

    def add(self, scores: Mapping[str, Mapping[str, float]]) -> None:
        """Keep these scores, by id.

        Raises:
            ConfigurationError: `cache.unusable`.
        """
        if self.path is None or not scores:
            return
        try:
            with self.path.open("ab") as file:
                file.writelines(msgspec.json.encode(_Line(name, dict(own))) + b"\n" for name, own in scores.items())
        except OSError as error:
            raise self._unusable(str(error.strerror)) from None

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            "cache.unusable",
            f"{self.path} cannot be used: {why}.",
            field="--cache",
            remedy="Name another folder, or delete the file.",
        )

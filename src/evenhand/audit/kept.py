"""The answers of a run, in a file of JSON Lines: a run that was cut short goes on. It has ids and no texts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.audit.answers import Answer
from evenhand.core.errors import ConfigurationError

NAME: Final = "answers.jsonl"


class KeptAnswers:
    """The answers of one target.

    Args:
        folder: Where the file lies; it is made.
        target: Its name.
        about: What its answers rest on; a file of another version is refused, never mixed.

    Raises:
        ConfigurationError: `audit.other_target`, or `audit.unusable` when the file cannot be read or written.
    """

    def __init__(self, folder: Path, *, target: str, about: Mapping[str, Any]) -> None:
        self.path = folder / NAME
        self._head = {"target": target, "about": dict(about)}
        self._answers = self._read()

    def __len__(self) -> int:
        """How many sentences have an answer that is no failure."""
        return sum(not answer.error for answer in self._answers.values())

    def answer(self, sentence_id: str) -> Answer | None:
        """Return the last answer, which may be a failure, or nothing."""
        return self._answers.get(sentence_id)

    def is_answered(self, sentence_id: str) -> bool:
        """Return whether there is an answer that is no failure."""
        found = self._answers.get(sentence_id)
        return found is not None and not found.error

    def add(self, answers: Iterable[Answer]) -> None:
        """Keep these; a later answer to the same sentence counts.

        Raises:
            ConfigurationError: `audit.unusable`.
        """
        given = list(answers)
        try:
            with self.path.open("ab") as file:
                file.writelines(msgspec.json.encode(answer) + b"\n" for answer in given)
        except OSError as error:
            raise self._unusable(str(error.strerror)) from None
        self._answers |= {answer.sentence_id: answer for answer in given}

    def _read(self) -> dict[str, Answer]:
        """Return the answers in the file; a last line that was not finished is cut off."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            data = self.path.read_bytes() if self.path.exists() else b""
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) < len(data) or not data:
                whole = whole or msgspec.json.encode(self._head) + b"\n"
                self.path.write_bytes(whole)
            head, *lines = whole.splitlines()
            if msgspec.json.decode(head) != self._head:
                raise self._other()
            decoder = msgspec.json.Decoder(Answer)
            return {answer.sentence_id: answer for answer in map(decoder.decode, lines)}
        except OSError as error:
            raise self._unusable(str(error.strerror)) from None
        except (msgspec.DecodeError, ValueError):
            raise self._unusable("a line of it cannot be read") from None

    def _other(self) -> ConfigurationError:
        return ConfigurationError(
            "audit.other_target",
            f"{self.path} has answers of another target, or of another version of it.",
            field="--out",
            remedy="Name another folder.",
        )

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            "audit.unusable",
            f"{self.path} cannot be used: {why}.",
            field="--out",
            remedy="Name another folder, or delete the file.",
        )

"""What is audited: something that says of a text what it would do. Whatever goes wrong is an error, never a pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import evenhand
from evenhand.audit.answers import ACTIONS, Answer, Sentence
from evenhand.core.decision import PolicyVersion
from evenhand.scorers import scored


class Target(Protocol):
    """A moderation service, or one on this machine.

    Attributes:
        name: What the report calls it.
        version: Which version of it; empty where nobody knows.
        about: What its answers rest on: two runs with the same name and the same here may be joined.
        texts_per_request: How many texts go into a request; 0 where nothing is sent.
    """

    name: str
    version: str
    about: Mapping[str, Any]
    texts_per_request: int

    def ask(self, sentences: Sequence[Sentence]) -> Iterator[list[Answer]]:
        """Yield the answers, some at a time, each sentence once.

        Raises:
            EndpointError: It is gone, or cannot be asked at all; what was yielded until then holds.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes an answer to a sentence of what a scorer said.

    Args:
        threshold: Where a scorer says no more than scores, it would act from this one on, 0..1.
        labels: Only these scores count; all where there are none.
    """

    threshold: float = 0.5
    labels: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, sentence: Sentence, said: scored.Answer) -> Answer:
        """Return the answer; one without an error has an action, and one with an error has none."""
        if said.error:
            return Answer(sentence.id, None, None, said.error)
        scores = [score for label, score in said.scores.items() if not self.labels or label in self.labels]
        highest = max(scores, default=None)
        for action in ACTIONS:
            if said.action == action:
                return Answer(sentence.id, highest, action)
        if highest is None:
            return Answer(sentence.id, None, None, "endpoint.no_scores")
        return Answer(sentence.id, highest, "review" if highest >= self.threshold else "allow")


#: With nothing set.
JUDGE: Final = Judge()


def version_of(decided: PolicyVersion) -> str:
    """Return which version of evenhand answers, with which policy."""
    return f"{evenhand.__version__}, policy {decided.version}"


def rests_on(decided: PolicyVersion, detectors: Mapping[str, str], **more: str) -> Mapping[str, Any]:
    """Return what the answers of evenhand rest on; `more` is what has a version beside policy and detectors."""
    return {"policy": decided.name, "policy_version": decided.version, "detectors": dict(detectors), **more}

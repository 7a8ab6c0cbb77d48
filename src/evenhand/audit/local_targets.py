"""What can be audited on this machine: the detectors with a policy, and a known small model."""

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from evenhand.audit.answers import ACTIONS, ActionName, Answer, Sentence
from evenhand.audit.targets import JUDGE, Judge, rests_on, version_of
from evenhand.core.content import Modality
from evenhand.core.decision import Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.detectors.registry import declarations
from evenhand.scorers import scored
from evenhand.scorers.profanity_check import BASELINE, baseline_scorer
from evenhand.service.screener import Screener

#: Sentences that a process gets at a time.
_PORTION: Final = 128
#: More bring little, since what they share is the memory.
_MOST_PROCESSES: Final = 8

#: The highest score, the action and the error of one text, as processes hand them over.
Said = tuple[float | None, ActionName | None, str]


class EngineTarget:
    """The detectors of texts with a policy, in processes of their own where that is faster.

    Args:
        policy: A policy file; by default the policy that evenhand carries.
        processes: How many; by default one for each core.

    Raises:
        ConfigurationError: The policy or a detector cannot be used.
    """

    texts_per_request = 0

    def __init__(self, policy: Path | None = None, *, processes: int = 0) -> None:
        ids = tuple(declared.id for declared in declarations() if declared.modality is Modality.TEXT)
        self._screener = _opened(policy, ids)
        decided = self._screener.policy.version
        self.name = f"evenhand ({decided.name})"
        self.version = version_of(decided)
        self.about = rests_on(decided, self._screener.versions)
        self._processes = processes or min(os.cpu_count() or 1, _MOST_PROCESSES)
        self._made_with = (policy, ids)

    def ask(self, sentences: Sequence[Sentence]) -> Iterator[list[Answer]]:
        """Yield the answers; as `Target.ask`."""
        portions = [sentences[start : start + _PORTION] for start in range(0, len(sentences), _PORTION)]
        if self._processes == 1 or len(portions) < 2:  # noqa: PLR2004 -- one alone needs no company
            for portion in portions:
                yield _answers(portion, _decide(self._screener, [one.text for one in portion]))
            return
        # Spawned, since a process with the threads of a model must not be forked.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            self._processes, mp_context=context, initializer=_begin, initargs=self._made_with
        ) as pool:
            for portion, said in zip(
                portions, pool.map(_work, [[one.text for one in portion] for portion in portions]), strict=True
            ):
                yield _answers(portion, said)

    def close(self) -> None:
        """Let go of the detectors."""
        self._screener.close()


class BaselineTarget:
    """alt-profanity-check, a known small model for English.

    Args:
        judge: From which score on it acts.

    Raises:
        ConfigurationError: `audit.not_installed`.
    """

    texts_per_request = 0
    name = BASELINE

    def __init__(self, judge: Judge = JUDGE) -> None:
        score = baseline_scorer()
        if score is None:
            raise ConfigurationError(
                "audit.not_installed",
                f"{BASELINE} is not installed.",
                field="TARGET",
                remedy="Install it with `pip install 'evenhand[bench]'`.",
            )
        self._score, self._judge = score, judge
        self.version = version(BASELINE)
        self.about: Mapping[str, Any] = {"version": self.version, "threshold": judge.threshold}

    def ask(self, sentences: Sequence[Sentence]) -> Iterator[list[Answer]]:
        """Yield the answers; as `Target.ask`."""
        for start in range(0, len(sentences), _PORTION):
            portion = sentences[start : start + _PORTION]
            scores = self._score([one.text for one in portion])
            yield [
                self._judge(one, scored.Answer({scored.ANY: float(score)}))
                for one, score in zip(portion, scores, strict=True)
            ]

    def close(self) -> None:
        """Nothing is held between calls."""


def _opened(policy: Path | None, ids: Sequence[str]) -> Screener:
    return Screener(policy, detectors=ids)


def _decide(screener: Screener, texts: Sequence[str]) -> list[Said]:
    return [_said(decision) for decision in screener.try_many(texts)]


def _said(decision: Decision | InputError) -> Said:
    if isinstance(decision, InputError):
        return None, None, decision.code
    if decision.is_degraded:
        return None, None, next((failure.code for failure in decision.failures), "decision.degraded")
    return max(decision.scores.values(), default=None), ACTIONS[decision.action.severity], ""


def _answers(sentences: Sequence[Sentence], said: Sequence[Said]) -> list[Answer]:
    return [Answer(one.id, score, action, error) for one, (score, action, error) in zip(sentences, said, strict=True)]


_screener: Screener | None = None


def _begin(policy: Path | None, ids: Sequence[str]) -> None:
    global _screener  # noqa: PLW0603 -- what a process is started for
    _screener = _opened(policy, ids)


def _work(texts: Sequence[str]) -> list[Said]:
    assert _screener is not None  # noqa: S101 -- `_begin` ran first
    return _decide(_screener, texts)

"""The second look: who is asked, how often, and what an answer is worth.

An answer moves one uncertain score to an end of its interval and does nothing else. Whatever goes wrong is said in a
notice, and then the first score stands.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy
from evenhand.second_look.allowance import Breaker, Budget
from evenhand.second_look.band import Band, Interval
from evenhand.second_look.endpoint import Endpoint, NoAnswerError, Reason
from evenhand.second_look.words import INSTRUCTIONS, MOST_TOKENS, messages, read_answer, response_formats

#: What signals, versions and notices call it.
NAME: Final = "second_look"
#: Raise it whenever the code of this room could move a score differently.
CODE_VERSION: Final = "1"
#: Questions that wait for their turn at most, where somebody waits for each of them.
MOST_WAITING: Final = 256

#: Failures that another text would meet too; one that a text can bring about never opens the breaker.
_OF_THE_ENDPOINT: Final = frozenset(
    {Reason.TIME_OUT, Reason.UNREACHABLE, Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.REDIRECT, Reason.DENIED}
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a text is an instance of a label whose score for it is uncertain."""

    text: str
    label: Label
    interval: Interval


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There is no answer to a question."""

    reason: Reason

    @property
    def notice(self) -> str:
        """The notice's code, such as `second_look.unavailable:time-out`."""
        return f"{NAME}.unavailable:{self.reason}"


Reply = Signal | Unavailable


class SecondLook:
    """Asks a chat endpoint about uncertain scores. Safe to use from several threads.

    Making one logs a line that says where texts go.

    Args:
        url: The endpoint, as OpenAI's clients take it, such as `http://127.0.0.1:11434/v1`.
        model: The model's name there.
        key: Sent as a bearer token; empty: none.
        band: Which scores are uncertain, as places around the policy's threshold; see `Band`.
        categories: The labels that it is asked about; none named: all that have a threshold, except `sexual/minors`.
        timeout_seconds: Longest time for one answer, all in all.
        calls_per_hour: Most requests in any hour.
        concurrent_calls: Most requests at once.
        failures: Failures in a row after which the endpoint is left alone.
        cooling_seconds: For so long.

    Raises:
        ConfigurationError: `endpoint.url`, or `second_look.` and `key`, `model`, `band`, `category` or `limit`.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        key: str = "",
        band: tuple[float, float] = (0.35, 0.65),
        categories: Collection[str] = (),
        timeout_seconds: float = 5.0,
        calls_per_hour: int = 1_000,
        concurrent_calls: int = 4,
        failures: int = 5,
        cooling_seconds: float = 60.0,
    ) -> None:
        limits = {
            "timeout_seconds": timeout_seconds,
            "calls_per_hour": calls_per_hour,
            "concurrent_calls": concurrent_calls,
            "failures": failures,
        }
        _check_limits(limits)
        self._endpoint = Endpoint(url, key=key)
        self._model = _checked_model(model)
        self._band = Band(*band)
        self._categories = _labels(categories) or frozenset(Label) - {Label.SEXUAL_MINORS}
        self.timeout_seconds = timeout_seconds
        self.version = self._version()
        self._budget = Budget(calls_per_hour)
        self._breaker = Breaker(failures, cooling_seconds)
        self._format = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(concurrent_calls, thread_name_prefix=NAME)
        _log.warning("Texts with uncertain scores are sent to %s for a second look.", self._endpoint.url)

    def questions(self, text: str, scores: Mapping[Label, float], policy: Policy) -> list[Question]:
        """Return what to ask about `text`, given its `scores`; nothing when all of them are clear."""
        uncertain = self._band.uncertain(scores, policy)
        return [Question(text, label, uncertain[label]) for label in uncertain if label in self._categories]

    def ask(self, question: Question, *, within: float | None = None) -> "Future[Reply]":
        """Return what will be the reply, which is never an error.

        Args:
            question: What to ask.
            within: Longest time in seconds to wait for a turn, without which it waits as long as it takes.
        """
        with self._lock:
            self._waiting += 1
            is_too_long = within is not None and self._waiting > MOST_WAITING
        if is_too_long:
            answer: Future[Reply] = Future()
            answer.set_result(self._turned_away())
            return answer
        latest = None if within is None else time.monotonic() + within
        return self._threads.submit(self._take_turn, question, latest)

    def close(self) -> None:
        """Let its threads end; what waits for a turn is not asked any more."""
        self._threads.shutdown(cancel_futures=True)

    def _turned_away(self) -> Unavailable:
        with self._lock:
            self._waiting -= 1
        return Unavailable(Reason.BUSY)

    def _take_turn(self, question: Question, latest: float | None) -> Reply:
        if latest is not None and time.monotonic() > latest:
            return self._turned_away()
        with self._lock:
            self._waiting -= 1
        try:
            return self._answer(question)
        except NoAnswerError as error:
            # Neither the text nor the answer may stand in a log.
            _log.info("no second look", extra={"reason": str(error.reason), "category": str(question.label)})
            return Unavailable(error.reason)

    def _answer(self, question: Question) -> Signal:
        answer = read_answer(self._complete(question), question.text, question.label)
        if answer is None:
            raise NoAnswerError(Reason.INVALID_ANSWER)
        is_harmful, reason = answer
        score = question.interval.high if is_harmful else question.interval.low
        return Signal(NAME, self.version, question.label, score, reason=reason)

    def _complete(self, question: Question) -> bytes:
        """Return the endpoint's completion; a server that does not take one way to ask for JSON is asked in the next.

        Raises:
            NoAnswerError: There is none.
        """
        deadline = time.monotonic() + self.timeout_seconds
        formats = response_formats(question.label)
        for place in range(self._format, len(formats) - 1):
            try:
                return self._call(question, place, deadline)
            except NoAnswerError as error:
                if error.reason is not Reason.REFUSED:
                    raise
        return self._call(question, len(formats) - 1, deadline)

    def _call(self, question: Question, place: int, deadline: float) -> bytes:
        if not self._breaker.lets_through():
            raise NoAnswerError(Reason.COOLING)
        if not self._budget.take():
            raise NoAnswerError(Reason.BUDGET)
        body = {
            "model": self._model,
            "messages": messages(question.text, question.label),
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        response_format = response_formats(question.label)[place]
        if response_format is not None:
            body["response_format"] = response_format
        try:
            completion = self._endpoint.post(body, seconds=max(0.001, deadline - time.monotonic()))
        except NoAnswerError as error:
            (self._breaker.failed if error.reason in _OF_THE_ENDPOINT else self._breaker.succeeded)()
            raise
        self._breaker.succeeded()
        self._format = place  # what this server takes, the next call begins with
        return completion

    def _version(self) -> str:
        """Return the model's name and a hash of all that an answer depends on, as far as it is known here."""
        parts: dict[str, Any] = {
            "code": CODE_VERSION,
            "url": self._endpoint.url,
            "model": self._model,
            "band": [self._band.begin, self._band.end],
            "categories": sorted(self._categories),
            "instructions": INSTRUCTIONS,
        }
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return f"{self._model}+{digest[:12]}"


def _checked_model(model: str) -> str:
    if not model or not model.isprintable():
        raise ConfigurationError(
            "second_look.model",
            "The second look needs the name of a model.",
            field="second_look_model",
            remedy="Give the name by which the endpoint knows it.",
        )
    return model


def _labels(categories: Collection[str]) -> frozenset[Label]:
    unknown = sorted(set(categories) - set(Label))
    if unknown:
        raise ConfigurationError(
            "second_look.category",
            f"There is no label {unknown[0]}.",
            field="second_look_categories",
            remedy="See `evenhand taxonomy`.",
        )
    return frozenset(map(Label, categories))


def _check_limits(limits: Mapping[str, float]) -> None:
    for name, value in limits.items():
        if value <= 0:
            raise ConfigurationError(
                "second_look.limit",
                f"The second look's {name} is {value:g}.",
                field=f"second_look_{name}",
                remedy="Give more than 0; to turn it off, leave second_look_url empty.",
            )

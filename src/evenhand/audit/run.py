"""Ask a target about sentences: say first what it will take, keep every answer, go on where a run was cut."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evenhand.audit.answers import Answer, Answers, Sentence, join
from evenhand.audit.generator import count_pairs
from evenhand.audit.kept import KeptAnswers
from evenhand.audit.targets import Target
from evenhand.core.errors import ConfigurationError, EndpointError


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will take.

    Args:
        sentences: How many there are.
        pairs: How many counterfactual pairs they make.
        answered: How many have an answer from before.
        repeated: How many are asked about a second time, to see if the answer stays.
        requests: How many requests that is, if every one is answered at once; 0 where nothing is sent.
        cost: At the price for a request.
        minutes: At least, at the requests a minute; 0 where they are not limited.
    """

    sentences: int
    pairs: int
    answered: int
    repeated: int
    requests: int
    cost: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Args:
        answers: Every sentence with its answer or its failure.
        stopped: Why the run ended early; nothing when it did not.
        repeated: How many sentences were answered twice.
        changed: How many of these got another action the second time.
    """

    answers: Answers
    stopped: EndpointError | None
    repeated: int
    changed: int


def make_plan(
    target: Target,
    sentences: Sequence[Sentence],
    kept: KeptAnswers | None,
    *,
    repeats: int = 0,
    price: float = 0.0,
    requests_per_minute: float = 0.0,
) -> Plan:
    """Return what asking `target` about `sentences` will take, beside what is kept from before; nothing is sent."""
    answered = sum(kept.is_answered(one.id) for one in sentences) if kept else 0
    per_request = target.texts_per_request
    repeated = min(repeats, len(sentences)) if per_request else 0
    requests = 0
    if per_request:
        requests = math.ceil((len(sentences) - answered) / per_request) + math.ceil(repeated / per_request)
    return Plan(
        len(sentences),
        count_pairs(sentences),
        answered,
        repeated,
        requests,
        requests * price,
        requests / requests_per_minute if requests_per_minute else 0.0,
    )


def most_requests(*, requests: int | None, cost: float | None, price: float) -> int | None:
    """Return how many requests may be sent under both limits; nothing where there is none.

    Raises:
        ConfigurationError: `audit.price`: a limit on the cost needs a price.
    """
    if cost is None:
        return requests
    if price <= 0:
        raise ConfigurationError(
            "audit.price",
            "A limit on the cost needs to know what a request costs.",
            field="--max-cost",
            remedy="Give --price-per-request.",
        )
    # A whole number of prices must not be lost to the last binary digit.
    affordable = math.floor(cost / price + 1e-9)
    return affordable if requests is None else min(requests, affordable)


def run(
    target: Target,
    sentences: Sequence[Sentence],
    kept: KeptAnswers,
    *,
    repeats: int = 0,
    seed: int = 1,
    advance: Callable[[int], object] = lambda _: None,
) -> Outcome:
    """Ask `target` about the `sentences` without an answer, keep what it says, and return all answers.

    A target that is gone or a budget that is used up ends it early: what has no answer stays a failure.

    Args:
        target: Whom to ask.
        sentences: About what.
        kept: Answers from before, and where new ones are kept.
        repeats: About how many sentences to ask a second time.
        seed: Of the choice of these.
        advance: Called with the number of sentences that are done.

    Raises:
        ConfigurationError: `audit.unusable`.
    """
    pending = [one for one in sentences if not kept.is_answered(one.id)]
    advance(len(sentences) - len(pending))
    stopped = None
    repeated = changed = 0
    try:
        for answers in target.ask(pending):
            kept.add(answers)
            advance(len(answers))
        if target.texts_per_request and repeats:
            repeated, changed = _ask_again(target, sentences, kept, repeats=repeats, seed=seed)
    except EndpointError as error:
        stopped = error
    found = [answer for one in sentences if (answer := kept.answer(one.id))]
    return Outcome(join(sentences, found), stopped, repeated, changed)


def _ask_again(
    target: Target, sentences: Sequence[Sentence], kept: KeptAnswers, *, repeats: int, seed: int
) -> tuple[int, int]:
    """Return how many sentences were answered twice, and how many of them otherwise the second time."""
    answered = [one for one in sentences if kept.is_answered(one.id)]
    again = random.Random(f"{seed} again").sample(answered, min(repeats, len(answered)))  # noqa: S311 -- a seed is wanted
    second: list[Answer] = [answer for answers in target.ask(again) for answer in answers if not answer.error]
    changed = sum(answer.action != _action(kept, answer.sentence_id) for answer in second)
    return len(second), changed


def _action(kept: KeptAnswers, sentence_id: str) -> str | None:
    found = kept.answer(sentence_id)
    return found.action if found else None

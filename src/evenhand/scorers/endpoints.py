"""Ask other servers for scores, in batches, keeping what they said so that an interrupted run goes on.

A text without an answer has the code of what went wrong in its place, never a score.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from evenhand.core.errors import EndpointError
from evenhand.scorers.dialects import DIALECTS, Dialect
from evenhand.scorers.post import Clock, Poster, endpoint_url
from evenhand.scorers.score_cache import ScoreCache
from evenhand.scorers.scored import Answer, Scored

#: So many requests in a row that failed for good end the run: the server is gone.
_FAILURES_IN_A_ROW: Final = 3
#: So many texts refused before the first answer end it too: it is not the texts.
_REFUSED_AT_FIRST: Final = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that the user named.

    Args:
        url: Its address, without the dialect's own path.
        dialect: Name of the dialect.
        key: The key; empty when it needs none.
    """

    url: str
    dialect: str
    key: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What the tables call it."""
        return f"{endpoint_url(self.url).partition('://')[2].rstrip('/')} ({self.dialect})"


@dataclass(frozen=True, slots=True)
class Manner:
    """How servers are asked.

    Args:
        cache: Folder of what they said; none keeps nothing.
        requests_per_minute: At most so many; 0 sets no limit.
        clock: What tells the time and waits.
    """

    cache: Path | None = None
    requests_per_minute: float = 0
    clock: Clock = Clock()  # noqa: RUF009 -- it is frozen


def ask_endpoint(
    endpoint: Endpoint,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    manner: Manner = Manner(),
    advance: Callable[[int], object] = lambda _: None,
) -> Scored:
    """Return what the server says of `texts`; the same text is asked for once.

    Args:
        endpoint: The server.
        texts: The texts.
        labels: What is wanted, for dialects that ask by label.
        manner: How it is asked.
        advance: Called with the number of texts that are done.

    Raises:
        ConfigurationError: `endpoint.url`, or as `ScoreCache`.
        EndpointError: The server cannot be asked at all, or is gone; what it said until then is in the cache.
    """
    dialect = DIALECTS[endpoint.dialect]
    poster = make_poster(endpoint, dialect, manner)
    ids = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    times, by_id = Counter(ids), dict(zip(ids, texts, strict=True))
    cache = ScoreCache(manner.cache, url=poster.url, dialect=dialect.name, asked=dialect.asked(labels))
    found = {text_id: Answer(scores) for text_id, scores in cache.read().items() if text_id in by_id}
    from_cache = len(found)
    advance(sum(times[text_id] for text_id in found))
    pending = {text_id: text for text_id, text in by_id.items() if text_id not in found}
    for answers in Asker(poster, dialect, labels).ask_all(pending):
        found |= answers
        cache.add({text_id: answer.scores for text_id, answer in answers.items() if not answer.error})
        advance(sum(times[text_id] for text_id in answers))
    about = {"url": endpoint.url, "dialect": endpoint.dialect, "from_cache": from_cache}
    return Scored(endpoint.name, about, [found[text_id] for text_id in ids])


def make_poster(endpoint: Endpoint, dialect: Dialect, manner: Manner, *, most_requests: int | None = None) -> Poster:
    """Return what posts to `endpoint` in `dialect`.

    Raises:
        ConfigurationError: `endpoint.url`.
    """
    header, before = dialect.key_header
    return Poster(
        endpoint.url.rstrip("/") + dialect.path,
        {**dialect.headers, **({header: before + endpoint.key} if endpoint.key else {})},
        requests_per_minute=manner.requests_per_minute,
        clock=manner.clock,
        query=dialect.query,
        method=dialect.method,
        most_requests=most_requests,
    )


class Asker:
    """Asks one server in its dialect, and tells a bad text from a bad server.

    Args:
        poster: Posts to it.
        dialect: How it is asked.
        labels: What is wanted, for dialects that ask by label.
        bears_bad_answers: Whether an answer that cannot be read counts as none, and does not end the run at once.
    """

    def __init__(
        self, poster: Poster, dialect: Dialect, labels: Sequence[str], *, bears_bad_answers: bool = False
    ) -> None:
        self._borne = {"endpoint.unavailable"} | ({"endpoint.answer"} if bears_bad_answers else set())
        self._poster = poster
        self._dialect = dialect
        self._labels = labels
        self._answered = False
        self._refused = 0
        self._failed_in_a_row = 0

    def ask_all(self, pending: Mapping[str, str]) -> Iterator[dict[str, Answer]]:
        """Yield the answers to each batch, by id.

        Raises:
            EndpointError: The server cannot be asked at all, or is gone.
        """
        ids = list(pending)
        for start in range(0, len(ids), self._dialect.texts):
            batch = ids[start : start + self._dialect.texts]
            is_last = start + self._dialect.texts >= len(ids)
            answers = self._ask_batch([pending[text_id] for text_id in batch], is_last=is_last)
            yield dict(zip(batch, answers, strict=True))

    def _ask_batch(self, texts: Sequence[str], *, is_last: bool) -> list[Answer]:
        try:
            answers = self._ask(texts, is_last=is_last)
        except EndpointError as error:
            if error.code not in self._borne:
                raise
            self._failed_in_a_row += 1
            if self._failed_in_a_row == _FAILURES_IN_A_ROW or (is_last and not self._answered):
                raise
            return [Answer({}, error.code)] * len(texts)
        self._failed_in_a_row = 0
        return answers

    def _ask(self, texts: Sequence[str], *, is_last: bool) -> list[Answer]:
        """Ask for all at once, and one by one where the server refuses them together."""
        try:
            body = self._poster.post(msgspec.json.encode(self._dialect.body(texts, self._labels)))
        except EndpointError as error:
            if error.code != "endpoint.rejected":
                raise
            if len(texts) > 1:
                last = len(texts) - 1
                return [
                    answer
                    for place, text in enumerate(texts)
                    for answer in self._ask([text], is_last=is_last and place == last)
                ]
            self._refused += 1
            if not self._answered and (is_last or self._refused == _REFUSED_AT_FIRST):
                raise
            return [Answer({}, error.code)]
        answers = self._read(body, len(texts))
        self._answered = True
        return answers

    def _read(self, body: bytes, texts: int) -> list[Answer]:
        try:
            answers = self._dialect.read(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._misread(str(error)) from None
        if len(answers) != texts:
            raise self._misread(f"{len(answers)} answers to {texts} texts")
        return [_checked(answer) for answer in answers]

    def _misread(self, what: str) -> EndpointError:
        return EndpointError(
            "endpoint.answer",
            f"{self._poster.url} does not answer in the dialect {self._dialect.name}: {what}.",
            field="--dialect",
            remedy=f"Name another dialect: {', '.join(DIALECTS)}.",
        )


def _checked(answer: Answer) -> Answer:
    """Return `answer`, without its scores where they are none or not between 0 and 1."""
    if answer.error:
        return answer
    if not answer.scores and not answer.action:
        return Answer({}, "endpoint.no_scores")
    return answer if all(0 <= score <= 1 for score in answer.scores.values()) else Answer({}, "endpoint.score")

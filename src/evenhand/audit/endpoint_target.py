"""Audit a server that the user named, within a budget. What went wrong stays an error, to be asked again next time."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from evenhand.audit.answers import Answer, Sentence
from evenhand.audit.described import read_described
from evenhand.audit.targets import JUDGE, Judge
from evenhand.core.taxonomy import ATTRIBUTES
from evenhand.scorers.dialects import DIALECTS, Dialect
from evenhand.scorers.endpoints import Asker, Endpoint, Manner, make_poster
from evenhand.scorers.post import endpoint_url

#: What a dialect is asked for that asks by name.
_LABELS: Final = tuple(map(str, ATTRIBUTES))
_MANNER: Final = Manner()


class EndpointTarget:
    """One server.

    Args:
        endpoint: Its address and key.
        dialect: How it is asked.
        judge: What its scores mean where it says no action.
        manner: How fast it is asked.
        most_requests: No more are sent, attempts counted; nothing sets no limit.
        name: What the report calls it; by default its host and dialect.
        version: Of the file that describes it.

    Raises:
        ConfigurationError: `endpoint.url`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        dialect: Dialect,
        *,
        judge: Judge = JUDGE,
        manner: Manner = _MANNER,
        most_requests: int | None = None,
        name: str = "",
        version: str = "",
    ) -> None:
        self.name = name or f"{endpoint_url(endpoint.url).partition('://')[2].rstrip('/')} ({dialect.name})"
        extra: dict[str, Any] = {"labels": sorted(judge.labels)} if judge.labels else {}
        extra |= {"description": version} if version else {}
        about = {"url": endpoint.url, "dialect": dialect.name, "threshold": judge.threshold}
        self.about: Mapping[str, Any] = about | extra
        self.version = version
        self.texts_per_request = dialect.texts
        self._dialect, self._judge = dialect, judge
        self._poster = make_poster(endpoint, dialect, manner, most_requests=most_requests)

    @property
    def requests(self) -> int:
        """How many requests were sent, attempts counted."""
        return self._poster.requests

    def ask(self, sentences: Sequence[Sentence]) -> Iterator[list[Answer]]:
        """Yield the answers; as `Target.ask`."""
        by_id = {sentence.id: sentence for sentence in sentences}
        asker = Asker(self._poster, self._dialect, _LABELS, bears_bad_answers=True)
        for said in asker.ask_all({sentence.id: sentence.text for sentence in sentences}):
            yield [self._judge(by_id[name], answer) for name, answer in said.items()]

    def close(self) -> None:
        """Nothing is held between calls."""


def named_endpoint(
    endpoint: Endpoint, *, judge: Judge = JUDGE, manner: Manner = _MANNER, most_requests: int | None = None
) -> EndpointTarget:
    """Return the server at an address, asked in a dialect that evenhand speaks.

    Raises:
        ConfigurationError: `endpoint.url`.
    """
    dialect = DIALECTS[endpoint.dialect]
    return EndpointTarget(endpoint, dialect, judge=judge, manner=manner, most_requests=most_requests)


def described_endpoint(path: Path, *, manner: Manner = _MANNER, most_requests: int | None = None) -> EndpointTarget:
    """Return the server that the file at `path` describes.

    Raises:
        ConfigurationError: As `read_described`.
    """
    found = read_described(path)
    return EndpointTarget(
        Endpoint(found.description.url, found.dialect.name),
        found.dialect,
        judge=Judge(found.description.threshold),
        manner=manner,
        most_requests=most_requests,
        name=found.description.name,
        version=found.version,
    )

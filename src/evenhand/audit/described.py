"""A moderation service in a form of its own, described in a small TOML file: where to ask, what to send, what to read.

name = "acme"
url = "https://moderation.example/v2/check"
score = "result.categories.*.confidence"
highest = 100
threshold = 0.5

[headers]
Authorization = "Bearer ${ACME_KEY}"

[body]
documents = [{content = "{text}", type = "plain"}]
"""

import hashlib
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from evenhand.core.errors import ConfigurationError
from evenhand.scorers.dialects import Dialect
from evenhand.scorers.post import endpoint_url
from evenhand.scorers.scored import ANY, Answer

_TEXT: Final = "{text}"
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_EVERY: Final = "*"


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says.

    Args:
        url: Where to ask.
        body: What to send as JSON; `{text}` in any of its strings becomes the text.
        name: What the report calls it; by default the host.
        method: Of the request.
        query: What follows `?` in the address.
        headers: `${NAME}` in a value becomes that environment variable.
        score: Where scores are in the answer: names and numbers joined by dots, `*` for every one; the highest counts.
        highest: The highest score that the service can give; scores are divided by it.
        action: Where the answer says what to do; `true` and the words in `review` and `block` are understood.
        review: Words for a review.
        block: Words for a block.
        allow: Words for nothing; any word that is in none of the three is an error.
        threshold: Without `action`: the score, between 0 and 1, from which the service would act.
    """

    url: str
    body: dict[str, Any]
    name: str = ""
    method: Literal["POST", "PUT"] = "POST"
    query: str = ""
    headers: dict[str, str] = {}
    score: str = ""
    highest: float = 1.0
    action: str = ""
    review: list[str] = []
    block: list[str] = []
    allow: list[str] = []
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Described:
    """A service and how it is asked.

    Args:
        description: What the file says.
        dialect: How it is asked.
        version: Of the file: the first 12 hex digits of its SHA-256.
    """

    description: Description
    dialect: Dialect
    version: str


def read_described(path: Path, environment: Mapping[str, str] = os.environ) -> Described:
    """Return the service that the file at `path` describes.

    Raises:
        ConfigurationError: `file.unreadable`, `endpoint.url`, or `described.invalid` with what is wrong.
    """
    try:
        data = path.read_bytes()
        found = msgspec.convert(tomllib.loads(data.decode()), Description)
    except OSError as error:
        raise ConfigurationError(
            "file.unreadable", f"{path} cannot be read: {error.strerror}.", field="TARGET", remedy="Check the path."
        ) from None
    except (ValueError, msgspec.ValidationError) as error:
        raise _invalid(path, str(error)) from None
    endpoint_url(found.url)
    _check(path, found)
    headers = {name: _filled(path, value, environment) for name, value in found.headers.items()}
    dialect = Dialect(
        "described",
        "",
        1,
        ("", ""),
        lambda texts, _: _put(found.body, texts[0]),
        lambda body: [_read(found, body)],
        query=found.query,
        headers=headers,
        method=found.method,
    )
    return Described(found, dialect, hashlib.sha256(data).hexdigest()[:12])


def _check(path: Path, found: Description) -> None:
    if not found.score and not found.action:
        raise _invalid(path, "it says neither `score` nor `action`")
    if not any(_TEXT in text for text in _strings(found.body)):
        raise _invalid(path, "its body has no {text}")
    if not (math.isfinite(found.highest) and found.highest > 0 and 0 <= found.threshold <= 1):
        raise _invalid(path, "`highest` is over 0, and `threshold` between 0 and 1")


def _filled(path: Path, value: str, environment: Mapping[str, str]) -> str:
    if missing := [name for name in _VARIABLE.findall(value) if not environment.get(name)]:
        raise _invalid(path, f"the environment has no {missing[0]}")
    filled = _VARIABLE.sub(lambda match: environment[match[1]], value)
    if not (filled.isascii() and filled.isprintable()):
        raise _invalid(path, "a header has characters that no header may have")
    return filled


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _put(value: Any, text: str) -> Any:
    """Return `value` with the text in the place of `{text}`."""
    if isinstance(value, str):
        return value.replace(_TEXT, text)
    if isinstance(value, dict):
        return {name: _put(each, text) for name, each in value.items()}
    return [_put(each, text) for each in value] if isinstance(value, list) else value


def _read(found: Description, body: bytes) -> Answer:
    answer = msgspec.json.decode(body)
    scores: dict[str, float] = {}
    if found.score:
        numbers = [float(each) for each in values_at(answer, found.score) if type(each) in {int, float}]
        if not numbers:
            raise msgspec.ValidationError(f"no number at {found.score}")
        scores[ANY] = max(numbers) / found.highest
    return Answer(scores, action=_action(found, answer) if found.action else "")


def _action(found: Description, answer: Any) -> str:
    said = {_word(found, each) for each in values_at(answer, found.action)}
    for action in ("block", "review", "allow"):
        if action in said and "" not in said:
            return action
    raise msgspec.ValidationError(f"no known word at {found.action}")


def _word(found: Description, value: Any) -> str:
    if isinstance(value, bool):
        return "review" if value else "allow"
    for action, words in (("block", found.block), ("review", found.review), ("allow", found.allow)):
        if isinstance(value, str) and value in words:
            return action
    return ""


def values_at(value: Any, path: str) -> list[Any]:
    """Return what is at `path` in `value`: names and numbers joined by dots, `*` for every one."""
    found = [value]
    for step in path.split("."):
        found = [each for one in found for each in _step(one, step)]
    return found


def _step(value: Any, step: str) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == _EVERY else [value[step]] if step in value else []
    if isinstance(value, list):
        if step == _EVERY:
            return value
        return [value[int(step)]] if step.isdecimal() and int(step) < len(value) else []
    return []


def _invalid(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        "described.invalid", f"{path}: {what}.", field="TARGET", remedy="Mend the file; docs/audit.md has its form."
    )

"""A chat endpoint on 127.0.0.1 that answers as it is told; the fault a test is about is made with it."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from fakes.scripted_server import Scripted, scripted_server

REASON = "Calls a person names."


def opinion(harmful: Any = True, *, category: str = "harassment", reason: Any = REASON) -> str:
    """Return the words of a model that does as it is told."""
    return json.dumps({"category": category, "harmful": harmful, "reason": reason})


def completion(content: Any) -> dict[str, Any]:
    """Return a completion with `content`, in OpenAI's shape."""
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}],
    }


def said(content: Any) -> tuple[int, dict[str, str], Any]:
    """Return an answer of the server that says `content`."""
    return 200, {}, completion(content)


def text_in(request: dict[str, Any]) -> str:
    """Return the text that `request` asks about."""
    return json.loads(request["messages"][1]["content"])["text"]


def category_in(request: dict[str, Any]) -> str:
    """Return the category that `request` asks about."""
    return request["messages"][0]["content"].split("Category: ")[1].split("\n")[0]


@contextlib.contextmanager
def judge(is_harmful: Any) -> Iterator[Scripted]:
    """Serve a model that answers every question by `is_harmful(text)`."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return completion(opinion(is_harmful(text_in(request)), category=category_in(request)))

    with scripted_server((200, {}, answer)) as server:
        yield server

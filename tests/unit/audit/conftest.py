"""Sentences to ask about, and a clock that nobody waits for."""

import pytest

from evenhand.audit.answers import Sentence
from waiting import Time


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def clock(time):
    return time.clock()


@pytest.fixture
def make():
    """Give a function that makes so many sentences, four to a template."""

    def make(count, *, expected="allow"):
        return tuple(
            Sentence(f"s{at}", "plain", f"template {at // 4}", f"group {at % 4}", "kind", "en", expected, f"text {at}")
            for at in range(count)
        )

    return make

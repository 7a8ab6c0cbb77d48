"""Sentences to ask about, and a clock that nobody waits for."""

import pytest

from evenhand.audit.answers import Sentence
from evenhand.scorers.post import Clock


class Time:
    """Seconds that pass only by sleeping."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def clock(time):
    return Clock(now=lambda: time.now, sleep=time.sleep)


@pytest.fixture
def make():
    """Give a function that makes so many sentences, four to a template."""

    def make(count, *, expected="allow"):
        return tuple(
            Sentence(f"s{at}", "plain", f"template {at // 4}", f"group {at % 4}", "kind", "en", expected, f"text {at}")
            for at in range(count)
        )

    return make

"""A clock that nobody waits for."""

import pytest

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

"""A clock that nobody waits for."""

from evenhand.scorers.post import Clock


class Time:
    """Seconds that pass only by sleeping."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def clock(self):
        return Clock(now=lambda: self.now, sleep=self.sleep)

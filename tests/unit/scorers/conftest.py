"""A clock that nobody waits for."""

import pytest

from waiting import Time


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def clock(time):
    return time.clock()

import pytest

from evenhand.second_look.allowance import Breaker, Budget


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def test_a_budget_holds_in_any_hour(clock):
    budget = Budget(2, now=clock)
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
    clock.seconds += 3599
    assert not budget.take()
    clock.seconds += 1
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]


def test_a_budget_comes_back_call_by_call(clock):
    budget = Budget(2, now=clock)
    budget.take()
    clock.seconds += 1800
    budget.take()
    clock.seconds += 1800
    assert [budget.take(), budget.take()] == [True, False]


def test_a_breaker_opens_after_failures_in_a_row_only(clock):
    breaker = Breaker(2, 60, now=clock)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.lets_through()
    breaker.failed()
    assert not breaker.lets_through()


def test_after_a_rest_one_call_tries_for_all(clock):
    breaker = Breaker(1, 60, now=clock)
    breaker.failed()
    clock.seconds += 59
    assert not breaker.lets_through()
    clock.seconds += 1
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.failed()
    clock.seconds += 59
    assert not breaker.lets_through()
    clock.seconds += 1
    assert breaker.lets_through()
    breaker.succeeded()
    assert [breaker.lets_through(), breaker.lets_through()] == [True, True]
